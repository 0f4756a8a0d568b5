//! Counters for metrics: how the writer is doing.

use std::sync::atomic::{AtomicU64, Ordering};

/// Running counts, written by the engines.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub waiting: AtomicU64,
    pub commits: AtomicU64,
    pub refused: AtomicU64,
    pub failed: AtomicU64,
    pub events: AtomicU64,
    pub groups: AtomicU64,
    pub last_group: AtomicU64,
    pub largest_group: AtomicU64,
    pub redone_groups: AtomicU64,
    pub commit_micros: AtomicU64,
    pub last_commit_micros: AtomicU64,
}

impl Counters {
    pub fn add(counter: &AtomicU64, by: usize) {
        counter.fetch_add(by as u64, Ordering::Relaxed);
    }

    /// Notes a group that was committed, and how long its transaction took.
    pub fn group(&self, size: usize, took: std::time::Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.last_group.store(size as u64, Ordering::Relaxed);
        self.largest_group.fetch_max(size as u64, Ordering::Relaxed);
        self.commit_micros.fetch_add(micros, Ordering::Relaxed);
        self.last_commit_micros.store(micros, Ordering::Relaxed);
    }

    pub fn snapshot(&self) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            waiting: read(&self.waiting),
            commits: read(&self.commits),
            refused: read(&self.refused),
            failed: read(&self.failed),
            events: read(&self.events),
            groups: read(&self.groups),
            last_group: read(&self.last_group),
            largest_group: read(&self.largest_group),
            redone_groups: read(&self.redone_groups),
            commit_micros: read(&self.commit_micros),
            last_commit_micros: read(&self.last_commit_micros),
        }
    }
}

/// The counts at one moment, since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Batches that wait for the writer now.
    pub waiting: u64,
    /// Batches committed.
    pub commits: u64,
    /// Batches refused by a precondition.
    pub refused: u64,
    /// Batches that failed for another reason.
    pub failed: u64,
    /// Events committed.
    pub events: u64,
    /// Transactions that carried them.
    pub groups: u64,
    /// Batches in the newest transaction.
    pub last_group: u64,
    /// Batches in the largest transaction.
    pub largest_group: u64,
    /// Transactions that had to be done again batch by batch.
    pub redone_groups: u64,
    /// Time spent in transactions, in microseconds.
    pub commit_micros: u64,
    /// Time of the newest transaction, in microseconds.
    pub last_commit_micros: u64,
}
