//! Work that takes longer than a request: it is written down, done by whichever node is free, tells how far it is, can be
//! stopped, and survives a restart.
//!
//! A node takes a job for a short while and goes on taking it while it works; when the node dies, another takes the job
//! and begins it again. So whatever a job does must be right when it is done twice: an import knows what it brought in
//! already, an export writes its file anew.

pub mod api;
mod kind;
mod progress;
mod runner;

pub use kind::Kind;
pub use progress::{Progress, Stopped};
pub use runner::{run, run_waiting};

use regulation::{Id, Said};
use serde::Serialize;
use serde_json::Value as Json;
use store::{Answer as Row, Batch, Store, StoreError};

/// How long ended jobs and their files are kept, in milliseconds: seven days.
pub const KEPT: i64 = 7 * 24 * 3_600_000;

const ADD: &str = "INSERT INTO jobs (id, kind, person, asked, state, done, total, made, attempts, cancelled, due, \
     taken_until) VALUES ($1, $2, $3, $4, 'waiting', 0, 0, $5, 0, 0, $5, 0)";
const ONE: &str = "SELECT id, kind, person, asked, state, done, total, result, why_zh, why_en, made, ended \
     FROM jobs WHERE id = $1";
const OF_PERSON: &str = "SELECT id, kind, person, asked, state, done, total, result, why_zh, why_en, made, ended \
     FROM jobs WHERE person = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const PART: &str = "INSERT INTO job_files (job, part, bytes) VALUES ($1, $2, $3) \
     ON CONFLICT (job, part) DO UPDATE SET bytes = excluded.bytes";
const PARTS: &str = "SELECT bytes FROM job_files WHERE job = $1 AND part >= $2 ORDER BY part LIMIT $3";
const CLEAR: &str = "DELETE FROM job_files WHERE job = $1";

/// A job as it stands.
#[derive(Clone, Debug)]
pub struct Job {
    /// Id.
    pub id: Id,
    /// What it does.
    pub kind: Kind,
    /// Who asked for it.
    pub person: Id,
    /// What was asked.
    pub asked: Json,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// How much is done.
    pub done: i64,
    /// Of how much; 0 while that is not known.
    pub total: i64,
    /// What came out.
    pub result: Option<Json>,
    /// Why it failed.
    pub why: Option<Said>,
    /// When it was asked for, in ms.
    pub made: i64,
    /// When it ended, in ms.
    pub ended: Option<i64>,
}

impl Job {
    fn read(row: &Row) -> Result<Job, StoreError> {
        let damaged = |what: &str| StoreError::Damaged(format!("a job's {what} cannot be read"));
        let json = |text: &str| serde_json::from_str(text).map_err(|_| damaged("contents"));
        let why = row.opt_text(8)?.zip(row.opt_text(9)?);
        Ok(Job {
            id: Id(row.int(0)?),
            kind: Kind::of(row.text(1)?).ok_or_else(|| damaged("kind"))?,
            person: Id(row.int(2)?),
            asked: json(row.text(3)?)?,
            state: row.text(4)?.to_owned(),
            done: row.int(5)?,
            total: row.int(6)?,
            result: row.opt_text(7)?.map(json).transpose()?,
            why: why.map(|(zh, en)| Said {
                zh: zh.to_owned(),
                en: en.to_owned(),
            }),
            made: row.int(10)?,
            ended: row.opt_int(11)?,
        })
    }

    /// Whether it is over, however it went.
    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }
}

/// Adds a job to a batch; gives its id. The runner is to be told afterwards ([`crate::app::App::jobs`]).
pub fn add(
    store: &Store,
    batch: &mut Batch,
    kind: Kind,
    person: Id,
    asked: &impl Serialize,
) -> Result<Id, StoreError> {
    let asked = serde_json::to_string(asked).map_err(|error| StoreError::Failed(error.to_string()))?;
    let id = Id(store.new_id());
    let values = vec![
        id.0.into(),
        kind.word().into(),
        person.0.into(),
        asked.into(),
        store.now().into(),
    ];
    batch.statement(ADD, values);
    Ok(id)
}

/// A job.
pub async fn job(store: &Store, id: Id) -> Result<Option<Job>, StoreError> {
    store
        .query(ONE, &[id.0.into()])
        .await?
        .first()
        .map(Job::read)
        .transpose()
}

/// A person's jobs before this one, the newest first.
pub async fn of_person(store: &Store, person: Id, before: i64, limit: i64) -> Result<Vec<Job>, StoreError> {
    let rows = store
        .query(OF_PERSON, &[person.0.into(), before.into(), limit.into()])
        .await?;
    rows.iter().map(Job::read).collect()
}

/// Keeps one portion of a job's file.
pub async fn keep_part(store: &Store, job: Id, part: i64, bytes: Vec<u8>) -> Result<(), StoreError> {
    store
        .execute(PART, &[job.0.into(), part.into(), bytes.into()])
        .await
        .map(drop)
}

/// Forgets a job's file.
pub async fn clear_file(store: &Store, job: Id) -> Result<(), StoreError> {
    store.execute(CLEAR, &[job.0.into()]).await.map(drop)
}

/// Portions of a job's file from this one on.
pub async fn parts(store: &Store, job: Id, from: i64, limit: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = store
        .query(PARTS, &[job.0.into(), from.into(), limit.into()])
        .await?;
    rows.iter().map(|row| row.blob(0).map(<[u8]>::to_vec)).collect()
}

/// A job's file as a whole.
pub async fn whole_file(store: &Store, job: Id) -> Result<Vec<u8>, StoreError> {
    Ok(parts(store, job, 0, i64::from(u32::MAX)).await?.concat())
}

#[cfg(test)]
mod tests;
