//! What is remembered of an import: its file, its rows, what was wrong with it.

use std::collections::BTreeMap;

use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use store::{Answer as Row, Batch, Store, StoreError};
use utoipa::ToSchema;

use super::fields::Kind;

/// How an import is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Which column holds which field: the field's key by the column's name.
    pub columns: BTreeMap<String, String>,
    /// Of cases: the pack.
    #[schema(max_length = 100)]
    pub pack: Option<String>,
    /// Of cases: the procedure.
    #[schema(max_length = 100)]
    pub procedure: Option<String>,
    /// Of history: the action by which each case ended.
    #[schema(max_length = 100)]
    pub action: Option<String>,
}

/// An import.
#[derive(Clone, Debug)]
pub struct Import {
    pub id: Id,
    pub kind: Kind,
    pub name: String,
    pub person: Id,
    pub made: i64,
    /// `new`, `checked`, `running`, `done`, `undone`.
    pub state: String,
    pub headers: Vec<String>,
    pub rows: i64,
    pub wish: Option<Wish>,
    pub job: Option<Id>,
}

/// A row that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: i64,
    pub header: String,
    /// What stands there, masked where it is personal.
    pub value: String,
    pub say: Said,
}

/// A row that became a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    pub line: i64,
    pub record: Id,
    pub source: String,
    /// How many events the record had then; 0 while it is only planned.
    pub seq: i64,
}

const ADD: &str = "INSERT INTO imports (id, kind, name, person, made, state, headers, rows) \
     VALUES ($1, $2, $3, $4, $5, 'new', $6, $7)";
const ONE: &str =
    "SELECT id, kind, name, person, made, state, headers, rows, wish, job FROM imports WHERE id = $1";
const PAGE: &str = "SELECT id, kind, name, person, made, state, headers, rows, wish, job FROM imports \
     WHERE id < $1 ORDER BY id DESC LIMIT $2";
const STATE: &str = "UPDATE imports SET state = $2 WHERE id = $1";
const ORDERED: &str = "UPDATE imports SET wish = $2, job = $3, state = $4 WHERE id = $1";
const FAULTS: &str = "SELECT no, line, header, value, zh, en FROM import_faults WHERE import = $1 AND no > $2 \
     ORDER BY no LIMIT $3";
const CLEAR_FAULTS: &str = "DELETE FROM import_faults WHERE import = $1";
const FAULT: &str =
    "INSERT INTO import_faults (import, no, line, header, value, zh, en) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const PLANNED: &str =
    "INSERT INTO import_rows (import, line, record, source, seq) VALUES ($1, $2, $3, $4, 0)";
const BROUGHT: &str = "UPDATE import_rows SET seq = $3 WHERE import = $1 AND line = $2";
const DROPPED: &str = "DELETE FROM import_rows WHERE import = $1 AND line = $2";
const ROWS: &str = "SELECT line, record, source, seq FROM import_rows WHERE import = $1 ORDER BY line";
const COUNT: &str = "SELECT COUNT(*) FROM import_rows WHERE import = $1 AND seq > 0";

fn read(row: &Row) -> Result<Import, StoreError> {
    let damaged = || StoreError::Damaged("an import cannot be read".into());
    Ok(Import {
        id: Id(row.int(0)?),
        kind: Kind::of(row.text(1)?).ok_or_else(damaged)?,
        name: row.text(2)?.to_owned(),
        person: Id(row.int(3)?),
        made: row.int(4)?,
        state: row.text(5)?.to_owned(),
        headers: serde_json::from_str(row.text(6)?).map_err(|_| damaged())?,
        rows: row.int(7)?,
        wish: match row.opt_text(8)? {
            Some(text) => Some(serde_json::from_str(text).map_err(|_| damaged())?),
            None => None,
        },
        job: row.opt_int(9)?.map(Id),
    })
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))
}

/// Remembers a new import.
pub fn add(store: &Store, batch: &mut Batch, import: &Import) -> Result<(), StoreError> {
    let values = vec![
        import.id.0.into(),
        import.kind.word().into(),
        import.name.as_str().into(),
        import.person.0.into(),
        store.now().into(),
        json(&import.headers)?.into(),
        import.rows.into(),
    ];
    batch.statement(ADD, values);
    Ok(())
}

/// An import.
pub async fn one(store: &Store, id: Id) -> Result<Option<Import>, StoreError> {
    store
        .query(ONE, &[id.0.into()])
        .await?
        .first()
        .map(read)
        .transpose()
}

/// Imports before this one, the newest first.
pub async fn page(store: &Store, before: i64, limit: i64) -> Result<Vec<Import>, StoreError> {
    let rows = store.query(PAGE, &[before.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// Says how an import stands.
pub async fn set_state(store: &Store, id: Id, state: &str) -> Result<(), StoreError> {
    store.execute(STATE, &[id.0.into(), state.into()]).await.map(drop)
}

/// Notes what was ordered.
pub fn ordered(
    batch: &mut Batch,
    id: Id,
    wish: &Wish,
    job: Id,
    state: &'static str,
) -> Result<(), StoreError> {
    let values = vec![id.0.into(), json(wish)?.into(), job.0.into(), state.into()];
    batch.statement(ORDERED, values);
    Ok(())
}

/// Puts faults in place of those that were known.
pub async fn set_faults(store: &Store, id: Id, faults: &[Fault]) -> Result<(), StoreError> {
    let mut batch = Batch::new();
    batch.statement(CLEAR_FAULTS, vec![id.0.into()]);
    let mut numbers = 1_i64..;
    for portion in faults.chunks(500) {
        for (fault, no) in portion.iter().zip(&mut numbers) {
            let values = vec![
                id.0.into(),
                no.into(),
                fault.line.into(),
                fault.header.as_str().into(),
                fault.value.as_str().into(),
                fault.say.zh.as_str().into(),
                fault.say.en.as_str().into(),
            ];
            batch.statement(FAULT, values);
        }
        store.commit(std::mem::take(&mut batch)).await.map_err(failed)?;
    }
    if batch.is_empty() {
        return Ok(());
    }
    store.commit(batch).await.map(drop).map_err(failed)
}

fn failed(error: store::CommitError) -> StoreError {
    match error {
        store::CommitError::StorageFull => StoreError::StorageFull,
        store::CommitError::Unavailable(why) | store::CommitError::Unknown(why) => {
            StoreError::Unavailable(why)
        }
        other => StoreError::Failed(other.to_string()),
    }
}

/// Faults after a number, each with its own.
pub async fn faults(store: &Store, id: Id, after: i64, limit: i64) -> Result<Vec<(i64, Fault)>, StoreError> {
    let rows = store
        .query(FAULTS, &[id.0.into(), after.into(), limit.into()])
        .await?;
    rows.iter()
        .map(|row| {
            let fault = Fault {
                line: row.int(1)?,
                header: row.text(2)?.to_owned(),
                value: row.text(3)?.to_owned(),
                say: Said {
                    zh: row.text(4)?.to_owned(),
                    en: row.text(5)?.to_owned(),
                },
            };
            Ok((row.int(0)?, fault))
        })
        .collect()
}

/// Plans a row: written before its record is, so that a broken import knows what it may have made.
pub async fn plan(store: &Store, id: Id, row: &Brought) -> Result<(), StoreError> {
    let values = [
        id.0.into(),
        row.line.into(),
        row.record.0.into(),
        row.source.as_str().into(),
    ];
    store.execute(PLANNED, &values).await.map(drop)
}

/// Notes that a planned row was brought in.
pub async fn brought(store: &Store, id: Id, line: i64, seq: i64) -> Result<(), StoreError> {
    store
        .execute(BROUGHT, &[id.0.into(), line.into(), seq.into()])
        .await
        .map(drop)
}

/// Forgets a planned row that was there already or was refused.
pub async fn dropped(store: &Store, id: Id, line: i64) -> Result<(), StoreError> {
    store
        .execute(DROPPED, &[id.0.into(), line.into()])
        .await
        .map(drop)
}

/// The rows of an import.
pub async fn rows(store: &Store, id: Id) -> Result<Vec<Brought>, StoreError> {
    let rows = store.query(ROWS, &[id.0.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Brought {
                line: row.int(0)?,
                record: Id(row.int(1)?),
                source: row.text(2)?.to_owned(),
                seq: row.int(3)?,
            })
        })
        .collect()
}

/// How many rows it brought in.
pub async fn count(store: &Store, id: Id) -> Result<i64, StoreError> {
    let rows = store.query(COUNT, &[id.0.into()]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}
