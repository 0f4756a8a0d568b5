//! Backup while the centre works, and restore into an empty place. The database comes first, the files after it:
//! so every file that a row names is in the backup.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::StoreError;
use crate::export::{self, MANIFEST, TableProgress};
use crate::files::{Files, FolderFiles};
use crate::migrations::Migration;
use crate::sqlite::{self, DATABASE};
use crate::store::Store;

/// The mark that holds sending after a restore, until somebody releases it.
pub const SENDING_HELD: &str = "sending_held";

/// The format's name.
const FORMAT: &str = "shouwen-backup-1";

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupManifest {
    /// `shouwen-backup-1`.
    pub format: String,
    /// The engine it came from: `sqlite` (a copy of its database) or `postgres` (an export).
    pub engine: String,
    /// When it was begun, in ms.
    pub made: i64,
    /// How many files beside the database.
    pub files: u64,
    /// SHA-256 of the copied database, in hex; an export has a sum of its own for each table.
    #[serde(default)]
    pub database: Option<String>,
}

/// How far a backup or restore is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupProgress<'a> {
    /// Pages of the database.
    Pages {
        /// Copied.
        done: u64,
        /// In all.
        total: u64,
    },
    /// Rows of a table.
    Rows(TableProgress<'a>),
    /// Files.
    Files {
        /// Copied.
        done: u64,
        /// In all.
        total: u64,
    },
}

/// Where a backup is restored to.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A folder for an SQLite database.
    Folder(&'a Path),
    /// The address of an empty PostgreSQL database.
    Server(&'a str),
}

/// Backs up the database and the files into a new or empty folder.
pub async fn backup(
    store: &Store,
    files: Option<&dyn Files>,
    to: &Path,
    mut progress: impl FnMut(BackupProgress<'_>),
) -> Result<BackupManifest, StoreError> {
    let failed = |error: std::io::Error| StoreError::file(to, &error);
    let made = store.now();
    fs::create_dir_all(to).map_err(failed)?;
    if fs::read_dir(to).map_err(failed)?.next().is_some() {
        return Err(StoreError::Failed(format!(
            "{} is not empty: name a new folder",
            to.display()
        )));
    }
    let mut database = None;
    match store.engine() {
        Engine::Sqlite(engine) => {
            let (from, copy) = (engine.dir().join(DATABASE), to.join(DATABASE));
            let (send, mut pages) = tokio::sync::mpsc::unbounded_channel();
            let task = tokio::task::spawn_blocking(move || {
                sqlite::copy_database(&from, &copy, |done, total| {
                    let _ = send.send((done, total));
                })
            });
            while let Some((done, total)) = pages.recv().await {
                progress(BackupProgress::Pages { done, total });
            }
            task.await
                .map_err(|error| StoreError::Failed(error.to_string()))??;
            database = Some(sum(to.join(DATABASE)).await?);
        }
        Engine::Postgres(_) => {
            let folder = to.join("database");
            export::export(store, &folder, |table| progress(BackupProgress::Rows(table))).await?;
        }
    }
    let mut copied = 0;
    if let Some(files) = files {
        let ids = files.list()?;
        let total = ids.len() as u64;
        let kept = FolderFiles::open(to.join("files"))?;
        for id in ids {
            let (found, _) = kept.put(&mut *files.open(&id)?)?;
            if found != id {
                return Err(StoreError::Damaged(format!(
                    "file {id} is not what it was when it was kept"
                )));
            }
            copied += 1;
            progress(BackupProgress::Files { done: copied, total });
        }
    }
    let engine = store.engine_name().to_owned();
    let manifest = BackupManifest {
        format: FORMAT.to_owned(),
        engine,
        made,
        files: copied,
        database,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| StoreError::Failed(error.to_string()))?;
    let write = || -> std::io::Result<()> {
        let path = to.join(MANIFEST);
        fs::write(&path, &text)?;
        File::open(&path)?.sync_all()?;
        File::open(to)?.sync_all()
    };
    write().map_err(failed)?;
    Ok(manifest)
}

/// Restores a backup or takes in an export, into an empty place, and opens it. Files go to `files`. The mark
/// [`SENDING_HELD`] is set: nothing must be sent until a person releases it.
pub async fn restore(
    from: &Path,
    target: Target<'_>,
    files: Option<&dyn Files>,
    migrations: &[Migration],
    mut progress: impl FnMut(BackupProgress<'_>),
) -> Result<Store, StoreError> {
    let manifest = read_manifest(from)?;
    let database = match &manifest {
        Some(backup) if backup.engine == "sqlite" => None,
        Some(_) => Some(from.join("database")),
        None => Some(from.to_owned()),
    };
    if let Some(files) = files {
        let kept = FolderFiles::open(from.join("files"))?;
        let ids = kept.list()?;
        let total = ids.len() as u64;
        for (id, done) in ids.into_iter().zip(1..) {
            files.put_bytes(&kept.read(&id)?)?;
            progress(BackupProgress::Files { done, total });
        }
    }
    let store = match (&database, target) {
        (None, Target::Folder(dir)) => {
            let (copy, wanted) = (from.join(DATABASE), manifest.and_then(|made| made.database));
            if let Some(wanted) = wanted
                && sum(copy.clone()).await? != wanted
            {
                return Err(StoreError::Damaged(format!(
                    "{} is not the copy that was made: restore another backup",
                    copy.display()
                )));
            }
            copy_back(&from.join(DATABASE), dir)?;
            Store::open_sqlite(dir, migrations).await?
        }
        (None, Target::Server(_)) => {
            return Err(StoreError::Failed(
                "this backup is a copy of an SQLite database: restore it to a folder, export it from there, \
                 and import the export on the server"
                    .into(),
            ));
        }
        (Some(_), Target::Folder(dir)) => Store::open_sqlite(dir, migrations).await?,
        (Some(_), Target::Server(url)) => Store::open_postgres(url, migrations).await?,
    };
    if let Some(folder) = database {
        export::import(&store, &folder, |table| progress(BackupProgress::Rows(table))).await?;
    }
    store
        .set_mark(SENDING_HELD, Some(&store.now().to_string()))
        .await?;
    Ok(store)
}

/// The sum of a file, away from the threads that others wait on.
async fn sum(path: PathBuf) -> Result<String, StoreError> {
    tokio::task::spawn_blocking(move || export::file_sum(&path))
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))?
}

/// The manifest of a backup; `None` when the folder is an export.
fn read_manifest(from: &Path) -> Result<Option<BackupManifest>, StoreError> {
    let path = from.join(MANIFEST);
    let text = fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Damaged(format!(
            "{} has no {MANIFEST}: it is no backup, or making it broke off",
            from.display()
        )),
        _ => StoreError::file(&path, &error),
    })?;
    match serde_json::from_slice::<BackupManifest>(&text) {
        Ok(manifest) if manifest.format == FORMAT => Ok(Some(manifest)),
        _ => export::read_manifest(from).map(|_| None),
    }
}

fn copy_back(from: &Path, dir: &Path) -> Result<(), StoreError> {
    let place = dir.join(DATABASE);
    let failed = |error: std::io::Error| StoreError::file(&place, &error);
    if place.try_exists().map_err(failed)? {
        return Err(StoreError::Failed(format!(
            "{} already holds a database: restore into a new folder",
            dir.display()
        )));
    }
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(dir)?;
        let half = dir.join("restoring.db");
        fs::copy(from, &half).map_err(|error| {
            std::io::Error::new(
                error.kind(),
                format!("{} cannot be copied: {error}", from.display()),
            )
        })?;
        File::options().write(true).open(&half)?.sync_all()?;
        fs::rename(&half, &place)?;
        File::open(dir)?.sync_all()
    };
    copy().map_err(failed)
}
