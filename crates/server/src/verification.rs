//! Which tables follow from the events, and how: what `verify` derives again and compares.

use store::history::verify::Derived;
use store::{Row, StoredEvent};

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

/// The rows that follow from a record's events.
pub fn derive(kind: &str, history: &[StoredEvent]) -> Result<Vec<Row>, String> {
    if kind == payload::CASE {
        let replayed = payload::replay(history).map_err(|error| error.to_string())?;
        return Ok(replayed
            .map(|(case, _)| projection::rows(&case))
            .unwrap_or_default());
    }
    registry::rows(history).map_err(|error| error.to_string())
}
