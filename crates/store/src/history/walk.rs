//! The walk along the history: payload, chain and tree of each event in passing.

use std::collections::HashMap;

use super::EventRef;
use super::hash::{Hash, payload_hash, to_hex};
use super::merkle::{Tree, leaf};
use super::root::{SignedRoot, Witness};
use super::verify::{Erased, Fault, Finding, Report};
use crate::batch::{Head, RecordId};

/// Which root the tree must have at which size, and who says so.
#[derive(Default)]
pub(super) struct Marks {
    /// By size, ascending.
    marks: Vec<(i64, Hash, Fault)>,
    next: usize,
}

impl Marks {
    pub fn new(roots: &[SignedRoot], witnesses: &[Witness]) -> Self {
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
pub(super) struct Walk {
    pub report: Report,
    pub heads: HashMap<i64, Head>,
    pub tree: Tree,
    pub tiles: HashMap<(i64, i64), Hash>,
    marks: Marks,
    position: i64,
    /// From which size on the tree is known to be another one.
    broken_tree: bool,
}

impl Walk {
    pub fn new(marks: Marks) -> Self {
        let mut walk = Walk {
            marks,
            ..Walk::default()
        };
        walk.pass_marks();
        walk
    }

    /// The event's payload and its place in its record's chain.
    pub fn chain(&mut self, event: &EventRef<'_>) {
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
    pub fn join(&mut self, event: &EventRef<'_>) {
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
