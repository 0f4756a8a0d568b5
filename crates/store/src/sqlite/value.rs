//! Values into and out of SQLite, and parameters by number.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Error, Row, Statement};

use crate::engine::Outcome;
use crate::history::EventRef;
use crate::history::hash::Hash;
use crate::value::{Answer, Value};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Binds `$1`, `$2` … by their numbers. SQLite itself takes `$1` for a name, numbered by first appearance.
pub(super) fn bind(statement: &mut Statement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    for at in 1..=statement.parameter_count() {
        let number: Option<usize> = statement
            .parameter_name(at)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|n| n.parse().ok());
        let Some(value) = number.and_then(|number| params.get(number.checked_sub(1)?)) else {
            let name = statement.parameter_name(at).unwrap_or("?").to_owned();
            return Err(Error::InvalidParameterName(name));
        };
        statement.raw_bind_parameter(at, value)?;
    }
    Ok(())
}

pub(super) fn answer(row: &Row<'_>, columns: usize) -> rusqlite::Result<Answer> {
    let mut values = Vec::with_capacity(columns);
    for at in 0..columns {
        values.push(match row.get_ref(at)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|error| Error::Utf8Error(at, error))?;
                Value::Text(text.into())
            }
            ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
            ValueRef::Real(_) => {
                let name = row.as_ref().column_name(at).unwrap_or_default().to_owned();
                return Err(Error::InvalidColumnType(at, name, rusqlite::types::Type::Real));
            }
        });
    }
    Ok(Answer::new(values))
}

/// An event in the columns of [`crate::engine::Texts`], borrowed from the row.
pub(super) fn event<'a>(row: &'a Row<'_>) -> rusqlite::Result<EventRef<'a>> {
    let int = |at: usize| Ok::<_, Error>(row.get_ref(at)?.as_i64()?);
    let text = |at: usize| Ok::<_, Error>(row.get_ref(at)?.as_str()?);
    let blob = |at: usize| Ok::<_, Error>(row.get_ref(at)?.as_blob_or_null()?);
    let hash = |at: usize| {
        let bytes: Option<&Hash> = blob(at)?.and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| Error::InvalidColumnType(at, "hash".to_owned(), rusqlite::types::Type::Blob))
    };
    Ok(EventRef {
        record: int(0)?,
        seq: int(1)?,
        kind: text(2)?,
        name: text(3)?,
        happened: int(4)?,
        recorded: int(5)?,
        actor: int(6)?,
        salt: blob(7)?,
        payload: blob(8)?,
        payload_hash: hash(9)?,
        hash: hash(10)?,
        position: row.get_ref(11)?.as_i64_or_null()?,
    })
}

/// Runs one statement to its end, whether or not it gives rows.
pub(super) fn run(
    connection: &rusqlite::Connection,
    text: &str,
    params: &[Value],
) -> rusqlite::Result<Outcome> {
    let mut statement = connection.prepare_cached(text)?;
    bind(&mut statement, params)?;
    let columns = statement.column_count();
    if columns == 0 {
        let changed = statement.raw_execute()? as u64;
        return Ok(Outcome {
            rows: Vec::new(),
            changed,
        });
    }
    let mut answers = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        answers.push(answer(row, columns)?);
    }
    Ok(Outcome {
        changed: answers.len() as u64,
        rows: answers,
    })
}
