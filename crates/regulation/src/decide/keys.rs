//! Keys under which cases find each other: index entries for facts, claims for uniqueness.

use crate::case::{Case, FieldValue, Fields};
use crate::model::{Fact, Measure};

const BETWEEN: char = '\u{1f}';

/// The index a fact is looked up in: `complaint:customer+matter`, for sums with the field summed behind a `#`.
pub fn index_name(fact: &Fact) -> String {
    let mut name = format!("{}:", fact.of);
    for (place, (key, _)) in fact.same.iter().enumerate() {
        if place > 0 {
            name.push('+');
        }
        name.push_str(key);
    }
    if let Measure::Sum(field) = &fact.measure {
        name.push('#');
        name.push_str(field);
    }
    name
}

/// The field an index sums, if it does.
pub(super) fn summed(index: &str) -> Option<&str> {
    index.split_once('#').map(|(_, field)| field)
}

/// Values joined into one key: trimmed, full-width letters and digits made half-width, lower case. `None` when one
/// is missing. An empty list of values gives a key of its own, so that a fact without `same` counts all.
pub fn join_key(values: impl IntoIterator<Item = Option<FieldValue>>) -> Option<String> {
    let mut key = String::new();
    let mut any = false;
    for value in values {
        if any {
            key.push(BETWEEN);
        }
        any = true;
        normalise(&value.filter(|value| !value.is_blank())?, &mut key);
    }
    if !any {
        key.push('*');
    }
    Some(key)
}

fn normalise(value: &FieldValue, into: &mut String) {
    match value {
        FieldValue::Flag(flag) => into.push_str(if *flag { "yes" } else { "no" }),
        FieldValue::Number(number) => into.push_str(&number.to_string()),
        FieldValue::Text(text) => {
            let half = text.chars().map(|c| match c {
                '\u{3000}' => ' ',
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                c => c,
            });
            let start = into.len();
            into.extend(half.flat_map(char::to_lowercase).filter(|c| *c != BETWEEN));
            let trimmed = into[start..].trim().to_owned();
            into.truncate(start);
            into.push_str(&trimmed);
        }
        FieldValue::List(items) => {
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    into.push(',');
                }
                normalise(item, into);
            }
        }
        FieldValue::Row(cells) => {
            for (key, cell) in cells {
                into.push_str(key);
                into.push('=');
                normalise(cell, into);
                into.push(';');
            }
        }
    }
}

/// A value of the case by key: what the record itself knows, then its fields.
pub(super) fn case_value(case: &Case, key: &str) -> Option<FieldValue> {
    match key {
        "customer" => case.customer.map(FieldValue::from),
        "unit" => Some(case.unit.into()),
        "owning_unit" => Some(case.owning_unit.into()),
        "handler" => case.handler.map(FieldValue::from),
        "registrar" => case.registrar.map(FieldValue::from),
        "first_contact_owner" => case.first_contact_owner.map(FieldValue::from),
        "channel" => Some(FieldValue::Text(case.channel.clone())),
        "number" => Some(FieldValue::Text(case.number.clone())),
        field => case.fields.get(field).cloned(),
    }
}

/// The joined value of these fields of a case.
pub(super) fn key_of(case: &Case, fields: &[String]) -> Option<String> {
    join_key(fields.iter().map(|field| case_value(case, field)))
}

/// The same, for a case about to exist: typed values go first.
pub(super) fn key_of_input(input: &Fields, case: Option<&Case>, fields: &[String]) -> Option<String> {
    join_key(fields.iter().map(|field| {
        input
            .get(field)
            .cloned()
            .or_else(|| case.and_then(|case| case_value(case, field)))
    }))
}
