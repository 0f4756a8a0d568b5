//! The writers: each takes what waits, folds it into one transaction and sends it with its commit in one go. Where
//! that meets resistance, the batches are tried again one by one. A lost connection is looked into, not guessed at.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use deadpool_postgres::ClientWrapper;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

use super::errors::{describe, is_lost, store_error};
use super::fold::{Folded, fold, is_foldable};
use super::link::Link;
use super::single::commit_one;
use crate::batch::Batch;
use crate::engine::Shared;
use crate::error::{CommitError, Committed, StoreError};
use crate::figures::Counters;

/// The most batches in one transaction.
const GROUP: usize = 128;

/// How long a lost database is waited for before the callers are told.
const PATIENCE: Duration = Duration::from_secs(8);

pub(super) struct Job {
    pub batch: Batch,
    pub reply: oneshot::Sender<Result<Committed, CommitError>>,
}

/// A transaction that broke off.
pub(super) struct Broken {
    pub error: Error,
    /// The commit was on its way.
    pub sent: bool,
}

/// A writer's connection, and which of the server's processes serves it.
struct Session {
    client: ClientWrapper,
    process: Process,
}

/// A process of the server, told from a later one of the same number by when it began.
#[derive(Debug, Clone, Copy)]
struct Process {
    id: i32,
    begun: i64,
}

impl Session {
    async fn open(link: &Link) -> Result<Session, StoreError> {
        let failed = |error: Error| store_error(&error);
        let (client, connection) = link.open().await?;
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(
                    error = describe(&error),
                    "a writer's connection to the database was lost"
                );
            }
        });
        let client = ClientWrapper::new(client, task);
        // Point reads only: a plan made while a table was small must not scan it when it has grown. And an answer
        // means durable, whatever the server's own setting.
        let settings = "SET enable_seqscan = off; \
                        SELECT set_config('synchronous_commit', 'on', false) \
                        WHERE current_setting('synchronous_commit') = 'off'";
        client.batch_execute(settings).await.map_err(failed)?;
        let who = "SELECT pid, CAST(extract(epoch FROM backend_start) * 1000000 AS BIGINT) \
                   FROM pg_stat_activity WHERE pid = pg_backend_pid()";
        let row = client.query_one(who, &[]).await.map_err(failed)?;
        let process = Process {
            id: row.try_get(0).map_err(failed)?,
            begun: row.try_get(1).map_err(failed)?,
        };
        Ok(Session { client, process })
    }
}

pub(super) async fn run(link: Link, queue: Arc<Mutex<mpsc::Receiver<Job>>>, shared: Arc<Shared>) {
    let mut session = None;
    loop {
        let mut group = Vec::new();
        {
            let mut queue = queue.lock().await;
            let Some(first) = queue.recv().await else { return };
            group.push(first);
            while group.len() < GROUP
                && let Ok(job) = queue.try_recv()
            {
                group.push(job);
            }
        }
        shared
            .counters
            .waiting
            .fetch_sub(group.len() as u64, Ordering::Relaxed);
        commit_group(&link, &mut session, group, &shared).await;
    }
}

async fn commit_group(link: &Link, session: &mut Option<Session>, group: Vec<Job>, shared: &Shared) {
    let begun = Instant::now();
    let size = group.len();
    let (together, mut alone) = part(group);
    let batches: Vec<&Batch> = together.iter().map(|job| &job.batch).collect();
    if !batches.is_empty() {
        let outcome = match ready(link, session).await {
            Ok(open) => {
                let statements = fold(&batches, crate::clock::system_ms());
                send(&open.client, true, &statements).await.map_err(Some)
            }
            Err(_) => Err(None),
        };
        match outcome {
            Ok(()) => {
                shared.counters.group(size, begun.elapsed());
                for job in together {
                    deliver(job, Ok(()), shared);
                }
            }
            Err(broken) => {
                shared.counters.redone_groups.fetch_add(1, Ordering::Relaxed);
                let doubt = after(session, broken).await;
                for job in together {
                    let result = resolve(link, session, &job.batch, doubt).await;
                    deliver(job, result, shared);
                }
            }
        }
    }
    for job in alone.drain(..) {
        let begun = Instant::now();
        let result = resolve(link, session, &job.batch, None).await;
        shared.counters.group(1, begun.elapsed());
        deliver(job, result, shared);
    }
}

/// Those that can share a transaction, and those that go alone. Two batches on the same record, key or claim never
/// share one: the second is to see what the first did.
fn part(group: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let mut records = HashSet::new();
    let mut keys = HashSet::new();
    let (mut together, mut alone) = (Vec::with_capacity(group.len()), Vec::new());
    for job in group {
        let batch = &job.batch;
        let mine: Vec<(i64, String, String)> = {
            let once = batch
                .idempotency
                .iter()
                .map(|once| (once.person, once.key.clone(), String::new()));
            let claims = batch
                .claims
                .iter()
                .map(|(name, key, _)| (-1, name.clone(), key.clone()));
            once.chain(claims).collect()
        };
        let distinct: HashSet<_> = mine.iter().collect();
        let fits = is_foldable(batch)
            && distinct.len() == mine.len()
            && batch.chains.keys().all(|record| !records.contains(record))
            && mine.iter().all(|key| !keys.contains(key));
        // Even one that goes alone keeps later ones of the same record behind it.
        records.extend(batch.chains.keys().copied());
        keys.extend(mine);
        if fits { together.push(job) } else { alone.push(job) }
    }
    (together, alone)
}

/// A session that works, opening one when there is none.
async fn ready<'a>(link: &Link, session: &'a mut Option<Session>) -> Result<&'a Session, StoreError> {
    let usable = session.take().filter(|open| !open.client.is_closed());
    let open = match usable {
        Some(open) => open,
        None => Session::open(link).await?,
    };
    Ok(session.insert(open))
}

/// Cleans up after a transaction that broke off. If it may stand all the same, the server's process that would know.
async fn after(session: &mut Option<Session>, broken: Option<Broken>) -> Option<Process> {
    let broken = broken?;
    if is_lost(&broken.error) {
        return session.take().filter(|_| broken.sent).map(|lost| lost.process);
    }
    if let Some(open) = session.as_ref()
        && open.client.batch_execute("ROLLBACK").await.is_err()
    {
        *session = None;
    }
    None
}

/// Commits one batch by itself, over a new connection if the old one is lost. In `doubt` the batch may stand
/// already, committed by that process of the server.
async fn resolve(
    link: &Link,
    session: &mut Option<Session>,
    batch: &Batch,
    mut doubt: Option<Process>,
) -> Result<(), CommitError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let open = match ready(link, session).await {
            Ok(open) => open,
            Err(error) if Instant::now() < deadline && matches!(error, StoreError::Unavailable(_)) => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            Err(error) if doubt.is_some() => return Err(CommitError::Unknown(error.to_string())),
            Err(error) => return Err(error.into()),
        };
        if let Some(process) = doubt {
            match stands(open, process, batch, deadline).await {
                Ok(Some(result)) => return result,
                Ok(None) => {}
                Err(error) if is_lost(&error) && Instant::now() < deadline => {
                    *session = None;
                    continue;
                }
                Err(error) => return Err(CommitError::Unknown(describe(&error))),
            }
        }
        match commit_one(&open.client, batch).await {
            Ok(result) => return result,
            Err(broken) if Instant::now() < deadline => {
                doubt = session.take().filter(|_| broken.sent).map(|lost| lost.process);
            }
            Err(broken) if broken.sent => return Err(CommitError::Unknown(describe(&broken.error))),
            Err(broken) => return Err(CommitError::Unavailable(describe(&broken.error))),
        }
    }
}

/// Whether a batch whose commit was on its way stands; `None` when it surely does not. The process that served the
/// lost connection is waited for first: until it is gone it may still commit.
async fn stands(
    open: &Session,
    process: Process,
    batch: &Batch,
    deadline: Instant,
) -> Result<Option<Result<(), CommitError>>, Error> {
    let alive = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 \
                 AND CAST(extract(epoch FROM backend_start) * 1000000 AS BIGINT) = $2";
    while open
        .client
        .query_opt(alive, &[&process.id, &process.begun])
        .await?
        .is_some()
    {
        if Instant::now() > deadline {
            let still = "the server is still busy with it".to_owned();
            return Ok(Some(Err(CommitError::Unknown(still))));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if let Some(event) = batch.events.first() {
        // Salted, so that no other batch has this hash.
        let ask = "SELECT 1 FROM events WHERE record = $1 AND seq = $2 AND hash = $3";
        let hash = event.hash.as_slice();
        let found = open
            .client
            .query_opt(ask, &[&event.record, &event.seq, &hash])
            .await?;
        return Ok(found.map(|_| Ok(())));
    }
    if let Some(once) = &batch.idempotency {
        let ask = "SELECT result FROM idempotency WHERE person = $1 AND key = $2";
        let row = open.client.query_opt(ask, &[&once.person, &once.key]).await?;
        return row
            .map(|row| {
                let result: Vec<u8> = row.try_get(0)?;
                Ok(if result == once.result {
                    Ok(())
                } else {
                    Err(CommitError::AlreadyDone(result))
                })
            })
            .transpose();
    }
    let untold = "it has neither an event nor an idempotency key to know it by".to_owned();
    Ok(Some(Err(CommitError::Unknown(untold))))
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Sends statements and the commit without waiting in between, then waits for all answers. If the server refuses
/// one, it ignores those after it and turns the commit into a rollback. If one cannot even be sent, neither is the
/// commit.
pub(super) async fn send(
    client: &ClientWrapper,
    begin: bool,
    statements: &[Folded<'_>],
) -> Result<(), Broken> {
    let before = |error: Error| Broken { error, sent: false };
    let mut prepared = Vec::with_capacity(statements.len());
    for statement in statements {
        prepared.push(
            client
                .prepare_typed_cached(&statement.text, &statement.types)
                .await
                .map_err(before)?,
        );
    }
    let mut sent: Vec<Option<Sent<'_>>> = Vec::with_capacity(statements.len() + 2);
    if begin {
        sent.push(Some(Box::pin(client.batch_execute("BEGIN"))));
    }
    for (statement, folded) in prepared.iter().zip(statements) {
        let params: Vec<&(dyn ToSql + Sync)> = folded.params.iter().map(|param| &**param as _).collect();
        sent.push(Some(Box::pin(async move {
            client.execute(statement, &params).await.map(drop)
        })));
    }
    let mut first_error = None;
    let mut committing = false;
    poll_fn(|context| {
        let mut open = false;
        for one in &mut sent {
            if let Some(future) = one {
                match future.as_mut().poll(context) {
                    Poll::Pending => open = true,
                    Poll::Ready(result) => {
                        *one = None;
                        if let Err(error) = result {
                            first_error.get_or_insert(error);
                        }
                    }
                }
            }
        }
        if !committing && first_error.is_none() {
            committing = true;
            let mut commit: Sent<'_> = Box::pin(client.batch_execute("COMMIT"));
            match commit.as_mut().poll(context) {
                Poll::Pending => {
                    open = true;
                    sent.push(Some(commit));
                }
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        if open { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    match first_error {
        Some(error) => Err(Broken {
            error,
            sent: committing,
        }),
        None => Ok(()),
    }
}

/// Tells the caller. One that no longer waits is no error.
fn deliver(job: Job, result: Result<(), CommitError>, shared: &Shared) {
    let counters = &shared.counters;
    match &result {
        Ok(()) => {
            Counters::add(&counters.commits, 1);
            Counters::add(&counters.events, job.batch.events.len());
        }
        Err(
            CommitError::Stale { .. }
            | CommitError::Claimed { .. }
            | CommitError::GuardChanged { .. }
            | CommitError::AlreadyDone(_),
        ) => Counters::add(&counters.refused, 1),
        Err(_) => Counters::add(&counters.failed, 1),
    }
    let _ = job.reply.send(result.map(|()| Committed { position: None }));
}
