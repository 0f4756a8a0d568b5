//! Readers: connections that see what is committed, each used by one task at a time off the async threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::errors::store_error;
use super::value;
use crate::engine::{PORTION, Portions, Sql};
use crate::error::StoreError;
use crate::history::Visit;
use crate::snapshot::{Ask, Portion, Snapshot};
use crate::value::{Answer, Value};

/// How many reads run at the same time; more wait. Streams and snapshots count too while they last.
const READERS: usize = 16;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub fn new(path: PathBuf) -> Self {
        Readers {
            path,
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS)),
        }
    }

    pub fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(
            || open_reader(&self.path).map_err(|error| store_error(&error)),
            Ok,
        )
    }

    fn give_back(&self, connection: Connection) {
        if connection.is_autocommit() && !self.permits.is_closed() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }

    /// Does something with a reader on a thread that may block.
    async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = read(&connection).map_err(|error| store_error(&error));
            readers.give_back(connection);
            drop(permit);
            result
        });
        task.await
            .map_err(|error| StoreError::Failed(error.to_string()))?
    }

    pub async fn query(self: &Arc<Self>, sql: Sql) -> Result<Vec<Answer>, StoreError> {
        self.with(move |connection| {
            value::run(connection, &sql.text, &sql.params).map(|outcome| outcome.rows)
        })
        .await
    }

    pub async fn query_each(
        self: &Arc<Self>,
        text: &'static str,
        params: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<Answer>>, StoreError> {
        let each = move |connection: &Connection| {
            params
                .iter()
                .map(|set| value::run(connection, text, set).map(|outcome| outcome.rows))
                .collect()
        };
        self.with(each).await
    }

    /// Streams a query's answers in portions; the query ends when nobody takes them any more.
    pub async fn stream(self: &Arc<Self>, sql: Sql) -> Result<Portions, StoreError> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let (send, portions) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            match readers.take() {
                Ok(connection) => {
                    send_all(&connection, &sql, &send);
                    readers.give_back(connection);
                }
                Err(error) => {
                    let _ = send.blocking_send(Err(error));
                }
            }
            drop(permit);
        });
        Ok(portions)
    }

    /// Opens a view of the database that does not change while it is held.
    pub async fn snapshot(self: &Arc<Self>) -> Result<Snapshot, StoreError> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let (snapshot, mut waiting) = Snapshot::new();
        let (ready, opened) = oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let begun = readers.take().and_then(|connection| {
                // The first read is what fixes the view.
                let begin = "BEGIN; SELECT count(*) FROM schema_migrations;";
                connection
                    .execute_batch(begin)
                    .map_err(|error| store_error(&error))
                    .map(|()| connection)
            });
            match begun {
                Ok(connection) => {
                    let _ = ready.send(Ok(()));
                    while let Some(ask) = waiting.blocking_recv() {
                        match ask {
                            Ask::Stream { sql, send } => send_all(&connection, &sql, &send),
                            Ask::Walk { sql, mut visit, done } => {
                                let walked = walk(&connection, &sql, &mut visit);
                                let _ = done.send(walked.map_err(|error| store_error(&error)));
                            }
                        }
                    }
                    let _ = connection.execute_batch("ROLLBACK");
                    readers.give_back(connection);
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            }
            drop(permit);
        });
        opened.await.map_err(|_| StoreError::Closed)??;
        Ok(snapshot)
    }
}

fn walk(connection: &Connection, sql: &Sql, visit: &mut Visit) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&sql.text)?;
    value::bind(&mut statement, &sql.params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        visit(&value::event(row)?);
    }
    Ok(())
}

fn send_all(connection: &Connection, sql: &Sql, send: &Portion) {
    if let Err(error) = try_send_all(connection, sql, send) {
        let _ = send.blocking_send(Err(store_error(&error)));
    }
}

fn try_send_all(connection: &Connection, sql: &Sql, send: &Portion) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&sql.text)?;
    value::bind(&mut statement, &sql.params)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut portion = Vec::with_capacity(PORTION);
    while let Some(row) = rows.next()? {
        portion.push(value::answer(row, columns)?);
        if portion.len() == PORTION {
            let full = std::mem::replace(&mut portion, Vec::with_capacity(PORTION));
            if send.blocking_send(Ok(full)).is_err() {
                return Ok(());
            }
        }
    }
    if !portion.is_empty() {
        let _ = send.blocking_send(Ok(portion));
    }
    Ok(())
}

fn open_reader(path: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456;",
    )?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
