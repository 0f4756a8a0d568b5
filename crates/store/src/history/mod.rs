//! One history: events chained per record, sealed together in a Merkle tree.

mod derive;
pub mod hash;
pub mod merkle;
mod proof;
mod root;
pub(crate) mod seal;
pub mod verify;
mod walk;

pub use proof::{Proof, ProofError, ProvenEvent, Trust, check_proof};
pub(crate) use root::NEWEST_ROOT;
pub use root::{SignedRoot, Witness};

use std::sync::Arc;

use crate::batch::{Head, RecordId};
use crate::error::StoreError;
use crate::value::{Answer, Value};
use hash::{ChainLink, Hash, chain_hash};

/// An event as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The record it happened to.
    pub record: RecordId,
    /// The record's kind.
    pub kind: Arc<str>,
    /// Its place in the record's chain, from 1.
    pub seq: i64,
    /// The event's kind.
    pub name: Arc<str>,
    /// When it happened, in ms.
    pub happened: i64,
    /// When it was recorded, in ms.
    pub recorded: i64,
    /// The person who acted; 0 is the engine.
    pub actor: i64,
    /// The salt; `None` when erased.
    pub salt: Option<Arc<[u8]>>,
    /// The payload, JSON; `None` when erased.
    pub payload: Option<Arc<[u8]>>,
    /// H(salt ‖ payload); stays when they are erased.
    pub payload_hash: Hash,
    /// The chain hash.
    pub hash: Hash,
    /// Its position in the whole history, from 1, where it was asked for and is given.
    pub position: Option<i64>,
}

impl StoredEvent {
    /// The head that the record has after this event.
    pub fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash,
        }
    }

    /// The hash this event should have, coming after `previous`.
    pub fn expected_hash(&self, previous: &Hash) -> Hash {
        self.borrowed().expected_hash(previous)
    }

    pub(crate) fn borrowed(&self) -> EventRef<'_> {
        EventRef {
            record: self.record.0,
            seq: self.seq,
            kind: &self.kind,
            name: &self.name,
            happened: self.happened,
            recorded: self.recorded,
            actor: self.actor,
            salt: self.salt.as_deref(),
            payload: self.payload.as_deref(),
            payload_hash: &self.payload_hash,
            hash: &self.hash,
            position: self.position,
        }
    }

    /// Reads the columns in the order of [`crate::engine::Texts`].
    pub(crate) fn read(answer: Answer) -> Result<Self, StoreError> {
        let values: Result<[Value; 12], _> = answer.into_values().try_into();
        let Ok(
            [
                record,
                seq,
                kind,
                name,
                happened,
                recorded,
                actor,
                salt,
                payload,
                payload_hash,
                hash,
                position,
            ],
        ) = values
        else {
            return Err(StoreError::Damaged(
                "an event has another number of columns".into(),
            ));
        };
        Ok(StoredEvent {
            record: RecordId(int(&record)?),
            kind: text(kind)?,
            seq: int(&seq)?,
            name: text(name)?,
            happened: int(&happened)?,
            recorded: int(&recorded)?,
            actor: int(&actor)?,
            salt: blob(salt)?,
            payload: blob(payload)?,
            payload_hash: hash_of(&payload_hash)?,
            hash: hash_of(&hash)?,
            position: position.as_int(),
        })
    }
}

/// An event as it is read in passing, without keeping anything of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventRef<'a> {
    pub record: i64,
    pub seq: i64,
    pub kind: &'a str,
    pub name: &'a str,
    pub happened: i64,
    pub recorded: i64,
    pub actor: i64,
    pub salt: Option<&'a [u8]>,
    pub payload: Option<&'a [u8]>,
    pub payload_hash: &'a Hash,
    pub hash: &'a Hash,
    pub position: Option<i64>,
}

impl EventRef<'_> {
    /// The hash this event should have, coming after `previous`.
    pub fn expected_hash(&self, previous: &Hash) -> Hash {
        let link = ChainLink {
            record: self.record,
            seq: self.seq,
            record_kind: self.kind,
            name: self.name,
            happened: self.happened,
            recorded: self.recorded,
            actor: self.actor,
            payload_hash: self.payload_hash,
        };
        chain_hash(previous, &link)
    }
}

/// What is done with each event in passing, on the thread that reads.
pub(crate) type Visit = Box<dyn FnMut(&EventRef<'_>) + Send>;

impl Head {
    /// The head after a record's events, which stand in order.
    pub fn of(events: &[StoredEvent]) -> Head {
        events.last().map_or(Head::EMPTY, StoredEvent::head)
    }
}

fn int(value: &Value) -> Result<i64, StoreError> {
    value
        .as_int()
        .ok_or_else(|| StoreError::Damaged("an event's number is missing".into()))
}

fn text(value: Value) -> Result<Arc<str>, StoreError> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err(StoreError::Damaged("an event's name is missing".into())),
    }
}

fn blob(value: Value) -> Result<Option<Arc<[u8]>>, StoreError> {
    match value {
        Value::Blob(bytes) => Ok(Some(bytes)),
        Value::Null => Ok(None),
        _ => Err(StoreError::Damaged("an event's payload is not bytes".into())),
    }
}

pub(crate) fn hash_of(value: &Value) -> Result<Hash, StoreError> {
    let bytes = value.as_blob().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| StoreError::Damaged("a hash is not 32 bytes".into()))
}
