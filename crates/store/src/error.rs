//! What can go wrong, and what the caller can do about it.

use crate::batch::RecordId;
use crate::value::Value;

/// A read, a plain statement or the store's own work failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The disk is full. Nothing was written; it works again once there is room.
    #[error("the disk that holds the database is full: make room, nothing was written")]
    StorageFull,
    /// The database cannot be reached now. Nothing was written; asking again later may succeed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Another server holds the data folder.
    #[error(
        "{0} is in use by another running server: stop that one first, or give this one a folder of its own"
    )]
    Locked(String),
    /// The database was written by a newer program.
    #[error(
        "the database has migration {found}, this program knows them up to {known}: start the newer program"
    )]
    NewerSchema {
        /// The highest number found in the database.
        found: u32,
        /// The highest number this program brings.
        known: u32,
    },
    /// Restoring or importing wants an empty database, and this one is not.
    #[error("the database already holds {events} events: restore and import go only into an empty one")]
    NotEmpty {
        /// How many events it holds.
        events: i64,
    },
    /// What was read is not what was written: a damaged file, a foreign folder.
    #[error("{0}")]
    Damaged(String),
    /// A folder or file outside the database could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The path.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
    /// Anything else the engine refused: a mistake in a statement, a broken constraint.
    #[error("{0}")]
    Failed(String),
}

impl StoreError {
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return StoreError::StorageFull;
        }
        StoreError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        }
    }
}

/// A batch was not committed (or, for [`CommitError::AlreadyDone`], was committed before). Nothing of it was
/// written unless the outcome is [`CommitError::Unknown`].
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// The record went on since it was read: read again and decide again.
    #[error("record {record:?} has gone on since it was read: it already has an event {seq}")]
    Stale {
        /// The record.
        record: RecordId,
        /// The sequence number the batch wanted to write.
        seq: i64,
        /// Who did what since: the latest event by a person if there is one (then it is a lost race to explain),
        /// else the latest by the engine (actor 0: just decide again).
        by: Option<(i64, String)>,
    },
    /// A claim is held.
    #[error("{name} {key} is already claimed by record {record:?}")]
    Claimed {
        /// The claim's name.
        name: String,
        /// The claim's key.
        key: String,
        /// The record that holds it.
        record: RecordId,
    },
    /// A guarding fact has another answer now than when it was decided.
    #[error("the fact {name} has changed since it was asked")]
    GuardChanged {
        /// The guard's name.
        name: String,
        /// Its answer now: all rows' values, one after the other.
        now: Vec<Value>,
    },
    /// The idempotency key was committed before; this is what was kept with it.
    #[error("this was done before")]
    AlreadyDone(Vec<u8>),
    /// The disk is full. It works again once there is room.
    #[error("the disk that holds the database is full: make room, nothing was written")]
    StorageFull,
    /// The database cannot be reached now; nothing was written.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The connection was lost while committing and the outcome could not be found out. Ask
    /// [`crate::Store::outcome`] with the idempotency key later, or send the batch again with the same key.
    #[error("the connection to the database was lost while committing, the outcome is not known yet: {0}")]
    Unknown(String),
    /// A mistake in the batch or its statements.
    #[error("{0}")]
    Failed(String),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::StorageFull => CommitError::StorageFull,
            StoreError::Unavailable(reason) => CommitError::Unavailable(reason),
            StoreError::Closed => CommitError::Unavailable("the store is closed".into()),
            other => CommitError::Failed(other.to_string()),
        }
    }
}

/// A batch stands, durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The position of its last event where the engine knows it at once (SQLite); elsewhere the sealer gives it
    /// within 100 ms: see [`crate::Store::sealed_at`].
    pub position: Option<i64>,
}
