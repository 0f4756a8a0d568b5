//! SQLite: one writer thread that groups what waits into one transaction, and a pool of readers.

mod apply;
mod backup;
mod errors;
mod raw;
mod read;
mod texts;
mod value;
mod work;
mod writer;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};

use crate::batch::Batch;
use crate::engine::{Outcome, Portions, Shared, Sql};
use crate::error::{CommitError, Committed, StoreError};
use crate::export::Kind;
use crate::figures::Counters;
use crate::migrations::{LEDGER, Migration, pending};
use crate::snapshot::Snapshot;
use crate::value::{Answer, Value};

pub(crate) use backup::copy_database;
pub(crate) use errors::store_error;
pub(crate) use raw::raw_inserts;
pub(crate) use texts::TEXTS;
pub(crate) use work::due_sql;

use read::Readers;
use writer::Job;

/// The database's name in the data folder.
pub(crate) const DATABASE: &str = "shouwen.db";

/// How many batches may wait before callers are held back.
const QUEUE: usize = 8192;

pub(crate) struct Engine {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Readers>,
    shared: Arc<Shared>,
    dir: PathBuf,
}

impl Engine {
    /// Opens or makes the database in a folder, and holds the folder against a second server.
    pub fn open(dir: &Path, callers: &[Migration], shared: Arc<Shared>) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|error| StoreError::file(dir, &error))?;
        let lock = hold(dir)?;
        let path = dir.join(DATABASE);
        let connection = open_writer(&path).map_err(|error| store_error(&error))?;
        migrate(&connection, callers)?;
        let position = connection
            .query_row("SELECT coalesce(max(position), 0) FROM events", [], |row| {
                row.get(0)
            })
            .map_err(|error| store_error(&error))?;
        shared.start_at(position);
        // The folder is ours alone, so whatever held these is gone.
        connection
            .execute_batch("UPDATE leases SET until = 0; UPDATE nodes SET until = 0;")
            .map_err(|error| store_error(&error))?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let told = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                writer::run(connection, waiting, &told);
                drop(lock);
            })
            .map_err(|error| StoreError::Unavailable(format!("the writer cannot start: {error}")))?;
        Ok(Engine {
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
            readers: Arc::new(Readers::new(path)),
            shared,
            dir: dir.to_owned(),
        })
    }

    /// Opens the database in a folder for reading alone, beside the server that holds it. Whatever writes is answered as
    /// by a closed store.
    pub fn beside(dir: &Path, callers: &[Migration], shared: Arc<Shared>) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| store_error(&error))?;
        let numbers = applied(&connection)?;
        if let Some(missing) = pending(&numbers, callers)?.first() {
            return Err(StoreError::Failed(format!(
                "the running server is of an older program: migration {} ({}) is not applied yet; stop it first",
                missing.number, missing.name
            )));
        }
        let position = connection
            .query_row("SELECT coalesce(max(position), 0) FROM events", [], |row| {
                row.get(0)
            })
            .map_err(|error| store_error(&error))?;
        shared.start_at(position);
        Ok(Engine {
            queue: Mutex::new(None),
            thread: Mutex::new(None),
            readers: Arc::new(Readers::new(path)),
            shared,
            dir: dir.to_owned(),
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    async fn send<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, StoreError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        Counters::add(&self.shared.counters.waiting, 1);
        if queue.send(job(reply)).await.is_err() {
            return Err(StoreError::Closed);
        }
        answer.await.map_err(|_| StoreError::Closed)
    }

    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.send(|reply| Job::Commit {
            batch: Box::new(batch),
            reply,
        })
        .await?
    }

    pub async fn transact(&self, work: Vec<Sql>) -> Result<Vec<Outcome>, StoreError> {
        self.send(|reply| Job::Work { work, reply }).await?
    }

    /// Puts many new rows into a table, in one transaction.
    pub async fn bulk(
        &self,
        table: &str,
        columns: &[(String, Kind)],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
        let text = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            places.join(", ")
        );
        let work = rows
            .into_iter()
            .map(|params| Sql::new(text.clone(), params))
            .collect();
        self.transact(work).await.map(drop)
    }

    pub async fn query(&self, sql: Sql) -> Result<Vec<Answer>, StoreError> {
        self.readers.query(sql).await
    }

    /// The same query for many parameter sets, on one connection.
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

    /// Finishes what waits and lets the folder go.
    pub async fn close(&self) {
        let thread = self.stop();
        if let Some(thread) = thread {
            // A writer that panicked has nothing left to finish.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        self.readers.close();
    }

    fn stop(&self) -> Option<JoinHandle<()>> {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(thread) = self.stop() {
            let _ = thread.join();
        }
    }
}

/// Takes the folder's lock file, which the system lets go when the process ends, however it ends.
fn hold(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(|error| StoreError::file(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(dir.display().to_string())),
        Err(TryLockError::Error(error)) => Err(StoreError::file(&path, &error)),
    }
}

/// Moves the closed database of a folder into a folder of this name inside it.
pub(crate) fn put_aside(dir: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let _lock = hold(dir)?;
    let path = dir.join(DATABASE);
    // What stands in the log beside the database comes into it first; the last connection that closes takes the log away.
    let connection = open_writer(&path).map_err(|error| store_error(&error))?;
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(|error| store_error(&error))?;
    connection.close().map_err(|(_, error)| store_error(&error))?;
    let aside = dir.join(name);
    fs::create_dir(&aside).map_err(|error| StoreError::file(&aside, &error))?;
    for ending in ["-shm", "-wal", ""] {
        let from = dir.join(format!("{DATABASE}{ending}"));
        if from.exists() {
            let to = aside.join(format!("{DATABASE}{ending}"));
            fs::rename(&from, &to).map_err(|error| StoreError::file(&from, &error))?;
        }
    }
    Ok(aside)
}

fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.execute_batch(
        "PRAGMA page_size = 4096;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 8000;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -32768;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = FAST;",
    )?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

/// The numbers of the migrations that the database has.
/// The numbers of the migrations that a database has.
pub(crate) fn applied(connection: &Connection) -> Result<Vec<u32>, StoreError> {
    let failed = |error: rusqlite::Error| store_error(&error);
    let mut select = connection
        .prepare("SELECT number FROM schema_migrations ORDER BY number")
        .map_err(failed)?;
    let numbers = select.query_map([], |row| row.get(0)).map_err(failed)?;
    numbers.collect::<Result<_, _>>().map_err(failed)
}

fn migrate(connection: &Connection, callers: &[Migration]) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| store_error(&error);
    connection.execute_batch(LEDGER).map_err(failed)?;
    for migration in pending(&applied(connection)?, callers)? {
        let run = || -> rusqlite::Result<()> {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            connection.execute_batch(migration.sqlite)?;
            connection.execute(
                "INSERT INTO schema_migrations (number, name, applied) VALUES (?1, ?2, ?3)",
                (migration.number, migration.name, crate::clock::system_ms()),
            )?;
            connection.execute_batch("COMMIT")
        };
        if let Err(error) = run() {
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            return Err(StoreError::Failed(format!(
                "migration {} ({}) failed, nothing of it was kept: {error}",
                migration.number, migration.name
            )));
        }
    }
    Ok(())
}
