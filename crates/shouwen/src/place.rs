//! Opening the database that a command works on.

use std::sync::Arc;

use anyhow::Context;
use server::centre::Centre;
use server::schema::MIGRATIONS;
use store::Store;

use crate::config::Settings;

/// Opens the store.
pub async fn store(settings: &Settings) -> anyhow::Result<Store> {
    match &settings.database {
        Some(url) => Store::open_postgres(url, MIGRATIONS).await.context("the database"),
        None => Store::open_sqlite(&settings.data, MIGRATIONS)
            .await
            .with_context(|| format!("the database in {}", settings.data.display())),
    }
}

/// Opens the centre.
pub async fn centre(settings: &Settings) -> anyhow::Result<Arc<Centre>> {
    let store = store(settings).await?;
    Ok(Arc::new(Centre::open(store).await.context("the centre's packs and organisation")?))
}
