//! Readers, and the store's own small transactions: connections from a pool.

use std::pin::pin;
use std::time::Duration;

use deadpool_postgres::{ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::{StreamExt, future::try_join_all};
use tokio::sync::mpsc;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::errors::{connect_error, is_lost, is_passing, store_error};
use super::link::Link;
use super::value::{answer, array_type, event, refer, types};
use crate::engine::{Outcome, PORTION, Portions, Sql};
use crate::error::StoreError;
use crate::export::Kind;
use crate::history::Visit;
use crate::snapshot::{Ask, Portion, Snapshot};
use crate::value::{Answer, Value};

/// How many connections read at the same time; more wait.
const READERS: usize = 12;

/// How often a small transaction is tried again when it collided with another one.
const TRIES: usize = 10;

pub(super) struct Readers {
    pool: Pool,
}

impl Readers {
    pub fn new(link: &Link) -> Result<Self, StoreError> {
        let fast = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = link.manager(fast);
        let pool = Pool::builder(manager)
            .max_size(READERS)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(Duration::from_secs(5)))
            .wait_timeout(Some(Duration::from_secs(30)))
            .build();
        Ok(Readers {
            pool: pool.map_err(|error| StoreError::Failed(error.to_string()))?,
        })
    }

    pub fn close(&self) {
        self.pool.close();
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            deadpool_postgres::PoolError::Backend(error) => connect_error(&error),
            deadpool_postgres::PoolError::Closed => StoreError::Closed,
            other => StoreError::Unavailable(other.to_string()),
        })
    }

    pub async fn query(&self, sql: Sql) -> Result<Vec<Answer>, StoreError> {
        for _ in 0..READERS {
            let client = self.client().await?;
            match query_on(&client, &sql).await {
                // An idle connection may have died unnoticed; the next one is fresh or also found dead.
                Err(Trouble::Lost(_)) => drop(Object::take(client)),
                Err(Trouble::Said(error)) => return Err(error),
                Ok(answers) => return Ok(answers),
            }
        }
        let client = self.client().await?;
        query_on(&client, &sql).await.map_err(Trouble::into_error)
    }

    pub async fn query_each(
        &self,
        text: &'static str,
        params: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<Answer>>, StoreError> {
        let client = self.client().await?;
        let each = params.into_iter().map(|params| {
            let (client, sql) = (&client, Sql::new(text, params));
            async move { query_on(client, &sql).await.map_err(Trouble::into_error) }
        });
        try_join_all(each).await
    }

    /// Runs statements in one transaction, again when it collided with another one.
    pub async fn transact(&self, work: Vec<Sql>) -> Result<Vec<Outcome>, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let open = Open::new(self.client().await?);
            match transact_on(open.client()?, &work).await {
                Ok(outcomes) => {
                    open.ended();
                    return Ok(outcomes);
                }
                Err(failure) => {
                    if !failure.lost {
                        let rollback = open.client()?.batch_execute("ROLLBACK").await;
                        rollback.map_err(|error| store_error(&error))?;
                        open.ended();
                    }
                    let again = failure.passing || (failure.lost && !failure.sent && tries < READERS);
                    if !again || tries >= TRIES.max(READERS) {
                        return Err(failure.error);
                    }
                }
            }
        }
    }

    /// Runs a statement that cannot be part of a transaction.
    pub async fn run_alone(&self, text: &str) -> Result<(), StoreError> {
        let client = self.client().await?;
        client
            .batch_execute(text)
            .await
            .map_err(|error| store_error(&error))
    }

    /// Puts many new rows into a table with one statement, its columns carried in arrays.
    pub async fn bulk(
        &self,
        table: &str,
        columns: &[(String, Kind)],
        rows: &[Vec<Value>],
    ) -> Result<(), StoreError> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
        let text = format!(
            "INSERT INTO {table} ({}) SELECT * FROM UNNEST({})",
            names.join(", "),
            places.join(", ")
        );
        let types: Vec<_> = columns
            .iter()
            .map(|(_, kind)| array_type((*kind).into()))
            .collect();
        let arrays: Vec<Vec<&Value>> = (0..columns.len())
            .map(|at| rows.iter().filter_map(|row| row.get(at)).collect())
            .collect();
        let failed = |error: tokio_postgres::Error| store_error(&error);
        let client = self.client().await?;
        let statement = client.prepare_typed_cached(&text, &types).await.map_err(failed)?;
        let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
        client.execute(&statement, &params).await.map_err(failed)?;
        Ok(())
    }

    pub async fn stream(&self, sql: Sql) -> Result<Portions, StoreError> {
        let client = self.client().await?;
        let (send, portions) = mpsc::channel(4);
        tokio::spawn(async move {
            if !send_all(&client, &sql, &send).await {
                // Rows are still on their way; a connection less is cheaper than waiting for them.
                drop(Object::take(client));
            }
        });
        Ok(portions)
    }

    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let open = Open::new(self.client().await?);
        // The first query is what fixes the view.
        for begin in ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"] {
            let begun = open.client()?.batch_execute(begin).await;
            begun.map_err(|error| store_error(&error))?;
        }
        let (snapshot, mut waiting) = Snapshot::new();
        tokio::spawn(async move {
            let Some(client) = open.ended() else { return };
            while let Some(ask) = waiting.recv().await {
                match ask {
                    Ask::Stream { sql, send } => drop(send_all(&client, &sql, &send).await),
                    Ask::Walk { sql, mut visit, done } => {
                        let _ = done.send(walk(&client, &sql, &mut visit).await);
                    }
                }
            }
            if client.batch_execute("ROLLBACK").await.is_err() {
                drop(Object::take(client));
            }
        });
        Ok(snapshot)
    }
}

/// A connection with a transaction in it. Whoever stops waiting amid it (a task that ends with the server) leaves it closed and
/// not in the pool, where it would keep its locks and the next one would find itself inside its transaction.
struct Open {
    client: Option<Object>,
}

impl Open {
    fn new(client: Object) -> Self {
        Open { client: Some(client) }
    }

    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or(StoreError::Closed)
    }

    /// The connection, whose transaction is over or somebody else's to end.
    fn ended(mut self) -> Option<Object> {
        self.client.take()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

/// Walks along an index instead of sorting: the events come by position, which is nearly how they lie on the disk.
async fn walk(client: &Object, sql: &Sql, visit: &mut Visit) -> Result<(), StoreError> {
    let failed = |error: tokio_postgres::Error| store_error(&error);
    let along = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; \
                 SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off";
    let as_ever = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; \
                   SET LOCAL enable_bitmapscan = on; SET LOCAL enable_sort = on";
    client.batch_execute(along).await.map_err(failed)?;
    let statement = prepare(client, sql).await.map_err(failed)?;
    let rows = client
        .query_raw(&statement, refer(&statement, &sql.params)?)
        .await
        .map_err(failed)?;
    let mut rows = pin!(rows);
    let mut visited = 0_usize;
    while let Some(row) = rows.next().await {
        visit(&event(&row.map_err(failed)?)?);
        visited += 1;
        if visited.is_multiple_of(PORTION) {
            tokio::task::yield_now().await;
        }
    }
    client.batch_execute(as_ever).await.map_err(failed)
}

enum Trouble {
    Lost(StoreError),
    Said(StoreError),
}

impl Trouble {
    fn into_error(self) -> StoreError {
        match self {
            Trouble::Lost(error) | Trouble::Said(error) => error,
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        let said = store_error(&error);
        if is_lost(&error) {
            Trouble::Lost(said)
        } else {
            Trouble::Said(said)
        }
    }
}

async fn prepare(client: &Object, sql: &Sql) -> Result<Statement, tokio_postgres::Error> {
    client.prepare_typed_cached(&sql.text, &types(&sql.params)).await
}

async fn query_on(client: &Object, sql: &Sql) -> Result<Vec<Answer>, Trouble> {
    let statement = prepare(client, sql).await?;
    let rows = client
        .query(
            &statement,
            &refer(&statement, &sql.params).map_err(Trouble::Said)?,
        )
        .await?;
    rows.iter()
        .map(|row| answer(row).map_err(Trouble::Said))
        .collect()
}

struct Failure {
    error: StoreError,
    /// The connection is gone.
    lost: bool,
    /// A commit was on its way.
    sent: bool,
    /// Doing it again may succeed.
    passing: bool,
}

impl Failure {
    fn new(error: &tokio_postgres::Error, sent: bool) -> Self {
        Failure {
            error: store_error(error),
            lost: is_lost(error),
            sent,
            passing: is_passing(error),
        }
    }

    fn said(error: StoreError) -> Self {
        Failure {
            error,
            lost: false,
            sent: false,
            passing: false,
        }
    }
}

async fn transact_on(client: &Object, work: &[Sql]) -> Result<Vec<Outcome>, Failure> {
    let failed = |error: tokio_postgres::Error| Failure::new(&error, false);
    client.batch_execute("BEGIN").await.map_err(failed)?;
    let mut outcomes = Vec::with_capacity(work.len());
    for sql in work {
        let statement = prepare(client, sql).await.map_err(failed)?;
        let params = refer(&statement, &sql.params).map_err(Failure::said)?;
        outcomes.push(if statement.columns().is_empty() {
            let changed = client.execute(&statement, &params).await.map_err(failed)?;
            Outcome {
                rows: Vec::new(),
                changed,
            }
        } else {
            let rows = client.query(&statement, &params).await.map_err(failed)?;
            let rows: Result<Vec<_>, _> = rows.iter().map(answer).collect();
            let rows = rows.map_err(Failure::said)?;
            Outcome {
                changed: rows.len() as u64,
                rows,
            }
        });
    }
    client
        .batch_execute("COMMIT")
        .await
        .map_err(|error| Failure::new(&error, true))?;
    Ok(outcomes)
}

/// Sends all answers; `false` when it ended early.
async fn send_all(client: &Object, sql: &Sql, send: &Portion) -> bool {
    match try_send_all(client, sql, send).await {
        Ok(whole) => whole,
        Err(error) => {
            let _ = send.send(Err(error)).await;
            false
        }
    }
}

async fn try_send_all(client: &Object, sql: &Sql, send: &Portion) -> Result<bool, StoreError> {
    let failed = |error: tokio_postgres::Error| store_error(&error);
    let statement = prepare(client, sql).await.map_err(failed)?;
    let params = refer(&statement, &sql.params)?;
    let rows = client.query_raw(&statement, params).await.map_err(failed)?;
    let mut rows = pin!(rows);
    let mut portion = Vec::with_capacity(PORTION);
    while let Some(row) = rows.next().await {
        portion.push(answer(&row.map_err(failed)?)?);
        if portion.len() == PORTION {
            let full = std::mem::replace(&mut portion, Vec::with_capacity(PORTION));
            if send.send(Ok(full)).await.is_err() {
                return Ok(false);
            }
        }
    }
    Ok(portion.is_empty() || send.send(Ok(portion)).await.is_ok())
}
