//! What the opening of a sampled case may read: the case that was drawn, by its fields and its own keys.

use regulation::expression::{Scope, Value};
use regulation::model::{FieldKind, Procedure};
use regulation::{Case, FieldValue, Id};

/// The case that was drawn, as conditions of the opening see it.
pub(super) struct Sampled<'a> {
    pub(super) case: &'a Case,
    pub(super) procedure: &'a Procedure,
}

impl Sampled<'_> {
    fn field(&self, key: &str) -> Value {
        let kind = self.procedure.fields.get(key).map(|field| &field.kind);
        match (self.case.fields.get(key), kind) {
            (Some(FieldValue::Number(at)), Some(FieldKind::Time { .. })) => Value::Moment(*at),
            (Some(FieldValue::Number(number)), _) => Value::Int(*number),
            (Some(FieldValue::Flag(flag)), _) => Value::Bool(*flag),
            (
                Some(FieldValue::Text(text)),
                Some(FieldKind::Person | FieldKind::Unit | FieldKind::Customer | FieldKind::Case),
            ) => text.parse().map_or(Value::Missing, Value::Id),
            (Some(FieldValue::Text(text)), _) if !text.trim().is_empty() => Value::text(text.as_str()),
            _ => Value::Missing,
        }
    }
}

impl Scope for Sampled<'_> {
    fn member(&self, path: &[&str]) -> Value {
        let id = |id: Option<Id>| id.map_or(Value::Missing, |id| Value::Id(id.0));
        match *path {
            ["case", "number"] => Value::text(self.case.number.as_str()),
            ["case", "received_at"] => Value::Moment(self.case.received.as_millis()),
            ["case", "closed_at"] => self
                .case
                .ended
                .map_or(Value::Missing, |at| Value::Moment(at.as_millis())),
            ["case", "handler"] => id(self.case.handler),
            ["case", "first_contact_owner"] => id(self.case.first_contact_owner),
            ["case", "customer"] => id(self.case.customer),
            ["case", "unit"] => id(Some(self.case.unit)),
            ["case", key] => self.field(key),
            _ => Value::Missing,
        }
    }

    fn call(&self, _: &[&str], _: &str, _: &[Value]) -> Value {
        Value::Missing
    }

    fn utc_offset(&self, _: i64) -> i64 {
        0
    }
}

/// A worked-out value as a field holds it; what is missing holds nothing.
pub(super) fn stored(value: &Value) -> Option<FieldValue> {
    match value {
        Value::Bool(flag) => Some(FieldValue::Flag(*flag)),
        Value::Int(number) | Value::Moment(number) => Some(FieldValue::Number(*number)),
        Value::Text(text) => Some(FieldValue::Text(text.to_string())),
        Value::Id(id) => Some(FieldValue::Text(id.to_string())),
        _ => None,
    }
}
