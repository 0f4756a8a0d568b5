//! The one writer. It takes all that waits, up to a bound, into one transaction: under load hundreds of batches
//! share one sync of the disk, and a lone one waits for nobody.

use std::sync::atomic::Ordering;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::apply::{Applied, apply};
use super::errors::{is_fatal, store_error};
use super::value;
use crate::batch::Batch;
use crate::engine::{Outcome, Shared, Sql};
use crate::error::{CommitError, Committed, StoreError};
use crate::figures::Counters;

/// The most batches in one transaction; what comes after them waits for the next one.
const GROUP: usize = 512;

pub(super) enum Job {
    Commit {
        batch: Box<Batch>,
        reply: oneshot::Sender<Result<Committed, CommitError>>,
    },
    Work {
        work: Vec<Sql>,
        reply: oneshot::Sender<Result<Vec<Outcome>, StoreError>>,
    },
}

enum Done {
    Commit(Result<Committed, CommitError>),
    Work(Result<Vec<Outcome>, StoreError>),
}

/// Why a transaction was given up.
enum Broken {
    /// One batch's statement failed after others had written: do it again, each behind its own savepoint.
    OneBatch,
    /// The engine failed.
    Engine(StoreError),
}

pub(super) fn run(connection: Connection, mut queue: mpsc::Receiver<Job>, shared: &Shared) {
    let mut group = Vec::new();
    while let Some(first) = queue.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(job) = queue.try_recv()
        {
            group.push(job);
        }
        shared
            .counters
            .waiting
            .fetch_sub(group.len() as u64, Ordering::Relaxed);
        commit_group(&connection, &mut group, shared);
    }
    // Leaves a small log behind; nothing depends on it.
    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

fn commit_group(connection: &Connection, group: &mut Vec<Job>, shared: &Shared) {
    let begun = Instant::now();
    let mut outcome = attempt(connection, group, shared.sealed(), false);
    if matches!(outcome, Err(Broken::OneBatch)) {
        shared.counters.redone_groups.fetch_add(1, Ordering::Relaxed);
        outcome = attempt(connection, group, shared.sealed(), true);
    }
    let size = group.len();
    match outcome {
        Ok((dones, position)) => {
            shared.counters.group(size, begun.elapsed());
            shared.sealed_up_to(position);
            for (job, done) in group.drain(..).zip(dones) {
                deliver(job, done, shared);
            }
        }
        Err(broken) => {
            let error = match broken {
                Broken::Engine(error) => error,
                Broken::OneBatch => {
                    StoreError::Failed("a statement failed and could not be undone alone".into())
                }
            };
            tracing::error!(%error, batches = size, "the database refused a transaction");
            for job in group.drain(..) {
                let done = match &job {
                    Job::Commit { .. } => Done::Commit(Err(error.clone().into())),
                    Job::Work { .. } => Done::Work(Err(error.clone())),
                };
                deliver(job, done, shared);
            }
        }
    }
}

/// Tries the whole group in one transaction. Whatever happens, no transaction is open afterwards.
fn attempt(
    connection: &Connection,
    group: &[Job],
    position: i64,
    careful: bool,
) -> Result<(Vec<Done>, i64), Broken> {
    let tried = connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(|error| Broken::Engine(store_error(&error)))
        .and_then(|()| write_all(connection, group, position, careful))
        .and_then(|written| match connection.execute_batch("COMMIT") {
            Ok(()) => Ok(written),
            // A constraint that is only checked now was broken by one of them.
            Err(error) if !careful && !is_fatal(&error) => Err(Broken::OneBatch),
            Err(error) => Err(Broken::Engine(store_error(&error))),
        });
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
    tried
}

fn write_all(
    connection: &Connection,
    group: &[Job],
    mut position: i64,
    careful: bool,
) -> Result<(Vec<Done>, i64), Broken> {
    let engine = |error: rusqlite::Error| Broken::Engine(store_error(&error));
    let mut dones = Vec::with_capacity(group.len());
    for job in group {
        if careful {
            connection.execute_batch("SAVEPOINT one").map_err(engine)?;
        }
        let before = position;
        let done = match job {
            Job::Commit { batch, .. } => {
                apply(connection, batch, &mut position).map(|applied| match applied {
                    Applied::Written => Done::Commit(Ok(Committed {
                        position: (!batch.events.is_empty()).then_some(position),
                    })),
                    Applied::Refused(refusal) => Done::Commit(Err(refusal)),
                })
            }
            Job::Work { work, .. } => {
                let outcomes = work
                    .iter()
                    .map(|sql| value::run(connection, &sql.text, &sql.params));
                outcomes
                    .collect::<Result<Vec<_>, _>>()
                    .map(|outcomes| Done::Work(Ok(outcomes)))
            }
        };
        let done = match done {
            Ok(done) => done,
            Err(error) if is_fatal(&error) || connection.is_autocommit() => return Err(engine(error)),
            Err(_) if !careful => return Err(Broken::OneBatch),
            Err(error) => {
                connection.execute_batch("ROLLBACK TO one").map_err(engine)?;
                position = before;
                match job {
                    Job::Commit { .. } => Done::Commit(Err(store_error(&error).into())),
                    Job::Work { .. } => Done::Work(Err(store_error(&error))),
                }
            }
        };
        if careful {
            connection.execute_batch("RELEASE one").map_err(engine)?;
        }
        dones.push(done);
    }
    Ok((dones, position))
}

/// Tells the caller. One that no longer waits is no error.
fn deliver(job: Job, done: Done, shared: &Shared) {
    let counters = &shared.counters;
    match (job, done) {
        (Job::Commit { batch, reply }, Done::Commit(result)) => {
            match &result {
                Ok(_) => {
                    Counters::add(&counters.commits, 1);
                    Counters::add(&counters.events, batch.events.len());
                }
                Err(
                    CommitError::Stale { .. }
                    | CommitError::Claimed { .. }
                    | CommitError::GuardChanged { .. }
                    | CommitError::AlreadyDone(_),
                ) => Counters::add(&counters.refused, 1),
                Err(_) => Counters::add(&counters.failed, 1),
            }
            let _ = reply.send(result);
        }
        (Job::Work { reply, .. }, Done::Work(result)) => {
            let _ = reply.send(result);
        }
        _ => {}
    }
}
