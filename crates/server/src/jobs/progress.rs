//! How far a job is: told to the table now and then, which also keeps the job and learns that it was cancelled.

use std::time::Duration;

use regulation::{Id, Said};
use store::{Store, StoreError};
use tokio::time::Instant;

/// How long a node holds a job without telling.
pub(super) const LEASE_MS: i64 = 30_000;

/// How often it tells at most.
const PACE: Duration = Duration::from_millis(500);

const TELL: &str = "UPDATE jobs SET done = $3, total = $4, taken_until = $5 \
     WHERE id = $1 AND taken_until = $2 AND cancelled = 0 AND ended IS NULL";
const STANDS: &str = "SELECT taken_until, cancelled FROM jobs WHERE id = $1";

/// Why a job's work ended before its end.
#[derive(Debug)]
pub enum Stopped {
    /// Somebody cancelled it.
    Cancelled,
    /// Another node has it.
    Lost,
    /// It cannot be done, and trying again would not help.
    Failed(Said),
    /// The store failed; it is tried again.
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Stopped::Store(error)
    }
}

impl Stopped {
    /// It cannot be done for this reason.
    pub fn failed(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Stopped::Failed(Said {
            zh: zh.into(),
            en: en.into(),
        })
    }
}

/// The hold on a job while it is worked on.
#[derive(Debug)]
pub struct Progress<'a> {
    store: &'a Store,
    job: Id,
    pub(super) taken_until: i64,
    told: Option<Instant>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(store: &'a Store, job: Id, taken_until: i64) -> Self {
        Progress {
            store,
            job,
            taken_until,
            told: None,
        }
    }

    /// Tells how far the work is. To be called after every small piece of it.
    ///
    /// # Errors
    /// When the job was cancelled or lost: then the work ends here.
    pub async fn tell(&mut self, done: i64, total: i64) -> Result<(), Stopped> {
        if self.told.is_some_and(|told| told.elapsed() < PACE) {
            return Ok(());
        }
        // Greater than before even when the clock stands.
        let until = (self.store.now() + LEASE_MS).max(self.taken_until + 1);
        let params = [
            self.job.0.into(),
            self.taken_until.into(),
            done.into(),
            total.into(),
            until.into(),
        ];
        if self.store.execute(TELL, &params).await? == 1 {
            self.taken_until = until;
            self.told = Some(Instant::now());
            return Ok(());
        }
        let rows = self.store.query(STANDS, &[self.job.0.into()]).await?;
        match rows.first() {
            Some(row) if row.int(0)? == self.taken_until && row.flag(1)? => Err(Stopped::Cancelled),
            _ => Err(Stopped::Lost),
        }
    }
}
