//! PostgreSQL's errors in the store's words.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::StoreError;

/// The error with what the server said; the driver's own text hides it.
pub(super) fn describe(error: &Error) -> String {
    error.as_db_error().map_or_else(
        || match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
        |said| match said.detail() {
            Some(detail) => format!("{} ({detail})", said.message()),
            None => said.message().to_owned(),
        },
    )
}

/// Whether the connection is gone, and with it the knowledge of what was done.
pub(super) fn is_lost(error: &Error) -> bool {
    match error.as_db_error() {
        Some(said) => {
            let code = said.code();
            matches!(
                *code,
                SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW
            ) || code.code().starts_with("08")
        }
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
        }
    }
}

/// Whether doing the same again may succeed.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED)
    )
}

/// Whether one of the store's own preconditions was broken by somebody else meanwhile, so that checking again
/// will tell who.
pub(super) fn is_race(error: &Error) -> bool {
    let Some(said) = error.as_db_error() else {
        return false;
    };
    let broken = matches!(
        *said.code(),
        SqlState::UNIQUE_VIOLATION | SqlState::NOT_NULL_VIOLATION
    );
    broken && matches!(said.table(), Some("events" | "claims" | "idempotency"))
}

pub(super) fn store_error(error: &Error) -> StoreError {
    if is_lost(error) {
        return StoreError::Unavailable(describe(error));
    }
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreError::StorageFull,
        Some(&SqlState::TOO_MANY_CONNECTIONS | &SqlState::IO_ERROR | &SqlState::OUT_OF_MEMORY) => {
            StoreError::Unavailable(describe(error))
        }
        Some(_) => StoreError::Failed(describe(error)),
        // What the server did not say came from the way there or from our own encoding.
        None if error.to_string().starts_with("error connecting") => StoreError::Unavailable(describe(error)),
        None => StoreError::Failed(describe(error)),
    }
}

/// A connection that could not be made: whatever the reason, the database cannot be reached now. A server that refuses
/// (starting, stopping, full, closed to this user for a while) is waited for like one that is gone.
pub(super) fn connect_error(error: &Error) -> StoreError {
    StoreError::Unavailable(describe(error))
}
