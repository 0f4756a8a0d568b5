//! PostgreSQL: a few writer connections that pipeline what waits, a pool of readers, and one connection that
//! listens to the sealer.

mod aside;
mod errors;
mod fold;
mod link;
mod listen;
mod migrate;
mod raw;
mod read;
mod single;
mod texts;
mod tls;
mod value;
mod work;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::batch::Batch;
use crate::engine::{Outcome, Portions, Shared, Sql};
use crate::error::{CommitError, Committed, StoreError};
use crate::export::Kind;
use crate::figures::Counters;
use crate::migrations::Migration;
use crate::snapshot::Snapshot;
use crate::value::{Answer, Value};

pub(crate) use aside::put_aside;
pub(crate) use migrate::applied;
pub(crate) use raw::raw_inserts;
pub(crate) use texts::TEXTS;
pub(crate) use work::due_sql;

use read::Readers;
use writer::Job;

/// How many connections write.
const WRITERS: usize = 4;

/// How many batches may wait before callers are held back.
const QUEUE: usize = 8192;

pub(crate) struct Engine {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    listener: JoinHandle<()>,
    readers: Readers,
    shared: Arc<Shared>,
}

impl Engine {
    /// Connects, applies the migrations and starts writers and listener.
    pub async fn open(url: &str, callers: &[Migration], shared: Arc<Shared>) -> Result<Self, StoreError> {
        let link = link::Link::parse(url)?;
        migrate::migrate(&link, callers).await?;
        let readers = Readers::new(&link)?;
        let highest = Sql::new("SELECT coalesce(max(position), 0) FROM positions", Vec::new());
        let highest = readers.query(highest).await?;
        shared.start_at(highest.first().map_or(Ok(0), |row| row.int(0))?);
        let listener = tokio::spawn(listen::listen(link.clone(), Arc::clone(&shared)));
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        let writers = (0..WRITERS)
            .map(|_| {
                tokio::spawn(writer::run(
                    link.clone(),
                    Arc::clone(&waiting),
                    Arc::clone(&shared),
                ))
            })
            .collect();
        Ok(Engine {
            queue: Mutex::new(Some(queue)),
            writers: Mutex::new(writers),
            listener,
            readers,
            shared,
        })
    }

    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        Counters::add(&self.shared.counters.waiting, 1);
        queue
            .send(Job { batch, reply })
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Tells every node a word, this one too.
    pub async fn pass_on(&self, word: &str) -> Result<(), StoreError> {
        let sql = Sql::new(texts::PASS_ON, vec![word.into()]);
        self.readers.transact(vec![sql]).await.map(|_| ())
    }

    pub async fn transact(&self, work: Vec<Sql>) -> Result<Vec<Outcome>, StoreError> {
        self.readers.transact(work).await
    }

    /// Puts many new rows into a table, in one transaction.
    pub async fn bulk(
        &self,
        table: &str,
        columns: &[(String, Kind)],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        self.readers.bulk(table, columns, &rows).await
    }

    pub async fn query(&self, sql: Sql) -> Result<Vec<Answer>, StoreError> {
        self.readers.query(sql).await
    }

    pub async fn query_each(
        &self,
        text: &'static str,
        params: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<Answer>>, StoreError> {
        self.readers.query_each(text, params).await
    }

    pub async fn stream(&self, sql: Sql) -> Result<Portions, StoreError> {
        self.readers.stream(sql).await
    }

    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.readers.snapshot().await
    }

    /// Clears what was taken out of the queue of events without positions, sooner than the server would by itself.
    pub async fn tidy_queue(&self) -> Result<(), StoreError> {
        self.readers.run_alone("VACUUM unsealed").await
    }

    pub async fn clock_ms(&self) -> Result<i64, StoreError> {
        let now = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        let answers = self.readers.query(Sql::new(now, Vec::new())).await?;
        answers.first().map_or_else(
            || Err(StoreError::Failed("the database tells no time".into())),
            |row| row.int(0),
        )
    }

    /// Finishes what waits and lets the connections go.
    pub async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writers = std::mem::take(&mut *self.writers.lock().unwrap_or_else(PoisonError::into_inner));
        for writer in writers {
            let _ = writer.await;
        }
        self.listener.abort();
        self.readers.close();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.listener.abort();
    }
}
