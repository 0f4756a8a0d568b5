//! Taking an export in, into an empty database only.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{
    EVENTS, FORMAT, Kind, MANIFEST, Manifest, TableFile, TableProgress, UNFINISHED, catalogue, from_line,
    table_path,
};
use crate::engine::{Engine, Sql};
use crate::error::StoreError;
use crate::history::hash::to_hex;
use crate::store::Store;
use crate::value::Value;

/// How many rows go in with one transaction.
const PORTION: usize = 2_000;

/// Reads and checks an export's manifest.
pub(crate) fn read_manifest(folder: &Path) -> Result<Manifest, StoreError> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Damaged(format!(
            "{} has no {MANIFEST}: it is no export, or making it broke off",
            folder.display()
        )),
        _ => StoreError::file(&path, &error),
    })?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| StoreError::Damaged(format!("{}: {error}", path.display())))?;
    if manifest.format == FORMAT {
        Ok(manifest)
    } else {
        Err(StoreError::Damaged(format!(
            "{} is of the format {:?}",
            path.display(),
            manifest.format
        )))
    }
}

/// Takes an export in. The database must be empty and have the same migrations; all files are checked against the
/// manifest before anything is written. If it breaks off in the middle, the database refuses to be opened again.
pub async fn import(
    store: &Store,
    folder: &Path,
    mut progress: impl FnMut(TableProgress<'_>),
) -> Result<Manifest, StoreError> {
    let manifest = read_manifest(folder)?;
    check_target(store, &manifest).await?;
    for table in &manifest.tables {
        check_file(folder, table)?;
    }
    let engine = store.engine();
    store
        .set_mark(UNFINISHED, Some(&manifest.made.to_string()))
        .await?;
    for table in &manifest.tables {
        if table.name == "events" {
            take_events(engine, folder, table, &mut progress).await?;
        } else {
            take_table(engine, folder, table, &mut progress).await?;
        }
    }
    store.imported(manifest.newest_id_ms).await?;
    store.set_mark(UNFINISHED, None).await?;
    Ok(manifest)
}

async fn check_target(store: &Store, manifest: &Manifest) -> Result<(), StoreError> {
    let events = store.query("SELECT count(*) FROM events", &[]).await?;
    let events = events.first().map_or(Ok(0), |row| row.int(0))?;
    if events > 0 {
        return Err(StoreError::NotEmpty { events });
    }
    let numbers = store
        .query("SELECT number FROM schema_migrations ORDER BY number", &[])
        .await?;
    let numbers: Result<Vec<i64>, StoreError> = numbers.iter().map(|row| row.int(0)).collect();
    let wanted: Vec<i64> = manifest
        .migrations
        .iter()
        .map(|number| i64::from(*number))
        .collect();
    if numbers? != wanted {
        return Err(StoreError::Failed(
            "the export was made by another version of the program: import it with that version, then update"
                .into(),
        ));
    }
    let mut snapshot = store.engine().snapshot().await?;
    let found = catalogue(&mut snapshot, store.engine().texts().catalogue).await?;
    for table in manifest.tables.iter().filter(|table| table.name != "events") {
        let here = found.iter().find(|here| here.name == table.name);
        let mut columns: Vec<&str> = here
            .iter()
            .flat_map(|here| &here.columns)
            .map(|(name, _)| name.as_str())
            .collect();
        let mut wanted: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        columns.sort_unstable();
        wanted.sort_unstable();
        if columns != wanted {
            return Err(StoreError::Failed(format!(
                "the table {} has other columns here",
                table.name
            )));
        }
    }
    let events = manifest.tables.iter().find(|table| table.name == "events");
    let same = events.is_some_and(|table| {
        table
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .eq(EVENTS.iter().map(|(name, _)| *name))
    });
    if same {
        Ok(())
    } else {
        Err(StoreError::Damaged(
            "the export's events have other columns".into(),
        ))
    }
}

fn check_file(folder: &Path, table: &TableFile) -> Result<(), StoreError> {
    let path = table_path(folder, &table.name);
    if file_sum(&path)? == table.sha256 {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!(
            "{} is not as it was exported",
            path.display()
        )))
    }
}

/// SHA-256 of a file, in hex, read in portions.
pub(crate) fn file_sum(path: &Path) -> Result<String, StoreError> {
    let failed = |error: std::io::Error| StoreError::file(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(to_hex(&hasher.finalize()))
}

/// Reads a table's rows in portions.
struct Rows<'a> {
    table: &'a TableFile,
    path: std::path::PathBuf,
    lines: std::io::Lines<BufReader<File>>,
    done: u64,
}

impl<'a> Rows<'a> {
    fn open(folder: &Path, table: &'a TableFile) -> Result<Self, StoreError> {
        let path = table_path(folder, &table.name);
        let file = File::open(&path).map_err(|error| StoreError::file(&path, &error))?;
        Ok(Rows {
            table,
            path,
            lines: BufReader::new(file).lines(),
            done: 0,
        })
    }

    fn next(&mut self) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut portion = Vec::new();
        for line in self.lines.by_ref().take(PORTION) {
            let line = line.map_err(|error| StoreError::file(&self.path, &error))?;
            self.done += 1;
            let at =
                |what: String| StoreError::Damaged(format!("{}:{}: {what}", self.path.display(), self.done));
            let row = from_line(&line).map_err(at)?;
            if row.len() != self.table.columns.len() {
                return Err(at(format!(
                    "{} values for {} columns",
                    row.len(),
                    self.table.columns.len()
                )));
            }
            portion.push(row);
        }
        Ok(portion)
    }
}

async fn take_table(
    engine: &Engine,
    folder: &Path,
    table: &TableFile,
    progress: &mut impl FnMut(TableProgress<'_>),
) -> Result<(), StoreError> {
    // What a new database brings by itself (a key, a default) gives way to what was exported. An import's own mark
    // stays until its end.
    let clear = match table.name.as_str() {
        "marks" => format!("DELETE FROM marks WHERE name <> '{UNFINISHED}'"),
        name => format!("DELETE FROM {name}"),
    };
    engine.transact(vec![Sql::new(clear, Vec::new())]).await?;
    let mut rows = Rows::open(folder, table)?;
    loop {
        let portion = rows.next()?;
        if portion.is_empty() {
            return Ok(());
        }
        engine.bulk(&table.name, &table.columns, portion).await?;
        progress(TableProgress {
            table: &table.name,
            rows: rows.done,
        });
    }
}

/// Events: their positions go with them on SQLite and into a table of their own on PostgreSQL. Those that had none
/// yet get the next ones, in the order of their chains.
async fn take_events(
    engine: &Engine,
    folder: &Path,
    table: &TableFile,
    progress: &mut impl FnMut(TableProgress<'_>),
) -> Result<(), StoreError> {
    let apart = engine.texts().give_positions.is_some();
    let place = table.columns.len().saturating_sub(1);
    let positions: Vec<(String, Kind)> = ["position", "record", "seq"]
        .iter()
        .map(|name| ((*name).to_owned(), Kind::Int))
        .collect();
    let mut rows = Rows::open(folder, table)?;
    let mut highest = 0;
    loop {
        let mut portion = rows.next()?;
        if portion.is_empty() {
            return Ok(());
        }
        let mut placed = Vec::with_capacity(portion.len());
        for row in &mut portion {
            let position = row.get(place).and_then(Value::as_int).unwrap_or(highest + 1);
            highest = highest.max(position);
            if let [record, seq, ..] = row.as_slice() {
                placed.push(vec![Value::Int(position), record.clone(), seq.clone()]);
            }
            if apart {
                row.truncate(place);
            } else if let Some(last) = row.last_mut() {
                *last = Value::Int(position);
            }
        }
        if apart {
            let columns = table.columns.get(..place).unwrap_or_default();
            engine.bulk("events", columns, portion).await?;
            engine.bulk("positions", &positions, placed).await?;
        } else {
            engine.bulk("events", &table.columns, portion).await?;
        }
        progress(TableProgress {
            table: "events",
            rows: rows.done,
        });
    }
}
