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

use super::hash::{Hash, payload_hash, to_hex};
use super::merkle::{Tree, leaf};
use super::root::{SignedRoot, Witness};
use super::{EventRef, hash_of};
use crate::batch::{Head, RecordId};
use crate::engine::{Snapshot, Sql};
use crate::error::StoreError;
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

    fn find(&mut self, finding: Finding) {
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
    if let Some(waiting) = texts.waiting {
        let walking = Arc::clone(&walk);
        let visit = Box::new(move |event: &EventRef<'_>| {
            walking
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .chain(event);
        });
        snapshot.walk(Sql::new(waiting, Vec::new()), visit).await?;
    }
    let mut walk = std::mem::take(&mut *walk.lock().unwrap_or_else(PoisonError::into_inner));
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
    if let Some(strays) = texts.strays {
        find_strays(&mut report, &mut snapshot, strays).await?;
    }
    report.newest_root = roots.last().map(SignedRoot::witness);
    let signed = roots.last().map_or(0, |root| root.size);
    report.unsigned = u64::try_from(i64::try_from(report.events).unwrap_or(i64::MAX) - signed).unwrap_or(0);
    report.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    progress(Progress { done: total, total });
    Ok(report)
}

/// Which root the tree must have at which size, and who says so.
#[derive(Default)]
struct Marks {
    /// By size, ascending.
    marks: Vec<(i64, Hash, Fault)>,
    next: usize,
}

impl Marks {
    fn new(roots: &[SignedRoot], witnesses: &[Witness]) -> Self {
        let signed = roots.iter().map(|root| (root.size, root.root, Fault::Root));
        let outside = witnesses
            .iter()
            .map(|witness| (witness.size, witness.root, Fault::Witness));
        let mut marks: Vec<_> = signed.chain(outside).collect();
        marks.sort_by_key(|(size, _, _)| *size);
        Marks { marks, next: 0 }
    }
}

/// The walk along the history.
#[derive(Default)]
struct Walk {
    report: Report,
    heads: HashMap<i64, Head>,
    tree: Tree,
    tiles: HashMap<(i64, i64), Hash>,
    marks: Marks,
    position: i64,
    /// From which size on the tree is known to be another one.
    broken_tree: bool,
}

impl Walk {
    fn new(marks: Marks) -> Self {
        let mut walk = Walk {
            marks,
            ..Walk::default()
        };
        walk.pass_marks();
        walk
    }

    /// The event's payload and its place in its record's chain.
    fn chain(&mut self, event: &EventRef<'_>) {
        self.report.events += 1;
        let at = |fault: Fault, what: String| Finding {
            fault,
            record: Some(RecordId(event.record)),
            seq: Some(event.seq),
            position: event.position,
            what,
        };
        match (event.salt, event.payload) {
            (Some(salt), Some(payload)) => {
                if payload_hash(salt, payload) != *event.payload_hash {
                    let what = "the payload is not the one that was recorded".to_owned();
                    self.report.find(at(Fault::Payload, what));
                }
            }
            (None, None) => self.report.erased.push(Erased {
                record: RecordId(event.record),
                seq: event.seq,
            }),
            _ => self.report.find(at(
                Fault::Payload,
                "only one of payload and salt is there".to_owned(),
            )),
        }
        let head = self.heads.entry(event.record).or_insert(Head::EMPTY);
        if event.seq == head.seq + 1 {
            if event.expected_hash(&head.hash) != *event.hash {
                let what = "the event does not follow from the one before it: it, or its hash, was changed";
                self.report.find(at(Fault::Chain, what.to_owned()));
            }
        } else if event.seq > head.seq {
            let what = format!("event {} of the record is missing before this one", head.seq + 1);
            self.report.find(at(Fault::Dropped, what));
        } else {
            let what = format!("the record already has {} events at this position", head.seq);
            self.report.find(at(Fault::Inserted, what));
            return;
        }
        *head = Head {
            seq: event.seq,
            hash: *event.hash,
        };
    }

    /// The event's place in the tree.
    fn join(&mut self, event: &EventRef<'_>) {
        let position = event.position.unwrap_or(0);
        if position != self.position + 1 {
            self.report.find(Finding {
                fault: Fault::Gap,
                record: None,
                seq: None,
                position: Some(self.position + 1),
                what: format!("the event at position {} is missing", self.position + 1),
            });
        }
        self.position = position;
        let tiles = &mut self.tiles;
        self.tree.push(leaf(event.hash), |tile| {
            let place = i64::try_from(tile.place).unwrap_or(i64::MAX);
            tiles.insert((i64::from(tile.level), place), tile.hash);
        });
        self.pass_marks();
    }

    /// Compares the tree with the roots of its size.
    fn pass_marks(&mut self) {
        let size = i64::try_from(self.tree.size()).unwrap_or(i64::MAX);
        while let Some((_, expected, said_by)) = self
            .marks
            .marks
            .get(self.marks.next)
            .filter(|(at, _, _)| *at == size)
        {
            self.marks.next += 1;
            if self.tree.root() == *expected {
                continue;
            }
            // Every later root differs too: one finding says it, but each witness gets its answer.
            if *said_by == Fault::Root && std::mem::replace(&mut self.broken_tree, true) {
                continue;
            }
            self.report.find(Finding {
                fault: *said_by,
                record: None,
                seq: None,
                position: Some(size),
                what: format!(
                    "the first {size} events no longer give the root {}: one of them was changed, dropped or put in",
                    to_hex(expected)
                ),
            });
        }
    }
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
    [inserted, dropped]: [&'static str; 2],
) -> Result<(), StoreError> {
    for (ask, fault, what) in [
        (
            inserted,
            Fault::Inserted,
            "the event was put in past the store: it never waited for a position",
        ),
        (
            dropped,
            Fault::Dropped,
            "the event has a position but is no longer there",
        ),
    ] {
        for row in snapshot.query(Sql::new(ask, Vec::new())).await? {
            report.find(Finding {
                fault,
                record: Some(RecordId(row.int(0)?)),
                seq: Some(row.int(1)?),
                position: None,
                what: what.to_owned(),
            });
        }
    }
    Ok(())
}
