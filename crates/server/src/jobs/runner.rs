//! Taking jobs and doing them.

use std::sync::Arc;
use std::time::Duration;

use regulation::Id;
use store::{StoreError, Work};

use super::progress::LEASE_MS;
use super::{Job, KEPT, Kind, Progress, Stopped};
use crate::app::App;

/// How many jobs one node does at once: a short export need not wait for a long import.
const AT_ONCE: usize = 2;

/// How often a node looks for jobs that other nodes left.
const LOOK: Duration = Duration::from_secs(5);

/// How often a job may be begun: one that brings its node down must not do so for ever.
const ATTEMPTS: i64 = 5;

const WORK: Work = Work {
    table: "jobs",
    key: "id",
    due: "due",
    taken_until: "taken_until",
    give: &["id", "taken_until", "attempts", "cancelled"],
};

const BEGIN: &str =
    "UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id = $1 AND taken_until = $2";
const LEAVE: &str =
    "UPDATE jobs SET taken_until = 0, attempts = attempts - 1 WHERE id = $1 AND taken_until = $2";
// An export that was cancelled while its last portion was written is not done.
const END: &str = "UPDATE jobs SET state = CASE WHEN cancelled = 1 AND kind = 'export' THEN 'cancelled' ELSE $3 END, result = $4, why_zh = $5, why_en = $6, ended = $7, due = NULL, \
     done = CASE WHEN $3 = 'done' THEN total ELSE done END, taken_until = 0 WHERE id = $1 AND taken_until = $2";
const NOT_DONE: &str = "DELETE FROM job_files WHERE job = $1 \
     AND EXISTS (SELECT 1 FROM jobs WHERE id = $1 AND kind = 'export' AND state = 'cancelled')";
const OLD_FILES: &str = "DELETE FROM job_files WHERE job IN (SELECT id FROM jobs WHERE ended < $1)";
const OLD: &str = "DELETE FROM jobs WHERE ended < $1";

/// Does jobs until the application stops.
pub async fn run(app: Arc<App>) {
    let workers = (0..AT_ONCE).map(|_| tokio::spawn(worker(app.clone())));
    for worker in workers.collect::<Vec<_>>() {
        if let Err(error) = worker.await {
            tracing::error!(%error, "a worker of jobs fell over");
        }
    }
}

async fn worker(app: Arc<App>) {
    loop {
        let turn = tokio::select! {
            turn = run_waiting(&app) => turn,
            () = app.live.stopped() => return,
        };
        match turn {
            Ok(_) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "a job met an error and is tried again"),
        }
        tokio::select! {
            () = app.jobs.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = app.live.stopped() => return,
        }
    }
}

/// Does every job that waits, one after another; how many they were.
///
/// # Errors
/// When the store fails.
pub async fn run_waiting(app: &App) -> Result<u64, StoreError> {
    let store = &app.centre.store;
    let old = store.now() - KEPT;
    store.execute(OLD_FILES, &[old.into()]).await?;
    store.execute(OLD, &[old.into()]).await?;
    let mut count = 0;
    loop {
        let taken = store.claim_due(&WORK, LEASE_MS, 1).await?;
        let Some(row) = taken.first() else {
            return Ok(count);
        };
        let (id, until, attempts) = (Id(row.int(0)?), row.int(1)?, row.int(2)?);
        let cancelled = row.flag(3)?;
        let mut progress = Progress::new(store, id, until);
        let outcome = if cancelled {
            Err(Stopped::Cancelled)
        } else if attempts >= ATTEMPTS {
            Err(Stopped::failed(
                "多次中断，没有完成。请查看服务器日志后重新提交。",
                "It was interrupted again and again. Look at the server's log, then ask for it again.",
            ))
        } else {
            store.execute(BEGIN, &[id.0.into(), until.into()]).await?;
            let Some(job) = super::job(store, id).await? else {
                continue;
            };
            let leaving = Leaving { app, id };
            let outcome = leaving.work(&job, job.kind, &mut progress).await;
            match outcome {
                Some(outcome) => outcome,
                None => return Ok(count),
            }
        };
        end(app, id, progress.taken_until, outcome).await?;
        count += 1;
    }
}

/// A job whose work is left when the application stops, so that another start goes on with it at once.
struct Leaving<'a> {
    app: &'a App,
    id: Id,
}

impl Leaving<'_> {
    async fn work(
        &self,
        job: &Job,
        kind: Kind,
        progress: &mut Progress<'_>,
    ) -> Option<Result<serde_json::Value, Stopped>> {
        let outcome = tokio::select! {
            outcome = kind.work(self.app, job, progress) => Some(outcome),
            () = self.app.live.stopped() => None,
        };
        if outcome.is_none() {
            let params = [self.id.0.into(), progress.taken_until.into()];
            if let Err(error) = self.app.centre.store.execute(LEAVE, &params).await {
                tracing::warn!(%error, "a job could not be left; it goes on when its time is up");
            }
        }
        outcome
    }
}

async fn end(
    app: &App,
    id: Id,
    until: i64,
    outcome: Result<serde_json::Value, Stopped>,
) -> Result<(), StoreError> {
    let (state, result, why) = match outcome {
        Ok(result) => ("done", Some(result.to_string()), None),
        Err(Stopped::Cancelled) => ("cancelled", None, None),
        Err(Stopped::Failed(why)) => ("failed", None, Some(why)),
        Err(Stopped::Lost) => return Ok(()),
        Err(Stopped::Store(error)) => return Err(error),
    };
    let store = &app.centre.store;
    if state == "cancelled" {
        super::clear_file(store, id).await?;
    }
    let params = [
        id.0.into(),
        until.into(),
        state.into(),
        result.into(),
        why.as_ref().map(|why| why.zh.clone()).into(),
        why.as_ref().map(|why| why.en.clone()).into(),
        store.now().into(),
    ];
    store.execute(END, &params).await?;
    store.execute(NOT_DONE, &[id.0.into()]).await.map(drop)
}
