//! Deriving the tables again: rows made from each record's events must be the rows that stand there, both ways.
//!
//! First only sums of row hashes are compared, which needs no memory. Where a table's sums differ, its rows are
//! looked at one by one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::StoredEvent;
use super::verify::Progress;
use crate::batch::RecordId;
use crate::engine::{Portions, Sql};
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::table::{Row, Table};
use crate::value::Value;

/// The most differences that are listed; more are counted.
const LISTED: usize = 1000;

/// A table derived from events, and which of its columns names the record a row comes from.
#[derive(Debug, Clone, Copy)]
pub struct Derived {
    /// The table.
    pub table: &'static Table,
    /// The column with the record's id. Rows of records that cannot be derived from are left out by it.
    pub record: &'static str,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The events give the row, the table has it not.
    Missing,
    /// The table has the row, the events do not give it.
    Extra,
    /// Both have it, with other values.
    Different,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// The table.
    pub table: &'static str,
    /// The row's key, in words.
    pub key: String,
    /// How it differs.
    pub difference: Difference,
}

/// What comparing the tables found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TablesReport {
    /// Records derived again.
    pub records: u64,
    /// Rows compared.
    pub rows: u64,
    /// Records with erased events: their rows are derived from what still stands.
    pub erased: Vec<RecordId>,
    /// Records whose events could not be derived from, and why.
    pub unreadable: Vec<(RecordId, String)>,
    /// Rows that differ, at most a thousand.
    pub differences: Vec<RowDifference>,
    /// How many more there are.
    pub more_differences: u64,
    /// How long it took, in ms.
    pub took_ms: u64,
}

impl TablesReport {
    /// Whether the tables are what the events say.
    pub fn holds(&self) -> bool {
        self.differences.is_empty() && self.unreadable.is_empty()
    }

    fn differs(&mut self, table: &'static str, key: &[Value], difference: Difference) {
        if self.differences.len() < LISTED {
            let key: Vec<String> = key.iter().map(in_words).collect();
            self.differences.push(RowDifference {
                table,
                key: key.join(", "),
                difference,
            });
        } else {
            self.more_differences += 1;
        }
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Blob(bytes) => super::hash::to_hex(bytes),
    }
}

/// Derives the rows of one record from its kind and events; an error says why it cannot.
pub type Derive<'a> = dyn FnMut(&str, &[StoredEvent]) -> Result<Vec<Row>, String> + Send + 'a;

/// Compares tables with what the events give, on one view of the database. `derive` runs on a blocking thread,
/// once per record, in a second round again for the records of tables that differ.
pub async fn tables(
    store: &Store,
    derived: &[Derived],
    derive: impl FnMut(&str, &[StoredEvent]) -> Result<Vec<Row>, String> + Send + 'static,
    mut progress: impl FnMut(Progress),
) -> Result<TablesReport, StoreError> {
    let begun = Instant::now();
    let mut snapshot = store.engine().snapshot().await?;
    let total = snapshot
        .query(Sql::new("SELECT count(*) FROM events", Vec::new()))
        .await?;
    let total = total.first().map_or(Ok(0), |row| row.int(0))?;
    let progress: &mut dyn FnMut(u64) = &mut |done| {
        progress(Progress {
            done,
            total: u64::try_from(total).unwrap_or(0),
        })
    };
    let mut derive: Box<Derive<'static>> = Box::new(derive);

    let texts = store.engine().texts();
    let mut expected: HashMap<&'static str, Sum> = HashMap::new();
    let events = snapshot.stream(Sql::new(texts.by_record, Vec::new())).await?;
    let round = replay(events, derive, expected, progress, |sums, row| {
        sums.entry(row.table.name).or_default().add(&row.values);
    });
    let mut report;
    (derive, expected, report) = round.await?;
    let left_out: HashSet<i64> = report.unreadable.iter().map(|(record, _)| record.0).collect();

    let mut suspects = Vec::new();
    for one in derived {
        let mut found = Sum::default();
        scan(&mut snapshot, one, &left_out, |values| found.add(values)).await?;
        report.rows += found.count;
        if found != expected.remove(one.table.name).unwrap_or_default() {
            suspects.push(*one);
        }
    }
    for (table, sum) in expected {
        if !derived.iter().any(|one| one.table.name == table) && sum.count > 0 {
            return Err(StoreError::Failed(format!(
                "rows are derived for {table}, which is not to be compared"
            )));
        }
    }
    if !suspects.is_empty() {
        let names: Vec<&str> = suspects.iter().map(|one| one.table.name).collect();
        let events = snapshot.stream(Sql::new(texts.by_record, Vec::new())).await?;
        let rows: HashMap<(&'static str, Vec<Value>), [u8; 32]> = HashMap::new();
        let (_, mut rows, _) = replay(events, derive, rows, progress, move |rows, row| {
            if names.contains(&row.table.name) {
                rows.insert((row.table.name, row.key().to_vec()), digest(&row.values));
            }
        })
        .await?;
        for one in &suspects {
            let (table, keys) = (one.table.name, one.table.key.len());
            scan(&mut snapshot, one, &left_out, |values| {
                let key = values.get(..keys).unwrap_or(values).to_vec();
                match rows.remove(&(table, key.clone())) {
                    Some(digested) if digested == digest(values) => {}
                    Some(_) => report.differs(table, &key, Difference::Different),
                    None => report.differs(table, &key, Difference::Extra),
                }
            })
            .await?;
        }
        let mut missing: Vec<_> = rows.into_keys().collect();
        missing.sort();
        for (table, key) in missing {
            report.differs(table, &key, Difference::Missing);
        }
    }
    report.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

/// Derives every record's rows on a blocking thread and hands each to `take`.
async fn replay<T: Send + 'static>(
    events: Portions,
    derive: Box<Derive<'static>>,
    into: T,
    progress: &mut dyn FnMut(u64),
    take: impl FnMut(&mut T, Row) + Send + 'static,
) -> Result<(Box<Derive<'static>>, T, TablesReport), StoreError> {
    let done = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&done);
    let mut task = tokio::task::spawn_blocking(move || replay_all(events, derive, into, &counter, take));
    loop {
        match tokio::time::timeout(Duration::from_millis(200), &mut task).await {
            Ok(ended) => return ended.map_err(|error| StoreError::Failed(error.to_string()))?,
            Err(_) => progress(done.load(Ordering::Relaxed)),
        }
    }
}

fn replay_all<T>(
    mut events: Portions,
    mut derive: Box<Derive<'static>>,
    mut into: T,
    done: &AtomicU64,
    mut take: impl FnMut(&mut T, Row),
) -> Result<(Box<Derive<'static>>, T, TablesReport), StoreError> {
    let mut report = TablesReport::default();
    let mut record: Vec<StoredEvent> = Vec::new();
    let mut close = |record: &mut Vec<StoredEvent>, report: &mut TablesReport, into: &mut T| {
        let Some(first) = record.first() else { return };
        let id = first.record;
        if record.iter().any(|event| event.payload.is_none()) {
            report.erased.push(id);
        }
        report.records += 1;
        match derive(&first.kind, record) {
            Ok(rows) => rows.into_iter().for_each(|row| take(into, row)),
            Err(reason) => report.unreadable.push((id, reason)),
        }
        record.clear();
    };
    while let Some(portion) = events.blocking_recv() {
        let portion = portion?;
        done.fetch_add(portion.len() as u64, Ordering::Relaxed);
        for answer in portion {
            let event = StoredEvent::read(answer)?;
            if record.first().is_some_and(|first| first.record != event.record) {
                close(&mut record, &mut report, &mut into);
            }
            record.push(event);
        }
    }
    close(&mut record, &mut report, &mut into);
    Ok((derive, into, report))
}

/// Reads a whole table, without the rows of erased records.
async fn scan(
    snapshot: &mut Snapshot,
    derived: &Derived,
    erased: &HashSet<i64>,
    mut take: impl FnMut(&[Value]),
) -> Result<(), StoreError> {
    let table = derived.table;
    let record = table
        .all_columns()
        .position(|column| column.name == derived.record)
        .ok_or_else(|| {
            StoreError::Failed(format!(
                "{} has no column {} that names its record",
                table.name, derived.record
            ))
        })?;
    let text = format!("SELECT {} FROM {}", table.column_list(), table.name);
    let mut portions = snapshot.stream(Sql::new(text, Vec::new())).await?;
    while let Some(portion) = portions.recv().await {
        for answer in portion? {
            if !answer
                .value(record)?
                .as_int()
                .is_some_and(|record| erased.contains(&record))
            {
                take(answer.values());
            }
        }
    }
    Ok(())
}

fn digest(values: &[Value]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(values.len() * 12);
    for value in values {
        let (kind, content): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Int(number) => (1, &number.to_be_bytes()),
            Value::Text(text) => (2, text.as_bytes()),
            Value::Blob(content) => (3, content),
        };
        bytes.push(kind);
        bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
        bytes.extend_from_slice(content);
    }
    Sha256::digest(&bytes).into()
}

/// The sum of rows' hashes: equal for equal sets of rows, whatever their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    count: u64,
    parts: [u64; 4],
}

impl Sum {
    fn add(&mut self, values: &[Value]) {
        self.count += 1;
        let hash = digest(values);
        for (sum, part) in self.parts.iter_mut().zip(hash.chunks_exact(8)) {
            *sum = sum.wrapping_add(part.try_into().map_or(0, u64::from_be_bytes));
        }
    }
}
