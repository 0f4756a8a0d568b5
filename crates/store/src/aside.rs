//! Putting a whole database aside so that a new one begins in its place. Nothing of it is changed: its history, roots and
//! proofs stand there as they stood. The database must be closed.

use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::{postgres, sqlite};

fn fits(name: &str) -> Result<(), StoreError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if (1..=60).contains(&name.len()) && name.bytes().all(plain) {
        Ok(())
    } else {
        Err(StoreError::Failed(format!(
            "{name} is no name for a database that is put aside"
        )))
    }
}

/// Puts the SQLite database of a folder into a folder of this name inside it; gives that folder. Served from there
/// (`--data`), it is what it was.
pub async fn put_folder_aside(dir: impl AsRef<Path>, name: &str) -> Result<PathBuf, StoreError> {
    fits(name)?;
    let (dir, name) = (dir.as_ref().to_owned(), name.to_owned());
    let moving = tokio::task::spawn_blocking(move || sqlite::put_aside(&dir, &name));
    moving
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))?
}

/// Gives the schema of a PostgreSQL database this name and puts an empty one in its place. Refused with
/// [`StoreError::Locked`] while a node works on it.
pub async fn put_schema_aside(url: &str, name: &str) -> Result<(), StoreError> {
    fits(name)?;
    postgres::put_aside(url, name).await
}
