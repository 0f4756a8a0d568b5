//! A whole database put aside: its schema takes another name, and an empty one takes its place.

use super::errors::store_error;
use super::link::Link;
use super::migrate::LOCK;
use crate::error::StoreError;

const WORKING: &str = "SELECT count(*) FROM nodes \
     WHERE until > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
const CURRENT: &str = "SELECT CAST(current_schema() AS TEXT)";

pub(crate) async fn put_aside(url: &str, name: &str) -> Result<(), StoreError> {
    let client = Link::parse(url)?.connect().await?;
    let run = async {
        client.batch_execute("BEGIN").await?;
        // A node that starts meanwhile waits, and makes its tables in the new schema.
        client
            .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
            .await?;
        let working: i64 = client.query_one(WORKING, &[]).await?.try_get(0)?;
        if working > 0 {
            client.batch_execute("ROLLBACK").await?;
            return Ok(false);
        }
        let current: String = client.query_one(CURRENT, &[]).await?.try_get(0)?;
        let current = current.replace('"', "\"\"");
        let rename =
            format!("ALTER SCHEMA \"{current}\" RENAME TO \"{name}\"; CREATE SCHEMA \"{current}\"; COMMIT");
        client.batch_execute(&rename).await?;
        Ok::<bool, tokio_postgres::Error>(true)
    };
    match run.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(StoreError::Locked("another node works on this database".into())),
        Err(error) => Err(store_error(&error)),
    }
}
