//! A batch: everything one decision writes, with its preconditions. It stands as a whole or not at all.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::history::hash::{ChainLink, Hash, chain_hash, payload_hash};
use crate::table::RowWrite;
use crate::value::Value;

/// The id of a record that has a history: a case, a person, a setting … A decimal string in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(pub i64);

impl From<RecordId> for String {
    fn from(record: RecordId) -> Self {
        record.0.to_string()
    }
}

impl TryFrom<String> for RecordId {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(RecordId)
    }
}

impl From<i64> for RecordId {
    fn from(id: i64) -> Self {
        RecordId(id)
    }
}

impl From<RecordId> for Value {
    fn from(record: RecordId) -> Self {
        Value::Int(record.0)
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// The end of a record's chain: the place and hash of its newest event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The newest event's number; 0 while there is none.
    pub seq: i64,
    /// The newest event's hash; zeros while there is none.
    pub hash: Hash,
}

impl Head {
    /// The head of a record that has no event yet.
    pub const EMPTY: Head = Head {
        seq: 0,
        hash: [0; 32],
    };
}

/// What an event says about itself, beside its payload.
#[derive(Debug, Clone, Copy)]
pub struct EventHeader<'a> {
    /// The record it happened to.
    pub record: RecordId,
    /// The record's kind: `case`, `person` …
    pub record_kind: &'a str,
    /// The event's kind.
    pub name: &'a str,
    /// When it happened, in ms.
    pub happened: i64,
    /// When it was recorded, in ms.
    pub recorded: i64,
    /// The person who acted; 0 is the engine.
    pub actor: i64,
}

/// A fact that a decision rests on, asked again inside the write transaction.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The fact's name.
    pub name: String,
    /// What it is about: guards with the same name and key never run at the same time, on any node.
    pub lock_key: String,
    /// The query. Its text must give the same answer on both engines.
    pub sql: &'static str,
    /// Its parameters.
    pub params: Vec<Value>,
    /// The answer the decision rests on: all rows' values, one after the other.
    pub expected: Vec<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub record: i64,
    pub seq: i64,
    pub record_kind: String,
    pub name: String,
    pub happened: i64,
    pub recorded: i64,
    pub actor: i64,
    pub salt: [u8; 16],
    pub payload: Vec<u8>,
    pub payload_hash: Hash,
    pub hash: Hash,
}

#[derive(Debug, Clone)]
pub(crate) struct Idempotency {
    pub key: String,
    pub person: i64,
    pub result: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub sql: &'static str,
    pub params: Vec<Value>,
}

/// Where a batch found a record's chain, and where it leaves it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain {
    pub found: Head,
    pub left: Head,
}

/// Everything one decision writes, with what must still hold when it is written. Checked in this order:
/// idempotency key, guards, chains, claims; then all writes, in the order they were given. Claims that the same
/// batch releases count as free.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(crate) events: Vec<NewEvent>,
    pub(crate) chains: HashMap<i64, Chain>,
    pub(crate) rows: Vec<RowWrite>,
    pub(crate) claims: Vec<(String, String, i64)>,
    pub(crate) releases: Vec<(String, String)>,
    pub(crate) guards: Vec<Guard>,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) erasures: Vec<(i64, i64)>,
    pub(crate) defect: Option<String>,
    seed: Option<(u64, u64)>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Batch::default()
    }

    /// An empty batch whose salts come from a seed instead of the system: for tests and repeatable demo data.
    pub fn seeded(seed: u64) -> Self {
        Batch {
            seed: Some((seed, 0)),
            ..Batch::default()
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.rows.is_empty()
            && self.claims.is_empty()
            && self.releases.is_empty()
            && self.statements.is_empty()
            && self.erasures.is_empty()
            && self.idempotency.is_none()
    }

    /// How many events it appends.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Appends an event to the record's chain and moves `head` on. That `head` is still the chain's end when the
    /// batch is committed is its precondition, else [`crate::CommitError::Stale`].
    pub fn append(&mut self, head: &mut Head, header: EventHeader<'_>, payload_json: Vec<u8>) {
        let record = header.record.0;
        let found = self.chains.get(&record).map_or(*head, |chain| chain.found);
        if self.chains.get(&record).is_some_and(|chain| chain.left != *head) {
            self.defect = Some(format!("record {record} is appended to from two different heads"));
        }
        let salt = self.salt();
        let payload_hash = payload_hash(&salt, &payload_json);
        let seq = head.seq + 1;
        let link = ChainLink {
            record,
            seq,
            record_kind: header.record_kind,
            name: header.name,
            happened: header.happened,
            recorded: header.recorded,
            actor: header.actor,
            payload_hash: &payload_hash,
        };
        let hash = chain_hash(&head.hash, &link);
        *head = Head { seq, hash };
        self.chains.insert(record, Chain { found, left: *head });
        self.events.push(NewEvent {
            record,
            seq,
            record_kind: header.record_kind.to_owned(),
            name: header.name.to_owned(),
            happened: header.happened,
            recorded: header.recorded,
            actor: header.actor,
            salt,
            payload: payload_json,
            payload_hash,
            hash,
        });
    }

    /// Writes a row of a projection table.
    pub fn write(&mut self, write: RowWrite) {
        if let Some(defect) = write.defect() {
            self.defect = Some(defect);
        }
        self.rows.push(write);
    }

    /// Claims a key for a record; held by any record, even the same one, it is
    /// [`crate::CommitError::Claimed`].
    pub fn claim(&mut self, name: impl Into<String>, key: impl Into<String>, record: RecordId) {
        self.claims.push((name.into(), key.into(), record.0));
    }

    /// Gives a claim back. Releases come before claims.
    pub fn release(&mut self, name: impl Into<String>, key: impl Into<String>) {
        self.releases.push((name.into(), key.into()));
    }

    /// Asks a fact again before anything is written.
    pub fn guard(&mut self, guard: Guard) {
        self.guards.push(guard);
    }

    /// Makes the batch one that is done once: the key (per person) and the result are kept in the same
    /// transaction, and a second commit with it is [`crate::CommitError::AlreadyDone`].
    pub fn idempotency(&mut self, key: impl Into<String>, person: i64, result: Vec<u8>) {
        self.idempotency = Some(Idempotency {
            key: key.into(),
            person,
            result,
        });
    }

    /// Runs a statement on tables outside history (sessions, drafts, outbox …) in the same transaction.
    pub fn statement(&mut self, sql: &'static str, params: Vec<Value>) {
        self.statements.push(Statement { sql, params });
    }

    /// Erases the payload and salt of a standing event. Header and hashes stay, so that every proof still holds.
    pub fn erase(&mut self, record: RecordId, seq: i64) {
        self.erasures.push((record.0, seq));
    }

    fn salt(&mut self) -> [u8; 16] {
        let mut salt = [0; 16];
        if let Some((seed, count)) = &mut self.seed {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&seed.to_be_bytes());
            bytes[8..].copy_from_slice(&count.to_be_bytes());
            *count += 1;
            salt.copy_from_slice(&payload_hash(b"salt", &bytes)[..16]);
        } else if let Err(error) = getrandom::fill(&mut salt) {
            self.defect = Some(format!("the system gives no random numbers: {error}"));
        }
        salt
    }
}
