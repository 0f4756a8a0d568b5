//! What `verify` asks of a centre's history beyond the store's own checks: which tables follow from the events, and how,
//! and which act stands behind each erasure.

use std::collections::{BTreeMap, HashSet};

use regulation::EventKind;
use store::history::Witness;
use store::history::verify::{self, Derived, Erased, Fault, Finding, Progress, Report};
use store::{RecordId, Row, Store, StoreError, StoredEvent, Value};

use crate::cases::{payload, projection};
use crate::registry;
use crate::schema::{
    ATTACHMENTS, CONTACT_CASES, CONTACTS, CUSTOMER_MARKS, CUSTOMER_MERGES, CUSTOMER_NUMBERS, CUSTOMER_PLACES,
    CUSTOMER_PROFILES, CUSTOMER_RELATIONS, CUSTOMER_SERVICES, CUSTOMER_SOUNDS, CUSTOMER_TAGS, ERASURES,
    OUTSIDE_BODIES,
};
use crate::schema::{
    CASES, CERTIFICATES, CLOCKS, CLOSED_MONTHS, CUSTOMER_PHONES, CUSTOMERS, FACT_ENTRIES, HOLDINGS, HOLIDAYS,
    NOTICE_SETTINGS, PACKS, PACKS_IN_FORCE, PEOPLE, QUESTIONS_ASKED, REFUSALS, SIGNATURES_ASKED, UNITS,
    WEBHOOKS,
};

/// The tables, and the column that names the record a row comes from.
pub fn derived() -> Vec<Derived> {
    [
        (&UNITS, "id"),
        (&PEOPLE, "id"),
        (&HOLDINGS, "person"),
        (&CERTIFICATES, "person"),
        (&CUSTOMERS, "id"),
        (&CUSTOMER_PHONES, "customer"),
        (&CUSTOMER_PROFILES, "id"),
        (&CUSTOMER_NUMBERS, "customer"),
        (&CUSTOMER_PLACES, "customer"),
        (&CUSTOMER_RELATIONS, "customer"),
        (&CUSTOMER_TAGS, "customer"),
        (&CUSTOMER_SERVICES, "customer"),
        (&CUSTOMER_SOUNDS, "customer"),
        (&CUSTOMER_MERGES, "id"),
        (&CUSTOMER_MARKS, "case_id"),
        (&CONTACTS, "id"),
        (&CONTACT_CASES, "contact"),
        (&ATTACHMENTS, "id"),
        (&OUTSIDE_BODIES, "id"),
        (&ERASURES, "id"),
        (&PACKS, "id"),
        (&PACKS_IN_FORCE, "id"),
        (&HOLIDAYS, "id"),
        (&CASES, "id"),
        (&CLOCKS, "case_id"),
        (&REFUSALS, "case_id"),
        (&SIGNATURES_ASKED, "case_id"),
        (&QUESTIONS_ASKED, "case_id"),
        (&FACT_ENTRIES, "case_id"),
        (&NOTICE_SETTINGS, "id"),
        (&WEBHOOKS, "id"),
        (&CLOSED_MONTHS, "id"),
    ]
    .into_iter()
    .map(|(table, record)| Derived { table, record })
    .collect()
}

/// The rows that follow from a record's events. Of a case whose contents were erased by a disposal, those that the
/// disposal says; of a record erased on a person's request none.
pub fn derive(kind: &str, history: &[StoredEvent]) -> Result<Vec<Row>, String> {
    let words = |error: StoreError| error.to_string();
    if kind != payload::CASE {
        return registry::rows(history).map_err(words);
    }
    if history.iter().all(|event| event.payload.is_some()) {
        let replayed = payload::replay(history).map_err(words)?;
        return Ok(replayed
            .map(|(case, _)| projection::rows(&case))
            .unwrap_or_default());
    }
    match disposal(history).map_err(words)? {
        Some((_, stays)) => registry::read(stays.as_bytes()).map_err(words),
        None => Ok(Vec::new()),
    }
}

/// The disposal at the end of a case's history, and what it says stays.
fn disposal(history: &[StoredEvent]) -> Result<Option<(i64, String)>, StoreError> {
    let Some(last) = history.last().filter(|last| &*last.kind == payload::CASE) else {
        return Ok(None);
    };
    Ok(payload::event(last)?.and_then(|event| match event.kind {
        EventKind::Disposed { stays, .. } => Some((last.seq, stays)),
        _ => None,
    }))
}

const ERASING: &str = "SELECT id FROM erasures";
/// Histories read at once.
const PORTION: usize = 256;

/// Checks the whole history, roots kept outside, and that an act stands behind each erasure.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(
    store: &Store,
    witnesses: &[Witness],
    progress: impl FnMut(Progress),
) -> Result<Report, StoreError> {
    let mut report = verify::against(store, witnesses, progress).await?;
    if !report.erased.is_empty() {
        answer_for(store, &mut report).await?;
    }
    Ok(report)
}

/// Leaves in the report as erased what a disposal or an erasure on request answers for; the rest becomes findings.
async fn answer_for(store: &Store, report: &mut Report) -> Result<(), StoreError> {
    let asked = erased_on_request(store).await?;
    let mut others: BTreeMap<RecordId, Vec<Erased>> = BTreeMap::new();
    let (named, rest) = std::mem::take(&mut report.erased)
        .into_iter()
        .partition(|erased| asked.contains(&erased.record));
    report.erased = named;
    for erased in rest {
        others.entry(erased.record).or_default().push(erased);
    }
    let records: Vec<RecordId> = others.keys().copied().collect();
    for portion in records.chunks(PORTION) {
        for history in store.load_many(portion).await? {
            let Some(record) = history.first().map(|first| first.record) else {
                continue;
            };
            let until = disposal(&history)?.map_or(0, |(seq, _)| seq);
            for erased in others.remove(&record).unwrap_or_default() {
                if erased.seq < until {
                    report.erased.push(erased);
                } else {
                    report.find(Finding {
                        fault: Fault::Erasure,
                        record: Some(record),
                        seq: Some(erased.seq),
                        position: None,
                        what: "the contents are gone, and no disposal or erasure that stands says so"
                            .to_owned(),
                    });
                }
            }
        }
    }
    report.erased.sort_by_key(|erased| (erased.record.0, erased.seq));
    Ok(())
}

/// The records that erasures on request name, as their events say it.
async fn erased_on_request(store: &Store) -> Result<HashSet<RecordId>, StoreError> {
    let acts = store.query(ERASING, &[]).await?;
    let acts = acts
        .iter()
        .map(|row| row.int(0).map(RecordId))
        .collect::<Result<Vec<_>, _>>()?;
    let mut named = HashSet::new();
    for portion in acts.chunks(PORTION) {
        for act in store.load_many(portion).await? {
            for row in registry::rows(&act)? {
                let records = row.values.get(RECORDS_OF_AN_ERASURE);
                if let (true, Some(Value::Text(records))) = (row.table.name == ERASURES.name, records) {
                    named.extend(records.split(' ').filter_map(|id| id.parse().ok()).map(RecordId));
                }
            }
        }
    }
    Ok(named)
}

/// Where an erasure names its records: after its id, customer, time, person and reason.
const RECORDS_OF_AN_ERASURE: usize = 5;
