//! Migrations at start, by one node at a time.

use tokio_postgres::Error;

use super::errors::{describe, store_error};
use super::link::Link;
use crate::error::StoreError;
use crate::migrations::{LEDGER, Migration, pending};

/// The advisory lock that nodes starting together wait for.
pub(super) const LOCK: i64 = 0x7368_6f75_7765_6e00;

/// The numbers of the migrations that a database has; none where it is empty.
pub(crate) async fn applied(url: &str) -> Result<Vec<u32>, StoreError> {
    let failed = |error: Error| store_error(&error);
    let client = Link::parse(url)?.connect().await?;
    let there = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    let there: bool = client
        .query_one(there, &[])
        .await
        .map_err(failed)?
        .try_get(0)
        .map_err(failed)?;
    if !there {
        return Ok(Vec::new());
    }
    let rows = client
        .query("SELECT number FROM schema_migrations ORDER BY number", &[])
        .await
        .map_err(failed)?;
    let number = |row: &tokio_postgres::Row| u32::try_from(row.try_get::<_, i64>(0).ok()?).ok();
    Ok(rows.iter().filter_map(number).collect())
}

pub(super) async fn migrate(link: &Link, callers: &[Migration]) -> Result<(), StoreError> {
    let failed = |error: Error| store_error(&error);
    let client = link.connect().await?;
    // Held until this connection ends.
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(failed)?;
    client.batch_execute(LEDGER).await.map_err(failed)?;
    let rows = client
        .query("SELECT number FROM schema_migrations ORDER BY number", &[])
        .await
        .map_err(failed)?;
    let numbers: Vec<u32> = rows
        .iter()
        .filter_map(|row| u32::try_from(row.try_get::<_, i64>(0).ok()?).ok())
        .collect();
    for migration in pending(&numbers, callers)? {
        let run = async {
            client.batch_execute("BEGIN").await?;
            client.batch_execute(migration.postgres).await?;
            let note = "INSERT INTO schema_migrations (number, name, applied) VALUES ($1, $2, $3)";
            let number = i64::from(migration.number);
            client
                .execute(note, &[&number, &migration.name, &crate::clock::system_ms()])
                .await?;
            client.batch_execute("COMMIT").await
        };
        if let Err(error) = run.await {
            // Without a commit the server takes everything back, if need be when the connection ends.
            let _ = client.batch_execute("ROLLBACK").await;
            return Err(StoreError::Failed(format!(
                "migration {} ({}) failed, nothing of it was kept: {}",
                migration.number,
                migration.name,
                describe(&error)
            )));
        }
    }
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await
        .map_err(failed)?;
    Ok(())
}
