//! Values of a case's free fields. Their meaning (a time, a person) is the pack's field kind.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Id;

/// A case's free fields by key.
pub type Fields = BTreeMap<String, FieldValue>;

/// The key in an event's input under which the keys of the fields stand that were read back to the customer and ticked
/// (TEL-19). It never becomes a field of the case.
pub const READ_BACK: &str = "read_back";

/// The keys of an entry of the phone book as a field holds it: which body, its name, its number.
pub const ENTRY: [&str; 3] = [BODY, "name", "number"];

/// The key in [`ENTRY`] under which the body's id stands.
pub const BODY: &str = "body";

/// A value as kept in events: plain JSON. Times are milliseconds since 1970 UTC, ids decimal strings, dates and
/// choices text, money fen.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

// By hand: what serde derives for untagged values tries each shape in turn and writes out an error, the whole text
// in it, for every shape that does not fit. That was most of the time of reading a history.
impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = FieldValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a flag, a whole number, text, a list or a row")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<FieldValue, E> {
        Ok(FieldValue::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<FieldValue, E> {
        i64::try_from(number)
            .map(FieldValue::Number)
            .map_err(|_| E::custom("the number is too large"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(FieldValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<FieldValue, A::Error> {
        let mut row = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            row.insert(key, value);
        }
        Ok(FieldValue::Row(row))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_read_as_it_was_written_and_nothing_else_is() {
        let row = BTreeMap::from([("a".to_owned(), FieldValue::Flag(true))]);
        let all = FieldValue::List(vec![
            FieldValue::Number(-3),
            FieldValue::Number(i64::MAX),
            FieldValue::Text("路灯不亮".to_owned()),
            FieldValue::Row(row),
        ]);
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<FieldValue>(&text).unwrap(), all);
        for wrong in ["null", "1.5", "18446744073709551615"] {
            assert!(serde_json::from_str::<FieldValue>(wrong).is_err(), "{wrong}");
        }
    }
}
