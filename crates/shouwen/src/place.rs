//! Opening the database that a command works on.

use std::sync::Arc;

use anyhow::Context;
use server::centre::Centre;
use server::schema::MIGRATIONS;
use store::{Store, StoreError};

use crate::backups;
use crate::config::Settings;

/// Opens the store; a database in use that an older program left is backed up before its schema is changed.
pub async fn store(settings: &Settings) -> anyhow::Result<Store> {
    backups::before_upgrade(settings).await?;
    match &settings.database {
        Some(url) => Store::open_postgres(url, MIGRATIONS)
            .await
            .context("the database"),
        None => Store::open_sqlite(&settings.data, MIGRATIONS)
            .await
            .with_context(|| format!("the database in {}", settings.data.display())),
    }
}

/// Opens the store for reading: an embedded database may be held by a running server, which goes on.
pub async fn store_for_reading(settings: &Settings) -> anyhow::Result<Store> {
    if settings.database.is_none() {
        if !settings.data.join("shouwen.db").is_file() {
            anyhow::bail!(
                "there is no database in {}: name its folder with --data (shouwen serve makes a new one)",
                settings.data.display()
            );
        }
        match Store::open_sqlite(&settings.data, MIGRATIONS).await {
            Err(StoreError::Locked(_)) => {
                return Store::open_sqlite_beside(&settings.data, MIGRATIONS)
                    .await
                    .with_context(|| format!("the database in {}", settings.data.display()));
            }
            opened => return opened.with_context(|| format!("the database in {}", settings.data.display())),
        }
    }
    store(settings).await
}

/// Signs a root over everything committed, where this process may: beside a running server, which signs by itself each
/// second, or where the history does not give the roots it has, what follows goes on with the newest root there is.
pub async fn seal(store: &Store) {
    if store.reads_only() {
        return;
    }
    match store.seal_now().await {
        Ok(_) => {}
        // Where the database is really out of reach, what follows says so.
        Err(StoreError::Unavailable(_)) => tracing::debug!("a running node signs the roots"),
        Err(error) => tracing::warn!(%error, "no new root is signed now"),
    }
}

/// Opens the centre for reading.
pub async fn centre_for_reading(settings: &Settings) -> anyhow::Result<Arc<Centre>> {
    let store = store_for_reading(settings).await?;
    Ok(Arc::new(
        Centre::open(store)
            .await
            .context("the centre's packs and organisation")?,
    ))
}

/// Opens the centre.
pub async fn centre(settings: &Settings) -> anyhow::Result<Arc<Centre>> {
    let store = store(settings).await?;
    Ok(Arc::new(
        Centre::open(store)
            .await
            .context("the centre's packs and organisation")?,
    ))
}
