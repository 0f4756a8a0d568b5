//! How to reach the server, and a connection that is driven by its own task.

use std::time::Duration;

use tokio_postgres::{Client, Config, NoTls};

use super::errors::store_error;
use crate::error::StoreError;

/// The address, with what every connection of ours is set to.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub config: Config,
}

impl Link {
    /// Reads a `postgres://` address or a `key=value` line.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
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
        Ok(Link { config })
    }

    /// A connection of one's own, driven until its client is dropped.
    pub async fn connect(&self) -> Result<Client, StoreError> {
        let (client, connection) = self
            .config
            .connect(NoTls)
            .await
            .map_err(|error| store_error(&error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to the database was lost");
            }
        });
        Ok(client)
    }
}
