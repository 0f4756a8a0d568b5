//! Numbered changes of the schema, one text per engine under one number, applied in order at start.

use crate::error::StoreError;

/// One numbered change. The store's own begin at 1, its callers' at [`FIRST_CALLER`].
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; applied in ascending order, each exactly once.
    pub number: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The SQLite text; several statements.
    pub sqlite: &'static str,
    /// The PostgreSQL text; several statements.
    pub postgres: &'static str,
}

/// The first number that callers may use.
pub const FIRST_CALLER: u32 = 100;

/// The store's own.
const OWN: &[Migration] = &[Migration {
    number: 1,
    name: "history, claims, numbers, leases",
    sqlite: include_str!("migrations/0001_history.sqlite.sql"),
    postgres: include_str!("migrations/0001_history.postgres.sql"),
}];

/// The table that remembers what was applied; the same text on both engines.
pub(crate) const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
     number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied BIGINT NOT NULL)";

/// The migrations still to apply, given the numbers applied before. Refuses numbers out of range or order, and a
/// database that knows a number which this program does not.
pub(crate) fn pending(applied: &[u32], callers: &[Migration]) -> Result<Vec<Migration>, StoreError> {
    let mut all = OWN.to_vec();
    for migration in callers {
        let last = all.last().map_or(0, |last| last.number);
        if migration.number < FIRST_CALLER || migration.number <= last {
            return Err(StoreError::Failed(format!(
                "migration {} ({}) must have a number above {last} and not below {FIRST_CALLER}",
                migration.number, migration.name
            )));
        }
        all.push(*migration);
    }
    for number in applied {
        if !all.iter().any(|migration| migration.number == *number) {
            let own = *number < FIRST_CALLER;
            let mine = all.iter().filter(|m| (m.number < FIRST_CALLER) == own);
            let known = mine.map(|m| m.number).max().unwrap_or(0);
            return Err(StoreError::NewerSchema {
                found: *number,
                known,
            });
        }
    }
    all.retain(|migration| !applied.contains(&migration.number));
    Ok(all)
}
