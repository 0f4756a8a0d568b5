//! Records that are set as a whole: units, people, customers, packs, holidays. Each change is an event that holds the
//! record's rows as they stand afterwards, so that applying it needs nothing else.

use std::collections::BTreeMap;

use calendar::Moment;
use regulation::Id;
use serde::{Deserialize, Serialize};
use store::{
    Batch, CommitError, EventHeader, Head, RecordId, Row, Store, StoreError, StoredEvent, Table, Value,
};

use crate::schema::PROJECTIONS;

/// A value in an event's payload. Bytes do not occur in these tables.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Cell {
    Nothing(()),
    Number(i64),
    Text(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Standing {
    /// Rows by table.
    rows: BTreeMap<String, Vec<Vec<Cell>>>,
}

/// What is set, by whom.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// `unit`, `person`, `customer`, `pack`, `holidays`.
    pub kind: &'a str,
    /// The record.
    pub record: Id,
    /// Who; `None` is the installation itself.
    pub actor: Option<Id>,
    /// When.
    pub at: Moment,
}

/// Adds to a batch that a record's rows are now these.
pub fn set(
    batch: &mut Batch,
    head: &mut Head,
    setting: &Setting<'_>,
    before: &[Row],
    rows: &[Row],
) -> Result<(), StoreError> {
    let payload = written(rows)?.into_bytes();
    let header = EventHeader {
        record: RecordId(setting.record.0),
        record_kind: setting.kind,
        name: "set",
        happened: setting.at.as_millis(),
        recorded: setting.at.as_millis(),
        actor: setting.actor.map_or(0, |person| person.0),
    };
    batch.append(head, header, payload);
    for write in store::difference(before, rows) {
        batch.write(write);
    }
    Ok(())
}

/// Rows as an event holds them.
///
/// # Errors
/// When a row holds bytes.
pub fn written(rows: &[Row]) -> Result<String, StoreError> {
    let mut standing = Standing {
        rows: BTreeMap::new(),
    };
    for row in rows {
        let cells = row
            .values
            .iter()
            .map(|value| match value {
                Value::Null => Ok(Cell::Nothing(())),
                Value::Int(number) => Ok(Cell::Number(*number)),
                Value::Text(text) => Ok(Cell::Text(text.to_string())),
                Value::Blob(_) => Err(StoreError::Failed(format!("{} holds bytes", row.table.name))),
            })
            .collect::<Result<_, _>>()?;
        standing
            .rows
            .entry(row.table.name.to_owned())
            .or_default()
            .push(cells);
    }
    serde_json::to_string(&standing).map_err(|error| StoreError::Failed(error.to_string()))
}

/// The rows of a record after its newest event.
pub fn rows(history: &[StoredEvent]) -> Result<Vec<Row>, StoreError> {
    match history.last().and_then(|last| last.payload.as_ref()) {
        Some(payload) => read(payload),
        None => Ok(Vec::new()),
    }
}

/// The rows that an event holds.
///
/// # Errors
/// When it is not what [`written`] writes.
pub fn read(payload: &[u8]) -> Result<Vec<Row>, StoreError> {
    let standing: Standing = serde_json::from_slice(payload)
        .map_err(|error| StoreError::Damaged(format!("an event of a setting cannot be read: {error}")))?;
    let mut rows = Vec::new();
    for (name, cells) in standing.rows {
        let table: &'static Table = PROJECTIONS
            .iter()
            .find(|table| table.name == name)
            .ok_or_else(|| StoreError::Damaged(format!("an event names the unknown table {name}")))?;
        rows.extend(cells.into_iter().map(|cells| {
            let mut values: Vec<Value> = cells
                .into_iter()
                .map(|cell| match cell {
                    Cell::Nothing(()) => Value::Null,
                    Cell::Number(number) => Value::Int(number),
                    Cell::Text(text) => Value::from(text),
                })
                .collect();
            // A column that a later version added at the end was empty when this event was written.
            values.resize(table.width().max(values.len()), Value::Null);
            Row { table, values }
        }));
    }
    Ok(rows)
}

/// Sets one record and commits.
pub async fn put(store: &Store, setting: &Setting<'_>, rows: &[Row]) -> Result<(), CommitError> {
    let history = store.load(RecordId(setting.record.0)).await?;
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = self::rows(&history)?;
    let mut batch = Batch::new();
    set(&mut batch, &mut head, setting, &before, rows)?;
    store.commit(batch).await.map(|_| ())
}
