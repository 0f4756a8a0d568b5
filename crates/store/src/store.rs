//! The store's handle: what the rest of the house calls.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::broadcast;

use crate::batch::{Batch, Head, RecordId};
use crate::clock::Clock;
use crate::engine::{Engine, Sealed, Shared, Sql};
use crate::error::{CommitError, Committed, StoreError};
use crate::figures::Figures;
use crate::history::StoredEvent;
use crate::history::seal::Sealer;
use crate::ids::Ids;
use crate::migrations::Migration;
use crate::node::{self, HEARTBEAT, Lease, Numbers};
use crate::value::{Answer, Value};
use crate::view::View;
use crate::work::Work;
use crate::{postgres, sqlite};

/// The longest word that PostgreSQL passes on, with some room.
const LONGEST_WORD: usize = 7_900;

/// A database that is open. Cheap to clone; the last clone closes it, [`Store::close`] does so gracefully.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    shared: Arc<Shared>,
    clock: Clock,
    ids: Ids,
    numbers: Numbers,
    /// Who we are among the nodes: new at every start.
    holder: String,
    sealer: tokio::sync::Mutex<Option<Sealer>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Store")
            .field("engine", &self.engine_name())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or makes an SQLite database in a folder, and applies the migrations. Refused with
    /// [`StoreError::Locked`] while another server has the folder.
    pub async fn open_sqlite(dir: impl AsRef<Path>, migrations: &[Migration]) -> Result<Store, StoreError> {
        let (dir, migrations, shared) = (dir.as_ref().to_owned(), migrations.to_vec(), Shared::new());
        let told = Arc::clone(&shared);
        let open = tokio::task::spawn_blocking(move || sqlite::Engine::open(&dir, &migrations, told));
        let engine = open
            .await
            .map_err(|error| StoreError::Failed(error.to_string()))??;
        Self::start(Engine::Sqlite(engine), shared).await
    }

    /// Opens an SQLite database for reading alone, beside the server that holds its folder: reports, checks, backups.
    /// Everything that writes is answered with [`StoreError::Closed`].
    pub async fn open_sqlite_beside(
        dir: impl AsRef<Path>,
        migrations: &[Migration],
    ) -> Result<Store, StoreError> {
        let (dir, migrations, shared) = (dir.as_ref().to_owned(), migrations.to_vec(), Shared::new());
        let told = Arc::clone(&shared);
        let open = tokio::task::spawn_blocking(move || sqlite::Engine::beside(&dir, &migrations, told));
        let engine = open
            .await
            .map_err(|error| StoreError::Failed(error.to_string()))??;
        let clock = Clock::default();
        let engine = Engine::Sqlite(engine);
        engine.read_clock(&clock).await?;
        let inner = Inner {
            engine,
            shared,
            clock,
            ids: Ids::new(0, 0),
            numbers: Numbers::default(),
            holder: String::new(),
            sealer: tokio::sync::Mutex::default(),
        };
        Ok(Store {
            inner: Arc::new(inner),
        })
    }

    /// Whether this store only reads, beside the server that holds the folder.
    pub fn reads_only(&self) -> bool {
        self.inner.holder.is_empty()
    }

    /// Connects to a PostgreSQL database, and applies the migrations. Several nodes may.
    pub async fn open_postgres(url: &str, migrations: &[Migration]) -> Result<Store, StoreError> {
        let shared = Shared::new();
        let engine = postgres::Engine::open(url, migrations, Arc::clone(&shared)).await?;
        Self::start(Engine::Postgres(engine), shared).await
    }

    async fn start(engine: Engine, shared: Arc<Shared>) -> Result<Store, StoreError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| {
            StoreError::Unavailable(format!("the system gives no random numbers: {error}"))
        })?;
        let holder = crate::history::hash::to_hex(&random);
        let clock = Clock::default();
        engine.read_clock(&clock).await?;
        let number = node::take_node(&engine, &holder, clock.now()).await?;
        let ids = Ids::new(number.node, number.highest);
        if engine.has_unfinished_import().await? {
            return Err(StoreError::Damaged(
                "an import into this database broke off: it is not whole, begin with a new empty one".into(),
            ));
        }
        let numbers = Numbers::default();
        let sealer = tokio::sync::Mutex::default();
        let inner = Arc::new(Inner {
            engine,
            shared,
            clock,
            ids,
            numbers,
            holder,
            sealer,
        });
        tokio::spawn(beat(Arc::downgrade(&inner)));
        Ok(Store { inner })
    }

    /// Gives back what this node holds and closes the database. Clones that are still about get
    /// [`StoreError::Closed`].
    pub async fn close(&self) {
        let Inner {
            engine,
            numbers,
            ids,
            holder,
            ..
        } = &*self.inner;
        if self.reads_only() {
            engine.close().await;
            return;
        }
        if let Err(error) = numbers.give_back(engine).await {
            tracing::warn!(%error, "unused numbers could not be given back, they are gaps now");
        }
        if let Err(error) = node::leave_node(engine, holder, ids.newest_ms()).await {
            tracing::warn!(%error, "the node number could not be given back, it frees itself");
        }
        engine.close().await;
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Goes on behind what an import brought in.
    pub(crate) async fn imported(&self, newest_id_ms: i64) -> Result<(), StoreError> {
        let Inner {
            engine,
            shared,
            ids,
            holder,
            clock,
            ..
        } = &*self.inner;
        engine.refresh_position(shared).await?;
        ids.go_on_after(newest_id_ms);
        node::keep_node(engine, holder, clock.now(), ids.newest_ms())
            .await
            .map(drop)
    }

    pub(crate) fn sealer(&self) -> &tokio::sync::Mutex<Option<Sealer>> {
        &self.inner.sealer
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        self.inner.engine.name()
    }

    /// Commits a batch. Answers only after it stands durably, or says why it does not.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        if let Some(defect) = batch.defect {
            return Err(CommitError::Failed(defect));
        }
        self.inner.engine.commit(batch).await
    }

    /// What was kept with an idempotency key, if it was committed.
    pub async fn outcome(&self, key: &str, person: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT result FROM idempotency WHERE person = $1 AND key = $2";
        let answers = self.query(sql, &[person.into(), key.into()]).await?;
        answers
            .first()
            .map(|answer| answer.blob(0).map(<[u8]>::to_vec))
            .transpose()
    }

    /// Forgets idempotency keys made before a time; how many they were.
    pub async fn forget_outcomes(&self, before: i64) -> Result<u64, StoreError> {
        self.execute("DELETE FROM idempotency WHERE made < $1", &[before.into()])
            .await
    }

    /// All events of a record, in order.
    pub async fn load(&self, record: RecordId) -> Result<Vec<StoredEvent>, StoreError> {
        let load = Sql::new(self.inner.engine.texts().load, vec![record.into()]);
        self.inner
            .engine
            .query(load)
            .await?
            .into_iter()
            .map(StoredEvent::read)
            .collect()
    }

    /// All events of several records, in the order of `records`.
    pub async fn load_many(&self, records: &[RecordId]) -> Result<Vec<Vec<StoredEvent>>, StoreError> {
        let params = records.iter().map(|record| vec![Value::from(*record)]).collect();
        let text = self.inner.engine.texts().load;
        let loaded = self.inner.engine.query_each(text, params).await?;
        loaded
            .into_iter()
            .map(|answers| answers.into_iter().map(StoredEvent::read).collect())
            .collect()
    }

    /// The end of a record's chain.
    pub async fn head(&self, record: RecordId) -> Result<Head, StoreError> {
        let sql = "SELECT seq, hash FROM events WHERE record = $1 ORDER BY seq DESC LIMIT 1";
        let answers = self.query(sql, &[record.into()]).await?;
        answers.first().map_or(Ok(Head::EMPTY), |answer| {
            Ok(Head {
                seq: answer.int(0)?,
                hash: crate::history::hash_of(answer.value(1)?)?,
            })
        })
    }

    /// Runs a query. Parameters are `$1`, `$2` …, used by number; the text must mean the same on both engines.
    pub async fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Answer>, StoreError> {
        self.inner.engine.query(Sql::new(sql, params.to_vec())).await
    }

    /// Runs a query and hands over its rows one by one, for results that need not be in memory at once. An error
    /// from `each` ends it.
    pub async fn for_each<E: From<StoreError>>(
        &self,
        sql: &'static str,
        params: &[Value],
        mut each: impl FnMut(Answer) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut portions = self.inner.engine.stream(Sql::new(sql, params.to_vec())).await?;
        while let Some(portion) = portions.recv().await {
            for answer in portion? {
                each(answer)?;
            }
        }
        Ok(())
    }

    /// Runs one statement on tables outside history; how many rows it changed (or gave back).
    pub async fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
        let outcomes = self
            .inner
            .engine
            .transact(vec![Sql::new(sql, params.to_vec())])
            .await?;
        Ok(outcomes.first().map_or(0, |outcome| outcome.changed))
    }

    /// Runs one writing statement with `RETURNING`; the rows it gave back.
    pub async fn execute_returning(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Answer>, StoreError> {
        let outcomes = self
            .inner
            .engine
            .transact(vec![Sql::new(sql, params.to_vec())])
            .await?;
        Ok(outcomes
            .into_iter()
            .next()
            .map(|outcome| outcome.rows)
            .unwrap_or_default())
    }

    /// A view of the whole database that does not change, for work that reads several tables.
    pub async fn snapshot(&self) -> Result<View, StoreError> {
        Ok(View::new(self.inner.engine.snapshot().await?))
    }

    /// Takes up to `limit` rows of due work for `for_ms` milliseconds; no other node takes them meanwhile.
    pub async fn claim_due(&self, work: &Work, for_ms: i64, limit: i64) -> Result<Vec<Answer>, StoreError> {
        let now = self.now();
        let params = vec![now.into(), (now + for_ms).into(), limit.into()];
        let sql = Sql::new(self.inner.engine.due_sql(work), params);
        let outcomes = self.inner.engine.transact(vec![sql]).await?;
        Ok(outcomes
            .into_iter()
            .next()
            .map(|outcome| outcome.rows)
            .unwrap_or_default())
    }

    /// Events after a position, in the order of positions.
    pub async fn events_after(&self, position: i64, limit: i64) -> Result<Vec<StoredEvent>, StoreError> {
        let after = Sql::new(
            self.inner.engine.texts().after,
            vec![position.into(), limit.into()],
        );
        self.inner
            .engine
            .query(after)
            .await?
            .into_iter()
            .map(StoredEvent::read)
            .collect()
    }

    /// The highest position this node knows of.
    pub fn sealed_position(&self) -> i64 {
        self.inner.shared.sealed()
    }

    /// Tells of newly given positions. Who is told too late (`Lagged`) reads on with [`Store::events_after`].
    pub fn subscribe(&self) -> broadcast::Receiver<Sealed> {
        self.inner.shared.listen()
    }

    /// Passes a word on to the other nodes of this database, for what need not be kept: it may be lost, and comes back to
    /// this node too. On SQLite there is no other node, and nothing is passed on. At most 7,900 bytes.
    pub async fn pass_on(&self, word: &str) -> Result<(), StoreError> {
        if word.len() > LONGEST_WORD {
            return Err(StoreError::Failed("the word is too long to be passed on".into()));
        }
        self.inner.engine.pass_on(word).await
    }

    /// Words that were passed on, from now on.
    pub fn passed_on(&self) -> broadcast::Receiver<Arc<str>> {
        self.inner.shared.words()
    }

    /// The position of an event, waiting up to `patience` for the sealer to give it one.
    pub async fn sealed_at(
        &self,
        record: RecordId,
        seq: i64,
        patience: Duration,
    ) -> Result<Option<i64>, StoreError> {
        let mut told = self.subscribe();
        let deadline = tokio::time::Instant::now() + patience;
        let sql = "SELECT position FROM positions WHERE record = $1 AND seq = $2";
        loop {
            if let Some(answer) = self.query(sql, &[record.into(), seq.into()]).await?.first() {
                return answer.int(0).map(Some);
            }
            if tokio::time::timeout_at(deadline, told.recv()).await.is_err() {
                return Ok(None);
            }
        }
    }

    /// A position behind which nothing lies that was acknowledged before this call, on any node; waits up to `patience`
    /// for the sealer where positions come after the commit.
    pub async fn acknowledged_position(&self, patience: Duration) -> Result<Option<i64>, StoreError> {
        let Some(waiting) = self.inner.engine.texts().waiting else {
            return Ok(Some(self.sealed_position()));
        };
        let deadline = tokio::time::Instant::now() + patience;
        let mut behind = self.sealed_position();
        for row in self.inner.engine.query(Sql::new(waiting, Vec::new())).await? {
            let event = StoredEvent::read(row)?;
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            match self.sealed_at(event.record, event.seq, left).await? {
                Some(position) => behind = behind.max(position),
                None => return Ok(None),
            }
        }
        // What was sealed elsewhere and not announced here yet lies behind this one.
        let highest = "SELECT coalesce(max(position), 0) FROM positions";
        let answers = self.query(highest, &[]).await?;
        Ok(Some(
            behind.max(answers.first().map_or(Ok(0), |answer| answer.int(0))?),
        ))
    }

    /// The next number of a series, from 1. Never given twice, on any node; gaps happen.
    pub async fn number(&self, series: &str) -> Result<i64, StoreError> {
        self.inner.numbers.next(&self.inner.engine, series).await
    }

    /// A new id, unique over all nodes, greater than every one this node made before.
    pub fn new_id(&self) -> i64 {
        self.inner.ids.next(self.inner.clock.now())
    }

    /// Takes a lease, or takes it again; `None` while another node holds it.
    pub async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX / 4);
        node::take_lease(&self.inner.engine, &self.inner.holder, name, self.now(), ttl).await
    }

    /// Lets a lease go, so that another node need not wait for its end.
    pub async fn end_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        node::leave_lease(&self.inner.engine, &self.inner.holder, &lease.name).await
    }

    /// The one clock in ms since 1970 UTC: the database's on PostgreSQL, the system's on SQLite. Never goes back.
    pub fn now(&self) -> i64 {
        self.inner.clock.now()
    }

    /// A mark outside history, such as `sending_held` after a restore.
    pub async fn mark(&self, name: &str) -> Result<Option<String>, StoreError> {
        let answers = self
            .query("SELECT value FROM marks WHERE name = $1", &[name.into()])
            .await?;
        answers
            .first()
            .map(|answer| answer.text(0).map(str::to_owned))
            .transpose()
    }

    /// Sets or (with `None`) clears a mark.
    pub async fn set_mark(&self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let set = "INSERT INTO marks (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        match value {
            Some(value) => self.execute(set, &[name.into(), value.into()]).await?,
            None => {
                self.execute("DELETE FROM marks WHERE name = $1", &[name.into()])
                    .await?
            }
        };
        Ok(())
    }

    /// Counts for metrics.
    pub fn figures(&self) -> Figures {
        self.inner.shared.counters.snapshot()
    }
}

/// Gives the sign of life and reads the database's clock, as long as the store is open.
async fn beat(store: Weak<Inner>) {
    loop {
        {
            let Some(inner) = store.upgrade() else { return };
            let Inner {
                engine,
                clock,
                ids,
                holder,
                ..
            } = &*inner;
            let round = async {
                engine.read_clock(clock).await?;
                if !node::keep_node(engine, holder, clock.now(), ids.newest_ms()).await? {
                    let number = node::take_node(engine, holder, clock.now()).await?;
                    ids.become_node(number.node, number.highest);
                }
                Ok::<(), StoreError>(())
            };
            match round.await {
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(%error, "the node's sign of life did not reach the database"),
            }
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}
