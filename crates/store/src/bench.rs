//! Measuring the store beside the raw engine: the same rows, inserted by nothing but the engine's own prepared
//! statements, as many batches to a transaction as wait at once. No checks, no hashing, no answers to callers.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::backup::Target;
use crate::batch::Batch;
use crate::error::{CommitError, StoreError};
use crate::migrations::Migration;
use crate::store::Store;
use crate::table::{RowWrite, Table};
use crate::{postgres, sqlite};

/// What a run did.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Batches written durably.
    pub batches: usize,
    /// Rows in them, events included.
    pub rows: usize,
    /// How long it took.
    pub took: Duration,
    /// The processor time this process used, all threads; zero where the system does not tell. On a shared machine
    /// this can be compared where the time cannot.
    pub cpu: Duration,
}

/// A moment to measure from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    at: Instant,
    cpu: Duration,
}

impl Start {
    pub fn now() -> Self {
        Start {
            at: Instant::now(),
            cpu: cpu(),
        }
    }

    /// What was done since.
    pub fn rate(self, batches: &[Batch]) -> Rate {
        self.rate_of(batches.len(), rows(batches))
    }

    fn rate_of(self, batches: usize, rows: usize) -> Rate {
        Rate {
            batches,
            rows,
            took: self.at.elapsed(),
            cpu: cpu().saturating_sub(self.cpu),
        }
    }
}

fn rows(batches: &[Batch]) -> usize {
    batches
        .iter()
        .map(|batch| batch.events.len() + batch.rows.len())
        .sum()
}

/// The process's processor time, which Linux counts in hundredths of a second.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields after the program's name, which may itself hold spaces.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

impl Rate {
    /// Batches a second.
    pub fn per_second(&self) -> f64 {
        self.batches as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// Processor time a batch, in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.batches.max(1) as f64
    }
}

/// Commits batches through the store, `waiting` callers at a time, each beginning its next one when it is answered.
pub async fn commits(store: &Store, batches: Vec<Batch>, waiting: usize) -> Result<Rate, CommitError> {
    let (count, rows) = (batches.len(), rows(&batches));
    let queue = std::sync::Arc::new(tokio::sync::Mutex::new(batches.into_iter()));
    let begun = Start::now();
    let mut callers: tokio::task::JoinSet<Result<(), CommitError>> = tokio::task::JoinSet::new();
    for _ in 0..waiting.max(1) {
        let (store, queue) = (store.clone(), std::sync::Arc::clone(&queue));
        callers.spawn(async move {
            loop {
                let Some(batch) = queue.lock().await.next() else {
                    return Ok(());
                };
                store.commit(batch).await?;
            }
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.map_err(|error| CommitError::Failed(error.to_string()))??;
    }
    Ok(begun.rate_of(count, rows))
}

/// Inserts the rows of batches raw, into a new and empty place: `waiting` batches to a transaction on SQLite;
/// on PostgreSQL pipelined, `waiting` batches shared out over as many connections as the store writes with.
pub async fn raw_inserts(
    target: Target<'_>,
    migrations: &[Migration],
    batches: Vec<Batch>,
    waiting: usize,
) -> Result<Rate, StoreError> {
    match target {
        Target::Folder(dir) => {
            Store::open_sqlite(dir, migrations).await?.close().await;
            raw_sqlite(dir, batches, waiting.max(1)).await
        }
        Target::Server(url) => {
            Store::open_postgres(url, migrations).await?.close().await;
            postgres::raw_inserts(url, batches, waiting.max(1)).await
        }
    }
}

async fn raw_sqlite(dir: &Path, batches: Vec<Batch>, group: usize) -> Result<Rate, StoreError> {
    let dir = dir.to_owned();
    let run = tokio::task::spawn_blocking(move || {
        let begun = Start::now();
        sqlite::raw_inserts(&dir, &batches, group)?;
        Ok(begun.rate(&batches))
    });
    run.await.map_err(|error| StoreError::Failed(error.to_string()))?
}

/// A plain insert, with parameters written as the engine likes them.
pub(crate) fn insert_sql(table: &Table, sign: char) -> String {
    let places: Vec<String> = (1..=table.width()).map(|at| format!("{sign}{at}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        table.column_list(),
        places.join(", ")
    )
}

/// The rows a batch puts.
pub(crate) fn puts(batch: &Batch) -> impl Iterator<Item = &crate::table::Row> {
    batch.rows.iter().filter_map(|write| match write {
        RowWrite::Put(row) => Some(row),
        RowWrite::Delete { .. } => None,
    })
}
