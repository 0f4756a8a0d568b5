//! Before an upgrade: which migrations a database has and which it lacks, without changing anything.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::migrations::{self, Migration};
use crate::sqlite::{self, DATABASE};

/// How a database stands to a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The migrations it has; none where there is no database yet.
    pub applied: Vec<u32>,
    /// Those it lacks.
    pub missing: Vec<u32>,
}

impl Standing {
    fn of(applied: Vec<u32>, callers: &[Migration]) -> Result<Self, StoreError> {
        let missing = migrations::pending(&applied, callers)?;
        Ok(Standing {
            missing: missing.iter().map(|migration| migration.number).collect(),
            applied,
        })
    }

    /// Whether opening it would change a database that is in use already.
    pub fn upgrades(&self) -> bool {
        !self.applied.is_empty() && !self.missing.is_empty()
    }

    /// Those of the migrations that it has: with these it can be opened as it is.
    pub fn as_it_is(&self, callers: &[Migration]) -> Vec<Migration> {
        let had = |migration: &&Migration| self.applied.contains(&migration.number);
        callers.iter().filter(had).copied().collect()
    }
}

/// How the database in a folder stands.
///
/// # Errors
/// When it cannot be read, or a newer program has migrated it.
pub fn in_folder(dir: &Path, callers: &[Migration]) -> Result<Standing, StoreError> {
    let path = dir.join(DATABASE);
    if !path.is_file() {
        return Standing::of(Vec::new(), callers);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    // A database whose first start broke off has no ledger yet.
    Standing::of(sqlite::applied(&connection).unwrap_or_default(), callers)
}

/// How the database on a server stands.
///
/// # Errors
/// When it cannot be read, or a newer program has migrated it.
pub async fn on_server(url: &str, callers: &[Migration]) -> Result<Standing, StoreError> {
    Standing::of(crate::postgres::applied(url).await?, callers)
}
