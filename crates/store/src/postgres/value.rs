//! Values into and out of PostgreSQL.

use std::error::Error as StdError;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Row, Statement};

use super::errors::store_error;
use crate::error::StoreError;
use crate::history::EventRef;
use crate::table::ColumnKind;
use crate::value::{Answer, Value};

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) => match *ty {
                Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*number)?.to_sql(ty, out),
                Type::INT8 => number.to_sql(ty, out),
                _ => Err(format!("an integer was given where {ty} is wanted").into()),
            },
            Value::Text(text) if <&str as ToSql>::accepts(ty) => (&**text).to_sql(ty, out),
            Value::Blob(bytes) if *ty == Type::BYTEA => (&**bytes).to_sql(ty, out),
            other => Err(format!("{} was given where {ty} is wanted", other.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The types that a statement's parameters are declared with, so that one text means the same however it is
/// called. A NULL's type is left for the server to infer.
pub(super) fn types(params: &[Value]) -> Vec<Type> {
    let of = |value: &Value| match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Blob(_) => Type::BYTEA,
    };
    params.iter().map(of).collect()
}

/// The array type of a column's kind.
pub(super) fn array_type(kind: ColumnKind) -> Type {
    match kind {
        ColumnKind::Int => Type::INT8_ARRAY,
        ColumnKind::Text => Type::TEXT_ARRAY,
        ColumnKind::Blob => Type::BYTEA_ARRAY,
    }
}

/// The type of a column's kind.
pub(super) fn scalar_type(kind: ColumnKind) -> Type {
    match kind {
        ColumnKind::Int => Type::INT8,
        ColumnKind::Text => Type::TEXT,
        ColumnKind::Blob => Type::BYTEA,
    }
}

/// Parameters as the driver wants them, when they are as many as the statement has.
pub(super) fn refer<'a>(
    statement: &Statement,
    params: &'a [Value],
) -> Result<Vec<&'a (dyn ToSql + Sync)>, StoreError> {
    if statement.params().len() != params.len() {
        return Err(StoreError::Failed(format!(
            "the statement has {} parameters, {} were given",
            statement.params().len(),
            params.len()
        )));
    }
    Ok(params.iter().map(|value| value as &(dyn ToSql + Sync)).collect())
}

pub(super) fn answer(row: &Row) -> Result<Answer, StoreError> {
    let mut values = Vec::with_capacity(row.len());
    for (at, column) in row.columns().iter().enumerate() {
        let failed = |error: tokio_postgres::Error| store_error(&error);
        values.push(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at).map_err(failed)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(at).map_err(failed)?.into(),
            Type::INT2 => row
                .try_get::<_, Option<i16>>(at)
                .map_err(failed)?
                .map(i32::from)
                .into(),
            Type::BOOL => row.try_get::<_, Option<bool>>(at).map_err(failed)?.into(),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                row.try_get::<_, Option<&str>>(at).map_err(failed)?.into()
            }
            Type::BYTEA => row.try_get::<_, Option<&[u8]>>(at).map_err(failed)?.into(),
            ref other => {
                return Err(StoreError::Failed(format!(
                    "column {} is of type {other}: cast it to BIGINT, TEXT or BYTEA in the query",
                    column.name()
                )));
            }
        });
    }
    Ok(Answer::new(values))
}

/// An event in the columns of [`crate::engine::Texts`], borrowed from the row.
pub(super) fn event(row: &Row) -> Result<EventRef<'_>, StoreError> {
    let failed = |error: tokio_postgres::Error| store_error(&error);
    let hash = |at: usize| {
        let bytes: &[u8] = row.try_get(at).map_err(failed)?;
        bytes
            .try_into()
            .map_err(|_| StoreError::Damaged("a hash is not 32 bytes".into()))
    };
    Ok(EventRef {
        record: row.try_get(0).map_err(failed)?,
        seq: row.try_get(1).map_err(failed)?,
        kind: row.try_get(2).map_err(failed)?,
        name: row.try_get(3).map_err(failed)?,
        happened: row.try_get(4).map_err(failed)?,
        recorded: row.try_get(5).map_err(failed)?,
        actor: row.try_get(6).map_err(failed)?,
        salt: row.try_get(7).map_err(failed)?,
        payload: row.try_get(8).map_err(failed)?,
        payload_hash: hash(9)?,
        hash: hash(10)?,
        position: row.try_get(11).map_err(failed)?,
    })
}
