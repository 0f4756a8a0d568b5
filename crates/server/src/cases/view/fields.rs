//! The fields of a case's form with their values in words.

use calendar::Moment;
use regulation::model::{Given, Procedure};
use regulation::{Case, FieldValue, Id};
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::timeline::Teller;
use crate::cases::words;
use crate::http::wire::kind_word;

/// A field with its value in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldSaid {
    /// Key.
    pub key: String,
    /// Label.
    pub title: String,
    /// Kind.
    pub kind: String,
    /// In words; empty when not filled.
    pub display: String,
    /// Personal data.
    pub personal: bool,
    /// Whether it stands on the intake form (the paper), and not only on an action.
    pub on_form: bool,
}

pub(super) fn fields(teller: &Teller<'_>, procedure: &Procedure, case: &Case) -> Vec<FieldSaid> {
    let form: Vec<&str> = procedure
        .intake_fields
        .iter()
        .map(|field| field.key.as_str())
        .collect();
    let others = procedure
        .fields
        .values()
        .filter(|field| !form.contains(&field.key.as_str()));
    procedure
        .intake_fields
        .iter()
        .chain(others.filter(|field| case.fields.contains_key(&field.key)))
        .map(|field| {
            let value = match &field.given {
                Given::Typed => case.fields.get(&field.key).cloned(),
                Given::Record(key) => record_value(case, key),
            };
            let display = match (&field.given, &value) {
                (Given::Record(key), Some(value)) => record_words(teller, key, value),
                (_, Some(value)) => teller.reader.value(field, value),
                (_, None) => String::new(),
            };
            FieldSaid {
                key: field.key.clone(),
                title: teller.reader.language.say(&field.title),
                kind: kind_word(&field.kind).to_owned(),
                display,
                personal: field.personal,
                on_form: form.contains(&field.key.as_str()),
            }
        })
        .collect()
}

fn record_value(case: &Case, key: &str) -> Option<FieldValue> {
    let id = |id: Option<Id>| id.map(FieldValue::from);
    let time = |at: Option<Moment>| at.map(|at| FieldValue::Number(at.as_millis()));
    match key {
        "number" => Some(FieldValue::Text(case.number.clone())),
        "received_at" => time(Some(case.received)),
        "opened_at" => time(Some(case.opened)),
        "closed_at" => time(case.ended),
        "registrar" => id(case.registrar),
        "first_contact_owner" => id(case.first_contact_owner),
        "handler" => id(case.handler),
        "unit" => id(Some(case.unit)),
        "customer" => id(case.customer),
        "channel" => Some(FieldValue::Text(case.channel.clone())),
        _ => case.fields.get(key).cloned(),
    }
}

fn record_words(teller: &Teller<'_>, key: &str, value: &FieldValue) -> String {
    let reader = &teller.reader;
    match (key, value) {
        ("received_at" | "opened_at" | "closed_at", FieldValue::Number(ms)) => {
            words::time(Moment::from_millis(*ms), reader.now, reader.calendar)
        }
        ("registrar" | "first_contact_owner" | "handler", value) => reader
            .picture
            .person_name(value.as_id())
            .unwrap_or_default()
            .to_owned(),
        ("unit", value) => value
            .as_id()
            .map(|unit| reader.picture.unit_name(unit).to_owned())
            .unwrap_or_default(),
        (_, FieldValue::Text(text)) => text.clone(),
        (_, FieldValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
