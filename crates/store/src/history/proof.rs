//! The proof of one record: its events' headers, chained, each with its path to a signed root. A stranger checks it
//! with nothing but the proof, and a root or public key got by another way.

use serde::{Deserialize, Serialize};

use super::hash::{Hash, from_hex, hash_from_hex, payload_hash, to_hex};
use super::merkle::{Subtree, complete, fold, leaf, path_parts, root_by_path};
use super::root::{SignedRoot, Witness};
use super::{StoredEvent, hash_of};
use crate::batch::RecordId;
use crate::engine::Sql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// A record's proof, as JSON: ids and hashes are text, hashes in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The format: `shouwen-proof-1`.
    pub format: String,
    /// The record.
    pub record: RecordId,
    /// How many events the signed root covers.
    pub size: i64,
    /// The root.
    pub root: String,
    /// When it was signed, in ms.
    pub signed_at: i64,
    /// The name of the key that signed it.
    pub key_name: String,
    /// The key, Ed25519.
    pub public_key: String,
    /// The signature.
    pub signature: String,
    /// The record's events, from the first.
    pub events: Vec<ProvenEvent>,
}

/// One event of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenEvent {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// The record's kind.
    pub record_kind: String,
    /// The event's kind.
    pub name: String,
    /// When it happened, in ms.
    pub happened: i64,
    /// When it was recorded, in ms.
    pub recorded: i64,
    /// Who acted; 0 is the engine.
    pub actor: String,
    /// H(salt ‖ payload).
    pub payload_hash: String,
    /// The chain hash.
    pub hash: String,
    /// Its position in the whole history, from 1.
    pub position: i64,
    /// Its inclusion path, from the leaf up.
    pub path: Vec<String>,
    /// The payload, where it is shown and not erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The salt to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Something is not written as it should be.
    #[error("the proof cannot be read: {0}")]
    Malformed(String),
    /// The events do not form a chain, from this one on.
    #[error("event {seq} does not follow from the one before it: something was changed, left out or put in")]
    Chain {
        /// The event.
        seq: i64,
    },
    /// A shown payload is not the one that was recorded.
    #[error("the payload of event {seq} is not the one that was recorded")]
    Payload {
        /// The event.
        seq: i64,
    },
    /// An event is not in the history under the root.
    #[error("event {seq} is not part of the history under this root")]
    Inclusion {
        /// The event.
        seq: i64,
    },
    /// The signature is not the key's.
    #[error("the root's signature is not the given key's")]
    Signature,
    /// The root is not the one kept outside.
    #[error("the proof's root is not the one that was kept: expected {expected}, the proof has {found}")]
    OtherRoot {
        /// The root kept outside.
        expected: String,
        /// The proof's.
        found: String,
    },
}

/// What is known from elsewhere when a proof is checked.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// A root kept outside; the proof's must be this one.
    pub root: Option<Witness>,
    /// The centre's public key; without it the key inside the proof is used, which proves no more than that the
    /// proof fits together.
    pub public_key: Option<[u8; 32]>,
}

impl Store {
    /// The proof of a record under the newest root, which is signed now if need be. `with_payloads` shows what the
    /// events say; without, only that they are.
    pub async fn proof(&self, record: RecordId, with_payloads: bool) -> Result<Option<Proof>, StoreError> {
        let mut snapshot = self.engine().snapshot().await?;
        let mut found = record_and_root(self, &mut snapshot, record).await?;
        let covered = |events: &[StoredEvent], root: &Option<SignedRoot>| {
            let size = root.as_ref().map_or(0, |root| root.size);
            events
                .iter()
                .all(|event| event.position.is_some_and(|position| position <= size))
        };
        for _ in 0..20 {
            if covered(&found.0, &found.1) {
                break;
            }
            // A sealer at work signs within a second; where none works, this is it.
            if self.seal_now().await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            snapshot = self.engine().snapshot().await?;
            found = record_and_root(self, &mut snapshot, record).await?;
        }
        let (events, Some(root)) = found else {
            return Ok(None);
        };
        if events.is_empty() {
            return Ok(None);
        }
        let ask = Sql::new(
            "SELECT public FROM keys WHERE name = $1",
            vec![root.key_name.as_str().into()],
        );
        let public_key = snapshot
            .query(ask)
            .await?
            .first()
            .map(|answer| answer.blob(0).map(to_hex))
            .transpose()?;
        let mut proven = Vec::with_capacity(events.len());
        for event in &events {
            let position = event
                .position
                .filter(|position| *position <= root.size)
                .ok_or_else(|| {
                    StoreError::Unavailable("the record's newest event is not sealed yet: ask again".into())
                })?;
            let path = path(self, &mut snapshot, position, root.size).await?;
            proven.push(prove(event, position, &path, with_payloads));
        }
        Ok(Some(Proof {
            format: "shouwen-proof-1".to_owned(),
            record,
            size: root.size,
            root: to_hex(&root.root),
            signed_at: root.signed_at,
            key_name: root.key_name,
            public_key: public_key
                .ok_or_else(|| StoreError::Damaged("the sealer's key is missing".into()))?,
            signature: to_hex(&root.signature),
            events: proven,
        }))
    }
}

async fn record_and_root(
    store: &Store,
    snapshot: &mut Snapshot,
    record: RecordId,
) -> Result<(Vec<StoredEvent>, Option<SignedRoot>), StoreError> {
    let ask = Sql::new(store.engine().texts().with_positions, vec![record.into()]);
    let events: Result<Vec<_>, _> = snapshot
        .query(ask)
        .await?
        .into_iter()
        .map(StoredEvent::read)
        .collect();
    let root = snapshot
        .query(Sql::new(super::root::NEWEST_ROOT, Vec::new()))
        .await?;
    Ok((events?, root.first().map(SignedRoot::read).transpose()?))
}

fn prove(event: &StoredEvent, position: i64, path: &[Hash], with_payloads: bool) -> ProvenEvent {
    let shown = |bytes: &Option<std::sync::Arc<[u8]>>| bytes.as_ref().filter(|_| with_payloads).cloned();
    ProvenEvent {
        seq: event.seq,
        record_kind: event.kind.to_string(),
        name: event.name.to_string(),
        happened: event.happened,
        recorded: event.recorded,
        actor: event.actor.to_string(),
        payload_hash: to_hex(&event.payload_hash),
        hash: to_hex(&event.hash),
        position,
        path: path.iter().map(|hash| to_hex(hash)).collect(),
        payload: shown(&event.payload).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        salt: shown(&event.salt).map(|bytes| to_hex(&bytes)),
    }
}

/// The inclusion path of a position, from tiles and at most 255 leaves.
async fn path(
    store: &Store,
    snapshot: &mut Snapshot,
    position: i64,
    size: i64,
) -> Result<Vec<Hash>, StoreError> {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let mut path = Vec::new();
    for step in path_parts(number(position - 1), number(size)) {
        let mut peaks = Vec::with_capacity(step.len());
        for part in step {
            peaks.push(subtree(store, snapshot, part).await?);
        }
        path.extend(fold(&peaks));
    }
    Ok(path)
}

async fn subtree(store: &Store, snapshot: &mut Snapshot, part: Subtree) -> Result<Hash, StoreError> {
    let int = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    // The kept hashes nearest below: tiles of a level, or leaves.
    let below = part.height % 8;
    let (from, to) = (int(part.place << below), int((part.place + 1) << below));
    let hashes: Result<Vec<Hash>, StoreError> = if part.height < 8 {
        let ask = Sql::new(store.engine().texts().hashes, vec![from.into(), to.into()]);
        let answers = snapshot.query(ask).await?;
        answers
            .iter()
            .map(|answer| hash_of(answer.value(1)?).map(|hash| leaf(&hash)))
            .collect()
    } else {
        let level = i64::from(part.height / 8) - 1;
        let ask = "SELECT hash FROM tiles WHERE level = $1 AND place >= $2 AND place < $3 ORDER BY place";
        let answers = snapshot
            .query(Sql::new(ask, vec![level.into(), from.into(), to.into()]))
            .await?;
        answers.iter().map(|answer| hash_of(answer.value(0)?)).collect()
    };
    let hashes = hashes?;
    let whole = i64::try_from(hashes.len()).is_ok_and(|found| found == to - from);
    let missing = || StoreError::Damaged("a part of the tree is missing: run verify".into());
    complete(&hashes).filter(|_| whole).ok_or_else(missing)
}

/// Checks a proof by itself: chain, payloads where shown, inclusion of every event, signature.
pub fn check_proof(proof: &Proof, trust: &Trust) -> Result<(), ProofError> {
    let malformed = |what: &str| ProofError::Malformed(what.to_owned());
    if proof.format != "shouwen-proof-1" {
        return Err(malformed("it is of another format"));
    }
    if proof.events.is_empty() {
        return Err(malformed("it has no events"));
    }
    let root =
        hash_from_hex(&proof.root).ok_or_else(|| malformed("its root is not 64 hexadecimal digits"))?;
    let found = Witness {
        size: proof.size,
        root,
    };
    if let Some(expected) = trust.root.filter(|expected| *expected != found) {
        return Err(ProofError::OtherRoot {
            expected: expected.to_string(),
            found: found.to_string(),
        });
    }
    let own_key = from_hex(&proof.public_key).ok_or_else(|| malformed("its key is not hexadecimal"))?;
    let key = trust.public_key.map_or(own_key, |key| key.to_vec());
    let signature =
        from_hex(&proof.signature).ok_or_else(|| malformed("its signature is not hexadecimal"))?;
    let signed = SignedRoot {
        size: proof.size,
        root,
        signed_at: proof.signed_at,
        key_name: proof.key_name.clone(),
        signature,
    };
    if !signed.is_signed_by(&key) {
        return Err(ProofError::Signature);
    }
    let mut previous: Hash = [0; 32];
    for (event, seq) in proof.events.iter().zip(1..) {
        previous = check_event(proof, event, seq, &previous, &root)?;
    }
    Ok(())
}

fn check_event(
    proof: &Proof,
    event: &ProvenEvent,
    seq: i64,
    previous: &Hash,
    root: &Hash,
) -> Result<Hash, ProofError> {
    let malformed = |what: &str| ProofError::Malformed(format!("event {seq}: {what}"));
    let hash = |text: &str, what: &str| hash_from_hex(text).ok_or_else(|| malformed(what));
    let stated = StoredEvent {
        record: proof.record,
        kind: event.record_kind.as_str().into(),
        seq: event.seq,
        name: event.name.as_str().into(),
        happened: event.happened,
        recorded: event.recorded,
        actor: event
            .actor
            .parse()
            .map_err(|_| malformed("its actor is not a number"))?,
        salt: None,
        payload: None,
        payload_hash: hash(
            &event.payload_hash,
            "its payload hash is not 64 hexadecimal digits",
        )?,
        hash: hash(&event.hash, "its hash is not 64 hexadecimal digits")?,
        position: Some(event.position),
    };
    if event.seq != seq || stated.expected_hash(previous) != stated.hash {
        return Err(ProofError::Chain { seq });
    }
    match (&event.payload, &event.salt) {
        (Some(payload), Some(salt)) => {
            let salt = from_hex(salt).ok_or_else(|| malformed("its salt is not hexadecimal"))?;
            if payload_hash(&salt, payload.as_bytes()) != stated.payload_hash {
                return Err(ProofError::Payload { seq });
            }
        }
        (None, None) => {}
        _ => return Err(malformed("payload and salt go together")),
    }
    let path: Option<Vec<Hash>> = event.path.iter().map(|step| hash_from_hex(step)).collect();
    let path = path.ok_or_else(|| malformed("its path is not hexadecimal"))?;
    let (at, size) = (u64::try_from(event.position - 1), u64::try_from(proof.size));
    let led_to = match (at, size) {
        (Ok(at), Ok(size)) => root_by_path(leaf(&stated.hash), at, size, &path),
        _ => None,
    };
    if led_to != Some(*root) {
        return Err(ProofError::Inclusion { seq });
    }
    Ok(stated.hash)
}
