//! What an expression reads and gives.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A value while a condition is worked out. Which kind a path has is known when the condition is compiled; a scope that
/// gives another kind than it declared is treated as giving nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value: a field that was not filled in, a division by zero.
    Missing,
    /// Not known yet: a field that is still being typed.
    Unknown,
    /// Yes or no.
    Bool(bool),
    /// A whole number; money in fen.
    Int(i64),
    /// Text, or the key of a choice.
    Text(Arc<str>),
    /// A point in time: milliseconds since 1970 UTC.
    Moment(i64),
    /// Milliseconds since local midnight.
    TimeOfDay(i64),
    /// A day: days since 1970-01-01.
    Date(i64),
    /// Milliseconds of clock time.
    Duration(i64),
    /// A person, unit, customer or case.
    Id(i64),
    /// A list of at most [`LONGEST_LIST`](super::LONGEST_LIST) values; a longer one counts as missing.
    List(Arc<[Value]>),
    /// A row: its fields by key.
    Object(Arc<BTreeMap<String, Value>>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Value::Text(text.into())
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Value::List(items.into_iter().collect())
    }

    /// The truth of a condition: a missing one is false, an unknown one neither.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            Value::Unknown => None,
            _ => Some(false),
        }
    }

    /// Whether something in it is not known.
    pub(super) fn has_unknown(&self) -> bool {
        match self {
            Value::Unknown => true,
            Value::List(items) => items.iter().any(Value::has_unknown),
            Value::Object(fields) => fields.values().any(Value::has_unknown),
            _ => false,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::text(value)
    }
}

/// Where an expression's names get their values. Paths come in parts, `["case", "previous_round", "plan"]`, so that a
/// scope can match on them; only paths that the [`Environment`](super::Environment) declared are ever asked.
pub trait Scope {
    /// The value at a path; [`Value::Missing`] if it has none, [`Value::Unknown`] if it is still to be typed.
    fn member(&self, path: &[&str]) -> Value;

    /// The result of a method declared on the object at `receiver`, such as `case.done('reply')`. Arguments are given
    /// worked out and are never [`Value::Unknown`] or [`Value::Missing`].
    fn call(&self, receiver: &[&str], method: &str, arguments: &[Value]) -> Value;

    /// How far local time is ahead of UTC at this moment, in milliseconds: for `timeOf` and `dateOf`.
    fn utc_offset(&self, moment: i64) -> i64;
}
