//! A whole centre as a folder of plain text that either engine takes in: one file of JSON lines per table, a
//! manifest with their hashes. Moves a running centre from SQLite to PostgreSQL and back, and is the backup of a
//! PostgreSQL database.

mod read;
mod write;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::history::Witness;
use crate::history::hash::{from_hex, to_hex};
use crate::snapshot::Snapshot;
use crate::table::ColumnKind;
use crate::value::Value;

pub use read::import;
pub use write::export;

pub(crate) use read::{file_sum, read_manifest};

/// The format's name.
const FORMAT: &str = "shouwen-export-1";

/// The manifest's name in the folder.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Set while an import runs; a database that still has it is not whole.
pub(crate) const UNFINISHED: &str = "import_unfinished";

/// Tables that are not carried over: what is there by itself, and who holds what now.
const LEFT_OUT: &[&str] = &["schema_migrations", "positions", "unsealed", "leases", "nodes"];

/// The events' columns, on either engine.
const EVENTS: &[(&str, Kind)] = &[
    ("record", Kind::Int),
    ("seq", Kind::Int),
    ("record_kind", Kind::Text),
    ("name", Kind::Text),
    ("happened", Kind::Int),
    ("recorded", Kind::Int),
    ("actor", Kind::Int),
    ("salt", Kind::Blob),
    ("payload", Kind::Blob),
    ("payload_hash", Kind::Blob),
    ("hash", Kind::Blob),
    ("position", Kind::Int),
];

/// A column's kind, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Integers.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

impl From<Kind> for ColumnKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Int => ColumnKind::Int,
            Kind::Text => ColumnKind::Text,
            Kind::Blob => ColumnKind::Blob,
        }
    }
}

/// One table of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// The table; its rows are in `tables/NAME.ndjson`.
    pub name: String,
    /// Its columns in the order of the rows' values.
    pub columns: Vec<(String, Kind)>,
    /// How many rows.
    pub rows: u64,
    /// The file's SHA-256.
    pub sha256: String,
}

/// What an export says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `shouwen-export-1`.
    pub format: String,
    /// The engine it came from.
    pub engine: String,
    /// When it was made, in ms.
    pub made: i64,
    /// The migrations that its tables have.
    pub migrations: Vec<u32>,
    /// The newest signed root in it.
    pub root: Option<Witness>,
    /// The newest millisecond in which an id may have been made.
    pub newest_id_ms: i64,
    /// Its tables.
    pub tables: Vec<TableFile>,
}

/// A table as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    name: String,
    columns: Vec<(String, Kind)>,
}

/// All tables with data, events left to themselves.
async fn catalogue(snapshot: &mut Snapshot, text: &'static str) -> Result<Vec<Found>, StoreError> {
    let mut tables: Vec<Found> = Vec::new();
    for row in snapshot.query(crate::engine::Sql::new(text, Vec::new())).await? {
        let (table, column) = (row.text(0)?, row.text(1)?.to_owned());
        let kind = match row.text(2)? {
            "int" => Kind::Int,
            "blob" => Kind::Blob,
            _ => Kind::Text,
        };
        if table == "events" || LEFT_OUT.contains(&table) {
            continue;
        }
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push((column, kind)),
            None => tables.push(Found {
                name: table.to_owned(),
                columns: vec![(column, kind)],
            }),
        }
    }
    Ok(tables)
}

/// A row as a line: an array; bytes are an object that says how they are written.
fn to_line(values: &[Value]) -> Result<Vec<u8>, StoreError> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Out<'a> {
        Null(()),
        Int(i64),
        Text(&'a str),
        Bytes(Bytes<'a>),
    }
    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Bytes<'a> {
        Utf8(&'a str),
        Hex(String),
    }
    let out = |value| match value {
        &Value::Null => Out::Null(()),
        Value::Int(number) => Out::Int(*number),
        Value::Text(text) => Out::Text(text),
        Value::Blob(bytes) => Out::Bytes(match std::str::from_utf8(bytes) {
            Ok(text) => Bytes::Utf8(text),
            Err(_) => Bytes::Hex(to_hex(bytes)),
        }),
    };
    let row: Vec<Out<'_>> = values.iter().map(out).collect();
    let mut line = serde_json::to_vec(&row).map_err(|error| StoreError::Failed(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

/// A line as a row; the error says what is wrong with it.
fn from_line(line: &str) -> Result<Vec<Value>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum In {
        Null(()),
        Int(i64),
        Text(String),
        Bytes(Bytes),
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Bytes {
        Utf8(String),
        Hex(String),
    }
    let row: Vec<In> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let value = |value| match value {
        In::Null(()) => Ok(Value::Null),
        In::Int(number) => Ok(Value::Int(number)),
        In::Text(text) => Ok(Value::from(text)),
        In::Bytes(Bytes::Utf8(text)) => Ok(Value::from(text.into_bytes())),
        In::Bytes(Bytes::Hex(digits)) => from_hex(&digits)
            .map(Value::from)
            .ok_or_else(|| "bytes are not hexadecimal".to_owned()),
    };
    row.into_iter().map(value).collect()
}

fn table_path(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join("tables").join(format!("{name}.ndjson"))
}

/// How far an export or import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableProgress<'a> {
    /// The table at work.
    pub table: &'a str,
    /// Its rows done.
    pub rows: u64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            any::<Vec<u8>>().prop_map(Value::from),
            any::<String>().prop_map(|text| Value::from(text.into_bytes())),
        ]
    }

    proptest! {
        #[test]
        fn a_row_comes_back_from_its_line(values in prop::collection::vec(any_value(), 0..8)) {
            let line = to_line(&values).unwrap();
            let text = std::str::from_utf8(&line).unwrap();
            prop_assert_eq!(text.matches('\n').count(), 1);
            prop_assert_eq!(from_line(text.trim_end_matches('\n')).unwrap(), values);
        }
    }
}
