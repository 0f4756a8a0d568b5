//! A copy of the running database through SQLite's own backup interface.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::errors::store_error;
use crate::error::StoreError;

/// How many pages are copied between two looks at the progress.
const PAGES: i32 = 2048;

/// Copies the database at `from` to a new file at `to`, while others write. `progress` is told the pages done and
/// the pages in all.
pub(crate) fn copy_database(
    from: &Path,
    to: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), StoreError> {
    let mut run = || -> rusqlite::Result<()> {
        let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // One read transaction, so that writers cannot make the copy begin again.
        source.execute_batch("BEGIN; SELECT count(*) FROM schema_migrations;")?;
        let mut target = Connection::open(to)?;
        target.execute_batch("PRAGMA synchronous = FULL")?;
        {
            let backup = Backup::new(&source, &mut target)?;
            loop {
                let step = backup.step(PAGES)?;
                let pages = backup.progress();
                let total = u64::try_from(pages.pagecount).unwrap_or(0);
                progress(
                    total.saturating_sub(u64::try_from(pages.remaining).unwrap_or(0)),
                    total,
                );
                match step {
                    StepResult::Done => break,
                    StepResult::More => {}
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        }
        source.execute_batch("ROLLBACK")?;
        target.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
    };
    run().map_err(|error| store_error(&error))
}
