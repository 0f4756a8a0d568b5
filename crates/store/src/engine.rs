//! What the store asks of either engine. The enum stands where a trait would: there are two, and nothing else
//! knows which one runs.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::{broadcast, mpsc};

use crate::batch::Batch;
use crate::clock::Clock;
use crate::error::{CommitError, Committed, StoreError};
use crate::export::{Kind, UNFINISHED};
use crate::figures::Counters;
use crate::snapshot::Snapshot;
use crate::value::{Answer, Value};
use crate::work::Work;
use crate::{postgres, sqlite};

/// One statement of the store's own work.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    pub text: Cow<'static, str>,
    pub params: Vec<Value>,
}

impl Sql {
    pub fn new(text: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Self {
        Sql {
            text: text.into(),
            params,
        }
    }
}

/// What one statement did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub rows: Vec<Answer>,
    pub changed: u64,
}

/// Positions that were newly given: after the first, up to and including the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// The highest position before.
    pub after: i64,
    /// The highest position now.
    pub upto: i64,
}

/// What engine and store share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub counters: Counters,
    sealed: AtomicI64,
    announce: broadcast::Sender<Sealed>,
    words: broadcast::Sender<Arc<str>>,
}

impl Shared {
    pub fn new() -> Arc<Self> {
        let (announce, _) = broadcast::channel(1024);
        Arc::new(Shared {
            counters: Counters::default(),
            sealed: AtomicI64::new(0),
            announce,
            words: broadcast::channel(1024).0,
        })
    }

    pub fn sealed(&self) -> i64 {
        self.sealed.load(Ordering::Acquire)
    }

    /// Sets where the positions stand at start, without telling anybody.
    pub fn start_at(&self, position: i64) {
        self.sealed.store(position, Ordering::Release);
    }

    /// Moves the highest position on and tells the listeners.
    pub fn sealed_up_to(&self, upto: i64) {
        let after = self.sealed.fetch_max(upto, Ordering::AcqRel);
        if upto > after {
            // Nobody listening is no error.
            let _ = self.announce.send(Sealed { after, upto });
        }
    }

    /// A word came from another node.
    pub fn heard(&self, word: &str) {
        // Nobody listening is no error.
        let _ = self.words.send(word.into());
    }

    pub fn words(&self) -> broadcast::Receiver<Arc<str>> {
        self.words.subscribe()
    }

    pub fn listen(&self) -> broadcast::Receiver<Sealed> {
        self.announce.subscribe()
    }
}

/// A stream of answers in portions.
pub(crate) type Portions = mpsc::Receiver<Result<Vec<Answer>, StoreError>>;

/// How many answers travel in one portion.
pub(crate) const PORTION: usize = 512;

/// The engine that runs.
pub(crate) enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

impl Engine {
    /// Passes a word on to all nodes; on SQLite there is no other one.
    pub async fn pass_on(&self, word: &str) -> Result<(), StoreError> {
        match self {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(engine) => engine.pass_on(word).await,
        }
    }

    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        match self {
            Engine::Sqlite(engine) => engine.commit(batch).await,
            Engine::Postgres(engine) => engine.commit(batch).await,
        }
    }

    /// Runs statements in one transaction.
    pub async fn transact(&self, work: Vec<Sql>) -> Result<Vec<Outcome>, StoreError> {
        match self {
            Engine::Sqlite(engine) => engine.transact(work).await,
            Engine::Postgres(engine) => engine.transact(work).await,
        }
    }

    pub async fn query(&self, sql: Sql) -> Result<Vec<Answer>, StoreError> {
        match self {
            Engine::Sqlite(engine) => engine.query(sql).await,
            Engine::Postgres(engine) => engine.query(sql).await,
        }
    }

    pub async fn stream(&self, sql: Sql) -> Result<Portions, StoreError> {
        match self {
            Engine::Sqlite(engine) => engine.stream(sql).await,
            Engine::Postgres(engine) => engine.stream(sql).await,
        }
    }

    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        match self {
            Engine::Sqlite(engine) => engine.snapshot().await,
            Engine::Postgres(engine) => engine.snapshot().await,
        }
    }

    /// The statements that differ between the engines.
    pub fn texts(&self) -> &'static Texts {
        match self {
            Engine::Sqlite(_) => &sqlite::TEXTS,
            Engine::Postgres(_) => &postgres::TEXTS,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// The same query for many parameter sets.
    pub async fn query_each(
        &self,
        text: &'static str,
        params: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<Answer>>, StoreError> {
        match self {
            Engine::Sqlite(engine) => engine.query_each(text, params).await,
            Engine::Postgres(engine) => engine.query_each(text, params).await,
        }
    }

    /// Puts many new rows into a table, in one transaction.
    pub async fn bulk(
        &self,
        table: &str,
        columns: &[(String, Kind)],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        match self {
            Engine::Sqlite(engine) => engine.bulk(table, columns, rows).await,
            Engine::Postgres(engine) => engine.bulk(table, columns, rows).await,
        }
    }

    /// Clears what was taken out of the queue of events without positions.
    pub async fn tidy_queue(&self) -> Result<(), StoreError> {
        match self {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(engine) => engine.tidy_queue().await,
        }
    }

    /// Whether an import began here and did not end.
    pub async fn has_unfinished_import(&self) -> Result<bool, StoreError> {
        let ask = "SELECT value FROM marks WHERE name = $1";
        Ok(!self
            .query(Sql::new(ask, vec![UNFINISHED.into()]))
            .await?
            .is_empty())
    }

    /// Reads the highest position anew, after events came in past the writer.
    pub async fn refresh_position(&self, shared: &Shared) -> Result<(), StoreError> {
        let highest = Sql::new("SELECT coalesce(max(position), 0) FROM positions", Vec::new());
        shared.start_at(
            self.query(highest)
                .await?
                .first()
                .map_or(Ok(0), |row| row.int(0))?,
        );
        Ok(())
    }

    /// Reads the database's clock where it has one.
    pub async fn read_clock(&self, clock: &Clock) -> Result<(), StoreError> {
        match self {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(engine) => {
                let at = std::time::Instant::now();
                clock.set(engine.clock_ms().await?, at);
                Ok(())
            }
        }
    }

    /// The statement that takes due work.
    pub fn due_sql(&self, work: &Work) -> String {
        match self {
            Engine::Sqlite(_) => sqlite::due_sql(work),
            Engine::Postgres(_) => postgres::due_sql(work),
        }
    }

    pub async fn close(&self) {
        match self {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close().await,
        }
    }
}

/// The statements that cannot be one text. Each engine has its own set; the columns they give are the same.
pub(crate) struct Texts {
    /// `$1` record → its events in order, without positions.
    pub load: &'static str,
    /// `$1` position, `$2` limit → events after it, with positions.
    pub after: &'static str,
    /// `$1`, `$2` positions → events after the first up to the second in the order of positions.
    pub range: &'static str,
    /// All events by record and seq, without positions.
    pub by_record: &'static str,
    /// `$1` record → its events in order with positions.
    pub with_positions: &'static str,
    /// `$1`, `$2` positions → position and hash of the events after the first up to the second, in order.
    pub hashes: &'static str,
    /// `$1` the sealer's fence → gives positions to all that has none and tells the nodes; the highest position
    /// given, or nothing. Absent where commits give positions.
    pub give_positions: Option<&'static str>,
    /// Events that have no position and do not wait for one, positions that have no event: record, seq. Absent
    /// where position and event are one row.
    pub strays: Option<[&'static str; 2]>,
    /// Events that wait for a position, by record and seq, in the columns of `load`. Absent likewise.
    pub waiting: Option<&'static str>,
    /// Names of the tables that hold data, and of their columns with their kinds, in order.
    pub catalogue: &'static str,
}
