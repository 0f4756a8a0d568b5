//! The store: one SQL text for SQLite and PostgreSQL.
//!
//! **Knows** batches with their preconditions, events chained per record, projection tables, claims, numbers,
//! leases, files, and how each engine is best used. **Never knows** what a case is, what an event means, or why a
//! fact guards a decision: those come in as names, bytes and statements.
//!
//! Everything one decision writes is a [`Batch`]. It stands as a whole or not at all, and [`Store::commit`] answers
//! only after it stands durably. Batches that wait at the same time share a transaction (group commit), yet each
//! has its own outcome, the one it would have had alone.
//!
//! The history (`events`) is only ever appended to. Each record's events form a hash chain; the sealer gives every
//! event a dense position and joins their hashes in a Merkle tree with signed roots. Erasing takes an event's
//! payload and salt and leaves its header and hashes, so that every proof still holds.
//!
//! Queries are plain SQL in what both engines speak: parameters `$1`, `$2` … by number, casts and NULL order
//! explicit, integers for times, flags, money and quantities.

pub mod aside;
pub mod backup;
mod batch;
pub mod bench;
mod clock;
mod engine;
mod error;
pub mod export;
mod figures;
mod files;
pub mod history;
mod ids;
mod migrations;
mod node;
mod postgres;
mod snapshot;
mod sqlite;
mod store;
mod table;
pub mod upgrade;
mod value;
mod view;
mod work;

pub use batch::{Batch, EventHeader, Guard, Head, RecordId};
pub use engine::Sealed;
pub use error::{CommitError, Committed, StoreError};
pub use figures::Figures;
pub use files::{FileId, Files, FolderFiles};
pub use history::StoredEvent;
pub use migrations::{FIRST_CALLER, Migration};
pub use node::Lease;
pub use store::Store;
pub use table::{Column, ColumnKind, Row, RowWrite, Table, difference};
pub use value::{Answer, Value};
pub use view::View;
pub use work::Work;
