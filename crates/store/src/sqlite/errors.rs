//! SQLite's errors in the store's words.

use rusqlite::{Error, ErrorCode};

use crate::error::StoreError;

/// Whether the engine itself failed, so that the whole transaction is lost and not just one statement.
pub(super) fn is_fatal(error: &Error) -> bool {
    matches!(
        store_error(error),
        StoreError::StorageFull | StoreError::Unavailable(_) | StoreError::Damaged(_)
    )
}

pub(crate) fn store_error(error: &Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::StorageFull,
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::PermissionDenied,
        ) => StoreError::Unavailable(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged(format!("the database file is damaged, restore a backup: {error}"))
        }
        _ => StoreError::Failed(error.to_string()),
    }
}
