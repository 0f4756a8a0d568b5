//! The raw engine, to measure the store against.

use std::path::Path;

use super::apply::insert_event;
use super::errors::store_error;
use super::{DATABASE, open_writer};
use crate::batch::Batch;
use crate::bench::{insert_sql, puts};
use crate::error::StoreError;

/// Inserts the batches' rows with prepared statements, `group` batches to a transaction, settings as the writer's.
pub(crate) fn raw_inserts(dir: &Path, batches: &[Batch], group: usize) -> Result<(), StoreError> {
    let run = || -> rusqlite::Result<()> {
        let connection = open_writer(&dir.join(DATABASE))?;
        let mut position = 0;
        for group in batches.chunks(group) {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for batch in group {
                for event in &batch.events {
                    position += 1;
                    insert_event(&connection, event, position)?;
                }
                for row in puts(batch) {
                    let mut insert = connection.prepare_cached(&insert_sql(row.table, '?'))?;
                    insert.execute(rusqlite::params_from_iter(&row.values))?;
                }
            }
            connection.execute_batch("COMMIT")?;
        }
        Ok(())
    };
    run().map_err(|error| store_error(&error))
}
