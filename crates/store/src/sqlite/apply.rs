//! One batch into the open transaction: first every check, by reading only; then every write. So a refused batch
//! has left nothing behind, and the group goes on without it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension, params};

use super::value;
use crate::batch::{Batch, NewEvent, RecordId};
use crate::error::CommitError;
use crate::table::{RowWrite, Table};

pub(super) enum Applied {
    Written,
    Refused(CommitError),
}

/// Applies a batch; `position` is the newest event's and moves on.
pub(super) fn apply(connection: &Connection, batch: &Batch, position: &mut i64) -> rusqlite::Result<Applied> {
    if let Some(refusal) = check(connection, batch)? {
        return Ok(Applied::Refused(refusal));
    }
    write(connection, batch, position)?;
    Ok(Applied::Written)
}

fn check(connection: &Connection, batch: &Batch) -> rusqlite::Result<Option<CommitError>> {
    if let Some(once) = &batch.idempotency {
        let mut select =
            connection.prepare_cached("SELECT result FROM idempotency WHERE person = ?1 AND key = ?2")?;
        let done = select
            .query_row(params![once.person, once.key], |row| row.get(0))
            .optional()?;
        if let Some(result) = done {
            return Ok(Some(CommitError::AlreadyDone(result)));
        }
    }
    for guard in &batch.guards {
        let answers = value::run(connection, guard.sql, &guard.params)?.rows;
        let now: Vec<_> = answers
            .into_iter()
            .flat_map(|answer| answer.into_values())
            .collect();
        if now != guard.expected {
            return Ok(Some(CommitError::GuardChanged {
                name: guard.name.clone(),
                now,
            }));
        }
    }
    for (record, chain) in &batch.chains {
        let mut select = connection
            .prepare_cached("SELECT seq, hash FROM events WHERE record = ?1 ORDER BY seq DESC LIMIT 1")?;
        let standing = select
            .query_row([record], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get_ref(1)?.as_blob()? == chain.found.hash,
                ))
            })
            .optional()?;
        let holds = standing.map_or(chain.found.seq == 0, |(seq, same)| seq == chain.found.seq && same);
        if !holds {
            let seq = chain.found.seq + 1;
            let by = doer(connection, *record, seq)?;
            return Ok(Some(CommitError::Stale {
                record: RecordId(*record),
                seq,
                by,
            }));
        }
    }
    for (at, (name, key, _)) in batch.claims.iter().enumerate() {
        let twice = batch
            .claims
            .iter()
            .take(at)
            .find(|(n, k, _)| n == name && k == key);
        let mut select =
            connection.prepare_cached("SELECT record FROM claims WHERE name = ?1 AND key = ?2")?;
        let holder = match twice {
            Some((_, _, record)) => Some(*record),
            None if batch.releases.iter().any(|(n, k)| n == name && k == key) => None,
            None => select.query_row([name, key], |row| row.get(0)).optional()?,
        };
        if let Some(record) = holder {
            let (name, key) = (name.clone(), key.clone());
            return Ok(Some(CommitError::Claimed {
                name,
                key,
                record: RecordId(record),
            }));
        }
    }
    Ok(None)
}

/// Who did what from an event on: the latest by a person, else the latest by the engine.
fn doer(connection: &Connection, record: i64, from: i64) -> rusqlite::Result<Option<(i64, String)>> {
    let mut select = connection.prepare_cached(
        "SELECT actor, name FROM events WHERE record = ?1 AND seq >= ?2 ORDER BY actor = 0, seq DESC LIMIT 1",
    )?;
    select
        .query_row([record, from], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn write(connection: &Connection, batch: &Batch, position: &mut i64) -> rusqlite::Result<()> {
    if let Some(once) = &batch.idempotency {
        connection
            .prepare_cached("INSERT INTO idempotency (person, key, result, made) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                once.person,
                once.key,
                once.result,
                crate::clock::system_ms()
            ])?;
    }
    for event in &batch.events {
        *position += 1;
        insert_event(connection, event, *position)?;
    }
    for (name, key) in &batch.releases {
        connection
            .prepare_cached("DELETE FROM claims WHERE name = ?1 AND key = ?2")?
            .execute([name, key])?;
    }
    for (name, key, record) in &batch.claims {
        connection
            .prepare_cached("INSERT INTO claims (name, key, record) VALUES (?1, ?2, ?3)")?
            .execute(params![name, key, record])?;
    }
    for row in &batch.rows {
        write_row(connection, row)?;
    }
    for statement in &batch.statements {
        value::run(connection, statement.sql, &statement.params)?;
    }
    for (record, seq) in &batch.erasures {
        connection
            .prepare_cached("UPDATE events SET salt = NULL, payload = NULL WHERE record = ?1 AND seq = ?2")?
            .execute([record, seq])?;
    }
    Ok(())
}

pub(super) fn insert_event(connection: &Connection, event: &NewEvent, position: i64) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO events (position, record, seq, record_kind, name, happened, recorded, actor, salt, payload, \
         payload_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    insert.execute(params![
        position,
        event.record,
        event.seq,
        event.record_kind,
        event.name,
        event.happened,
        event.recorded,
        event.actor,
        event.salt,
        event.payload,
        event.payload_hash,
        event.hash,
    ])?;
    Ok(())
}

struct TableSql {
    put: String,
    delete: String,
}

thread_local! {
    /// The writer's statements, made once per table. Tables are statics, so their address is their name.
    static TABLES: RefCell<HashMap<*const Table, Rc<TableSql>>> = RefCell::new(HashMap::new());
}

fn table_sql(table: &'static Table) -> Rc<TableSql> {
    TABLES
        .with_borrow_mut(|tables| Rc::clone(tables.entry(table).or_insert_with(|| Rc::new(make_sql(table)))))
}

fn make_sql(table: &Table) -> TableSql {
    let places: Vec<String> = (1..=table.width()).map(|at| format!("?{at}")).collect();
    let keys: Vec<String> = table
        .key
        .iter()
        .map(|column| format!("{} = ?", column.name))
        .collect();
    TableSql {
        put: format!(
            "INSERT INTO {} ({}) VALUES ({}) {}",
            table.name,
            table.column_list(),
            places.join(", "),
            table.on_conflict()
        ),
        delete: format!("DELETE FROM {} WHERE {}", table.name, keys.join(" AND ")),
    }
}

fn write_row(connection: &Connection, write: &RowWrite) -> rusqlite::Result<()> {
    let sql = table_sql(write.table());
    match write {
        RowWrite::Put(row) => {
            connection
                .prepare_cached(&sql.put)?
                .execute(rusqlite::params_from_iter(&row.values))?;
        }
        RowWrite::Delete { key, .. } => {
            connection
                .prepare_cached(&sql.delete)?
                .execute(rusqlite::params_from_iter(key))?;
        }
    }
    Ok(())
}
