//! Values of a case's free fields. Their meaning (a time, a person) is the pack's field kind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Id;

/// A case's free fields by key.
pub type Fields = BTreeMap<String, FieldValue>;

/// The key in an event's input under which the keys of the fields stand that were read back to the customer and ticked
/// (TEL-19). It never becomes a field of the case.
pub const READ_BACK: &str = "read_back";

/// A value as kept in events: plain JSON. Times are milliseconds since 1970 UTC, ids decimal strings, dates and
/// choices text, money fen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// A flag.
    Flag(bool),
    /// A number, money in fen, or a time in milliseconds.
    Number(i64),
    /// Text, a choice, a date, or an id as decimal text.
    Text(String),
    /// Choices, files.
    List(Vec<FieldValue>),
    /// One row of a field of rows.
    Row(BTreeMap<String, FieldValue>),
}

impl FieldValue {
    /// The id in this value, if it is one.
    pub fn as_id(&self) -> Option<Id> {
        match self {
            FieldValue::Text(text) => text.parse().ok().map(Id),
            _ => None,
        }
    }

    /// The text in this value, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            FieldValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number in this value, if it is one.
    pub fn as_number(&self) -> Option<i64> {
        match self {
            FieldValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Nothing was typed: empty text or an empty list.
    pub fn is_blank(&self) -> bool {
        match self {
            FieldValue::Text(text) => text.trim().is_empty(),
            FieldValue::List(items) => items.is_empty(),
            _ => false,
        }
    }
}

impl From<Id> for FieldValue {
    fn from(id: Id) -> Self {
        FieldValue::Text(id.to_string())
    }
}
