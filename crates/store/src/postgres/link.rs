//! How to reach the server, and a connection that is driven by its own task.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::errors::connect_error;
use super::tls;
use crate::error::StoreError;

/// The address, with what every connection of ours is set to.
#[derive(Clone)]
pub(crate) struct Link {
    config: Config,
    tls: MakeRustlsConnect,
}

/// The half of a connection that must be driven.
pub(crate) type Driven = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Link {
    /// Reads a `postgres://` address or a `key=value` line.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let (url, asked) = tls::read(url)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            StoreError::Failed(format!(
                "the database's address cannot be read ({error}): write postgres://user:password@host/database"
            ))
        })?;
        let given = config.get_options().unwrap_or_default().to_owned();
        config.options(format!("{given} -c jit=off -c timezone=UTC -c client_min_messages=warning").trim());
        if config.get_application_name().is_none() {
            config.application_name("shouwen");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.keepalives_idle(Duration::from_secs(30));
        Ok(Link {
            config,
            tls: tls::connector(&asked)?,
        })
    }

    /// Makes the connections of a pool.
    pub fn manager(&self, config: ManagerConfig) -> Manager {
        Manager::from_config(self.config.clone(), self.tls.clone(), config)
    }

    /// A connection whose other half the caller drives. Whatever hinders it, the database cannot be reached.
    pub async fn open(&self) -> Result<(Client, Driven), StoreError> {
        self.config
            .connect(self.tls.clone())
            .await
            .map_err(|error| connect_error(&error))
    }

    /// A connection of one's own, driven until its client is dropped.
    pub async fn connect(&self) -> Result<Client, StoreError> {
        let (client, connection) = self.open().await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to the database was lost");
            }
        });
        Ok(client)
    }
}
