//! The writes of several batches folded into few statements: one per table, its rows carried in arrays. Sorted,
//! so that two transactions that meet on the same rows meet in the same order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tokio_postgres::types::{ToSql, Type};

use super::value::{array_type, types};
use crate::batch::{Batch, NewEvent};
use crate::table::{RowWrite, Table};
use crate::value::Value;

/// A statement with its parameters, ready to be prepared and sent.
pub(super) struct Folded<'a> {
    pub text: Cow<'a, str>,
    pub types: Vec<Type>,
    pub params: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
}

/// Whether a batch can share a transaction's statements with others: nothing in it depends on what the batches
/// before it wrote.
pub(super) fn is_foldable(batch: &Batch) -> bool {
    batch.guards.is_empty() && batch.releases.is_empty() && batch.erasures.is_empty()
}

/// All writes of the batches, in the order in which they must be sent.
pub(super) fn fold<'a>(batches: &[&'a Batch], made: i64) -> Vec<Folded<'a>> {
    let mut statements = Vec::new();
    statements.extend(idempotency(batches, made));
    statements.extend(events(batches));
    statements.extend(releases(batches));
    statements.extend(claims(batches));
    rows(batches, &mut statements);
    for statement in batches.iter().flat_map(|batch| &batch.statements) {
        statements.push(Folded {
            text: Cow::Borrowed(statement.sql),
            types: types(&statement.params),
            params: statement
                .params
                .iter()
                .map(|value| Box::new(value) as _)
                .collect(),
        });
    }
    statements.extend(erasures(batches));
    statements
}

fn idempotency<'a>(batches: &[&'a Batch], made: i64) -> Option<Folded<'a>> {
    let mut keys: Vec<_> = batches
        .iter()
        .filter_map(|batch| batch.idempotency.as_ref())
        .collect();
    keys.sort_by_key(|once| (once.person, &once.key));
    let text = "INSERT INTO idempotency (person, key, result, made) \
                SELECT person, key, result, $4 FROM UNNEST($1, $2, $3) AS n (person, key, result)";
    (!keys.is_empty()).then(|| Folded {
        text: text.into(),
        types: vec![Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY, Type::INT8],
        params: vec![
            Box::new(keys.iter().map(|once| once.person).collect::<Vec<_>>()),
            Box::new(keys.iter().map(|once| once.key.as_str()).collect::<Vec<_>>()),
            Box::new(keys.iter().map(|once| once.result.as_slice()).collect::<Vec<_>>()),
            Box::new(made),
        ],
    })
}

/// The chain's precondition stands in the insert: where the event before is not the one that was seen, the payload
/// hash is NULL, which the table refuses.
const INSERT_EVENTS: &str = "WITH fresh AS (INSERT INTO events (record, seq, record_kind, name, happened, recorded, \
     actor, salt, payload, payload_hash, hash) SELECT n.record, n.seq, n.record_kind, n.name, n.happened, \
     n.recorded, n.actor, n.salt, n.payload, CASE WHEN n.previous IS NULL OR EXISTS (SELECT 1 FROM events AS e \
     WHERE e.record = n.record AND e.seq = n.seq - 1 AND e.hash = n.previous) THEN n.payload_hash END, n.hash \
     FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS n (record, seq, record_kind, name, \
     happened, recorded, actor, salt, payload, payload_hash, hash, previous) RETURNING record, seq) \
     INSERT INTO unsealed (record, seq) SELECT record, seq FROM fresh";

fn events<'a>(batches: &[&'a Batch]) -> Option<Folded<'a>> {
    let mut events: Vec<(&NewEvent, Option<&[u8]>)> = Vec::new();
    for batch in batches {
        for event in &batch.events {
            let chain = batch.chains.get(&event.record);
            let found = chain
                .map(|chain| &chain.found)
                .filter(|found| found.seq > 0 && found.seq + 1 == event.seq);
            events.push((event, found.map(|found| found.hash.as_slice())));
        }
    }
    if events.is_empty() {
        return None;
    }
    events.sort_by_key(|(event, _)| (event.record, event.seq));
    type Column<'a> = Box<dyn ToSql + Sync + Send + 'a>;
    fn column<'a, T: ToSql + Sync + Send + 'a>(
        events: &[(&'a NewEvent, Option<&'a [u8]>)],
        of: impl Fn(&'a NewEvent) -> T,
    ) -> Column<'a> {
        Box::new(events.iter().map(|(event, _)| of(event)).collect::<Vec<T>>())
    }
    let (int, text, blob) = (Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY);
    Some(Folded {
        text: INSERT_EVENTS.into(),
        types: vec![
            int.clone(),
            int.clone(),
            text.clone(),
            text,
            int.clone(),
            int.clone(),
            int,
            blob.clone(),
            blob.clone(),
            blob.clone(),
            blob.clone(),
            blob,
        ],
        params: vec![
            column(&events, |event| event.record),
            column(&events, |event| event.seq),
            column(&events, |event| event.record_kind.as_str()),
            column(&events, |event| event.name.as_str()),
            column(&events, |event| event.happened),
            column(&events, |event| event.recorded),
            column(&events, |event| event.actor),
            column(&events, |event| event.salt.as_slice()),
            column(&events, |event| event.payload.as_slice()),
            column(&events, |event| event.payload_hash.as_slice()),
            column(&events, |event| event.hash.as_slice()),
            Box::new(events.iter().map(|(_, previous)| *previous).collect::<Vec<_>>()),
        ],
    })
}

fn releases<'a>(batches: &[&'a Batch]) -> Option<Folded<'a>> {
    let releases: Vec<_> = batches.iter().flat_map(|batch| &batch.releases).collect();
    let text = "DELETE FROM claims USING UNNEST($1, $2) AS n (name, key) \
                WHERE claims.name = n.name AND claims.key = n.key";
    (!releases.is_empty()).then(|| Folded {
        text: text.into(),
        types: vec![Type::TEXT_ARRAY, Type::TEXT_ARRAY],
        params: vec![
            Box::new(releases.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()),
            Box::new(releases.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>()),
        ],
    })
}

fn claims<'a>(batches: &[&'a Batch]) -> Option<Folded<'a>> {
    let mut claims: Vec<_> = batches.iter().flat_map(|batch| &batch.claims).collect();
    claims.sort();
    let text = "INSERT INTO claims (name, key, record) SELECT * FROM UNNEST($1, $2, $3)";
    (!claims.is_empty()).then(|| Folded {
        text: text.into(),
        types: vec![Type::TEXT_ARRAY, Type::TEXT_ARRAY, Type::INT8_ARRAY],
        params: vec![
            Box::new(
                claims
                    .iter()
                    .map(|(name, _, _)| name.as_str())
                    .collect::<Vec<_>>(),
            ),
            Box::new(claims.iter().map(|(_, key, _)| key.as_str()).collect::<Vec<_>>()),
            Box::new(claims.iter().map(|(_, _, record)| *record).collect::<Vec<_>>()),
        ],
    })
}

fn erasures<'a>(batches: &[&'a Batch]) -> Option<Folded<'a>> {
    let erasures: Vec<_> = batches.iter().flat_map(|batch| &batch.erasures).collect();
    let text = "UPDATE events SET salt = NULL, payload = NULL FROM UNNEST($1, $2) AS n (record, seq) \
                WHERE events.record = n.record AND events.seq = n.seq";
    (!erasures.is_empty()).then(|| Folded {
        text: text.into(),
        types: vec![Type::INT8_ARRAY, Type::INT8_ARRAY],
        params: vec![
            Box::new(erasures.iter().map(|(record, _)| *record).collect::<Vec<_>>()),
            Box::new(erasures.iter().map(|(_, seq)| *seq).collect::<Vec<_>>()),
        ],
    })
}

/// Of several writes to one row only the last counts, so each row is written once.
fn rows<'a>(batches: &[&'a Batch], statements: &mut Vec<Folded<'a>>) {
    let mut tables: BTreeMap<&str, (&'static Table, BTreeMap<&[Value], &RowWrite>)> = BTreeMap::new();
    for write in batches.iter().flat_map(|batch| &batch.rows) {
        let table = write.table();
        tables
            .entry(table.name)
            .or_insert_with(|| (table, BTreeMap::new()))
            .1
            .insert(write.key(), write);
    }
    for (table, writes) in tables.into_values() {
        let mut gone: Vec<&[Value]> = Vec::new();
        let mut put: Vec<&[Value]> = Vec::new();
        for (key, write) in writes {
            match write {
                RowWrite::Put(row) => put.push(&row.values),
                RowWrite::Delete { .. } => gone.push(key),
            }
        }
        if !gone.is_empty() {
            statements.push(delete(table, &gone));
        }
        if !put.is_empty() {
            statements.push(upsert(table, &put));
        }
    }
}

fn arrays<'a>(rows: &[&'a [Value]], width: usize) -> Vec<Box<dyn ToSql + Sync + Send + 'a>> {
    let array = |at: usize| Box::new(rows.iter().filter_map(|row| row.get(at)).collect::<Vec<_>>()) as _;
    (0..width).map(array).collect()
}

fn places(count: usize) -> String {
    (1..=count)
        .map(|at| format!("${at}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn upsert<'a>(table: &'static Table, rows: &[&'a [Value]]) -> Folded<'a> {
    Folded {
        text: Cow::Owned(format!(
            "INSERT INTO {} ({}) SELECT * FROM UNNEST({}) {}",
            table.name,
            table.column_list(),
            places(table.width()),
            table.on_conflict()
        )),
        types: table
            .all_columns()
            .map(|column| array_type(column.kind))
            .collect(),
        params: arrays(rows, table.width()),
    }
}

fn delete<'a>(table: &'static Table, keys: &[&'a [Value]]) -> Folded<'a> {
    let same: Vec<String> = table
        .key
        .iter()
        .map(|column| format!("t.{0} = n.{0}", column.name))
        .collect();
    Folded {
        text: Cow::Owned(format!(
            "DELETE FROM {} AS t USING UNNEST({}) AS n ({}) WHERE {}",
            table.name,
            places(table.key.len()),
            table.key_list(),
            same.join(" AND ")
        )),
        types: table.key.iter().map(|column| array_type(column.kind)).collect(),
        params: arrays(keys, table.key.len()),
    }
}
