//! Checking the whole history again: every payload, every chain, the tree, every signed root.
//!
//! The events are walked by position and hashed as they are read, without keeping any. What is found names the record
//! and the event; one break gives one finding, the check goes on behind it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

pub use super::derive::{Derive, Derived, Difference, RowDifference, TablesReport, tables};

use super::hash::Hash;
use super::root::{SignedRoot, Witness};
use super::walk::{Marks, Walk};
use super::{EventRef, StoredEvent, hash_of};
use crate::batch::RecordId;
use crate::engine::Sql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// The most findings that are listed; more are counted.
const LISTED: usize = 1000;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A payload or salt is not the one that was recorded.
    Payload,
    /// The header, or the chain's hash, is not the one that was recorded, or the event before it was changed.
    Chain,
    /// An event is missing in a record's chain.
    Dropped,
    /// A position has no event.
    Gap,
    /// An event stands there that was never committed.
    Inserted,
    /// A signed root is not the root of the history as it stands.
    Root,
    /// A root's signature is not its key's.
    Signature,
    /// A kept part of the tree is not what the events give.
    Tile,
    /// A root kept outside is not the root of the history as it stands.
    Witness,
    /// An event's contents are gone, and nothing that still stands says by which act. Only who knows the acts can tell.
    Erasure,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub fault: Fault,
    /// The record.
    pub record: Option<RecordId>,
    /// The event in the record's chain.
    pub seq: Option<i64>,
    /// The position in the whole history.
    pub position: Option<i64>,
    /// In words.
    pub what: String,
}

/// An event whose payload was erased: its header and hashes still stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The record.
    pub record: RecordId,
    /// The event.
    pub seq: i64,
}

/// What the check found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Events checked.
    pub events: u64,
    /// Records they belong to.
    pub records: u64,
    /// Signed roots checked.
    pub roots: u64,
    /// The newest signed root, as it is kept outside.
    pub newest_root: Option<Witness>,
    /// Events after it: committed, not under a signed root yet.
    pub unsigned: u64,
    /// Erased events.
    pub erased: Vec<Erased>,
    /// What is wrong, at most a thousand.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more_findings: u64,
    /// How long it took, in ms.
    pub took_ms: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    /// Adds what was found.
    pub fn find(&mut self, finding: Finding) {
        if self.findings.len() < LISTED {
            self.findings.push(finding);
        } else {
            self.more_findings += 1;
        }
    }
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events checked.
    pub done: u64,
    /// Events in all.
    pub total: u64,
}

/// Checks the whole history on one view of the database, while others write. `progress` is told several times a
/// second.
pub async fn history(store: &Store, progress: impl FnMut(Progress)) -> Result<Report, StoreError> {
    check(store, &[], progress).await
}

/// Checks the whole history, and that roots kept outside are roots of it.
pub async fn against(
    store: &Store,
    witnesses: &[Witness],
    progress: impl FnMut(Progress),
) -> Result<Report, StoreError> {
    check(store, witnesses, progress).await
}

async fn check(
    store: &Store,
    witnesses: &[Witness],
    mut progress: impl FnMut(Progress),
) -> Result<Report, StoreError> {
    let begun = Instant::now();
    let texts = store.engine().texts();
    let mut snapshot = store.engine().snapshot().await?;
    let roots = signed_roots(&mut snapshot).await?;
    let highest = Sql::new(
        "SELECT coalesce(max(position), 0), count(*) FROM positions",
        Vec::new(),
    );
    let (highest, total) = match snapshot.query(highest).await?.first() {
        Some(row) => (row.int(0)?, row.int(1)?),
        None => (0, 0),
    };
    let walk = Arc::new(Mutex::new(Walk::new(Marks::new(&roots, witnesses))));
    let total = u64::try_from(total).unwrap_or(0);
    let range = Sql::new(texts.range, vec![0.into(), highest.into()]);
    let done = Arc::new(AtomicU64::new(0));
    {
        let (walking, counter) = (Arc::clone(&walk), Arc::clone(&done));
        let visit = Box::new(move |event: &EventRef<'_>| {
            let mut walk = walking.lock().unwrap_or_else(PoisonError::into_inner);
            walk.chain(event);
            walk.join(event);
            counter.store(walk.report.events, Ordering::Relaxed);
        });
        let mut walked = std::pin::pin!(snapshot.walk(range, visit));
        loop {
            match tokio::time::timeout(Duration::from_millis(200), &mut walked).await {
                Ok(walked) => break walked?,
                Err(_) => progress(Progress {
                    done: done.load(Ordering::Relaxed),
                    total,
                }),
            }
        }
    }
    let mut walk = std::mem::take(&mut *walk.lock().unwrap_or_else(PoisonError::into_inner));
    if let Some(waiting) = texts.waiting {
        let mut portions = snapshot.stream(Sql::new(waiting, Vec::new())).await?;
        while let Some(portion) = portions.recv().await {
            for answer in portion? {
                walk.chain(&StoredEvent::read(answer)?.borrowed());
            }
        }
    }
    let tree_size = i64::try_from(walk.tree.size()).unwrap_or(i64::MAX);
    let (kept_tiles, tiles) = (
        stored_tiles(&mut snapshot).await?,
        std::mem::take(&mut walk.tiles),
    );
    let mut report = walk.report;
    report.records = walk.heads.len() as u64;
    compare_tiles(&mut report, &kept_tiles, &tiles);
    check_roots(&mut report, &mut snapshot, &roots, tree_size).await?;
    missing_witnesses(&mut report, witnesses, tree_size);
    if let Some([inserted, dropped]) = texts.strays {
        let events = Sql::new("SELECT count(*) FROM events", Vec::new());
        let events = snapshot
            .query(events)
            .await?
            .first()
            .map_or(Ok(0), |row| row.int(0))?;
        // Counting tells whether there are any, at a fraction of the cost of looking for them.
        if u64::try_from(events) != Ok(report.events) {
            let what = "the event was put in past the store: it never waited for a position";
            find_strays(&mut report, &mut snapshot, inserted, Fault::Inserted, what).await?;
        }
        if tree_size != i64::try_from(total).unwrap_or(i64::MAX) {
            let what = "the event has a position but is no longer there";
            find_strays(&mut report, &mut snapshot, dropped, Fault::Dropped, what).await?;
        }
    }
    report.newest_root = roots.last().map(SignedRoot::witness);
    let signed = roots.last().map_or(0, |root| root.size);
    report.unsigned = u64::try_from(i64::try_from(report.events).unwrap_or(i64::MAX) - signed).unwrap_or(0);
    report.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    progress(Progress { done: total, total });
    Ok(report)
}

async fn signed_roots(snapshot: &mut Snapshot) -> Result<Vec<SignedRoot>, StoreError> {
    let ask = "SELECT size, root, signed_at, key_name, signature FROM roots ORDER BY size";
    snapshot
        .query(Sql::new(ask, Vec::new()))
        .await?
        .iter()
        .map(SignedRoot::read)
        .collect()
}

async fn stored_tiles(snapshot: &mut Snapshot) -> Result<HashMap<(i64, i64), Hash>, StoreError> {
    let answers = snapshot
        .query(Sql::new("SELECT level, place, hash FROM tiles", Vec::new()))
        .await?;
    answers
        .iter()
        .map(|row| Ok(((row.int(0)?, row.int(1)?), hash_of(row.value(2)?)?)))
        .collect()
}

/// Kept tiles must be what the events give. Those not kept yet are above the newest signed root.
fn compare_tiles(report: &mut Report, kept: &HashMap<(i64, i64), Hash>, made: &HashMap<(i64, i64), Hash>) {
    let mut wrong: Vec<_> = kept
        .iter()
        .filter(|(place, hash)| made.get(place) != Some(hash))
        .collect();
    wrong.sort();
    for ((level, place), _) in wrong {
        report.find(Finding {
            fault: Fault::Tile,
            record: None,
            seq: None,
            position: Some((place << (8 * (level + 1))) + 1),
            what: format!(
                "the kept hash over the {} events from here is not theirs",
                1i64 << (8 * (level + 1))
            ),
        });
    }
}

/// Signatures, and roots over more events than there are. Signatures are checked on the blocking threads.
async fn check_roots(
    report: &mut Report,
    snapshot: &mut Snapshot,
    roots: &[SignedRoot],
    tree_size: i64,
) -> Result<(), StoreError> {
    let mut keys = HashMap::new();
    for row in snapshot
        .query(Sql::new("SELECT name, public FROM keys", Vec::new()))
        .await?
    {
        keys.insert(row.text(0)?.to_owned(), row.blob(1)?.to_vec());
    }
    let signed = roots.to_vec();
    let unsigned = tokio::task::spawn_blocking(move || {
        let good = |root: &SignedRoot| keys.get(&root.key_name).is_some_and(|key| root.is_signed_by(key));
        signed
            .iter()
            .filter(|root| !good(root))
            .map(|root| root.size)
            .collect::<Vec<_>>()
    });
    let unsigned = unsigned
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    report.roots = roots.len() as u64;
    for size in unsigned {
        report.find(Finding {
            fault: Fault::Signature,
            record: None,
            seq: None,
            position: Some(size),
            what: format!("the root over the first {size} events is not signed by its key"),
        });
    }
    if let Some(newest) = roots.last().filter(|newest| newest.size > tree_size) {
        report.find(Finding {
            fault: Fault::Gap,
            record: None,
            seq: None,
            position: Some(tree_size + 1),
            what: format!(
                "{} events were signed for, only {tree_size} are there",
                newest.size
            ),
        });
    }
    Ok(())
}

fn missing_witnesses(report: &mut Report, witnesses: &[Witness], tree_size: i64) {
    for witness in witnesses.iter().filter(|witness| witness.size > tree_size) {
        report.find(Finding {
            fault: Fault::Witness,
            record: None,
            seq: None,
            position: Some(tree_size),
            what: format!(
                "the root kept outside covers {} events, only {tree_size} are there",
                witness.size
            ),
        });
    }
}

async fn find_strays(
    report: &mut Report,
    snapshot: &mut Snapshot,
    ask: &'static str,
    fault: Fault,
    what: &str,
) -> Result<(), StoreError> {
    for row in snapshot.query(Sql::new(ask, Vec::new())).await? {
        report.find(Finding {
            fault,
            record: Some(RecordId(row.int(0)?)),
            seq: Some(row.int(1)?),
            position: None,
            what: what.to_owned(),
        });
    }
    Ok(())
}
