//! The four kinds of value that travel between a program and either engine, and the rows that come back.

use std::sync::Arc;

use crate::error::StoreError;

/// One value of a column or parameter. Times are milliseconds since 1970 UTC, booleans 0 and 1, money integer
/// minor units: all of them `Int`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A 64-bit integer.
    Int(i64),
    /// Text in UTF-8.
    Text(Arc<str>),
    /// Bytes.
    Blob(Arc<[u8]>),
}

impl Value {
    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if they are some.
    pub fn as_blob(&self) -> Option<&[u8]> {
        match self {
            Value::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The kind in a word, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Int(_) => "an integer",
            Value::Text(_) => "text",
            Value::Blob(_) => "bytes",
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Int(i64::from(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Int(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.as_str().into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Value::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(bytes.into())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Value::Blob(bytes.into())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Value::Blob(bytes.as_slice().into())
    }
}

impl From<Arc<[u8]>> for Value {
    fn from(bytes: Arc<[u8]>) -> Self {
        Value::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row that a query gave back. Columns are read by their place, beginning at 0; asking for a column that is
/// not there, or is of another kind, is an error that names the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    values: Vec<Value>,
}

impl Answer {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Answer { values }
    }

    /// All values, in the order of the query's columns.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The row taken apart.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// The value at a place.
    pub fn value(&self, at: usize) -> Result<&Value, StoreError> {
        self.values.get(at).ok_or_else(|| {
            StoreError::Failed(format!(
                "the answer has {} columns, none at {at}",
                self.values.len()
            ))
        })
    }

    /// The integer at a place.
    pub fn int(&self, at: usize) -> Result<i64, StoreError> {
        let value = self.value(at)?;
        value.as_int().ok_or_else(|| unexpected(at, "an integer", value))
    }

    /// The flag at a place: any integer but 0 is true.
    pub fn flag(&self, at: usize) -> Result<bool, StoreError> {
        self.int(at).map(|number| number != 0)
    }

    /// The text at a place.
    pub fn text(&self, at: usize) -> Result<&str, StoreError> {
        let value = self.value(at)?;
        value.as_text().ok_or_else(|| unexpected(at, "text", value))
    }

    /// The bytes at a place.
    pub fn blob(&self, at: usize) -> Result<&[u8], StoreError> {
        let value = self.value(at)?;
        value.as_blob().ok_or_else(|| unexpected(at, "bytes", value))
    }

    /// The integer at a place, `None` for NULL.
    pub fn opt_int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        if self.value(at)?.is_null() {
            Ok(None)
        } else {
            self.int(at).map(Some)
        }
    }

    /// The text at a place, `None` for NULL.
    pub fn opt_text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        if self.value(at)?.is_null() {
            Ok(None)
        } else {
            self.text(at).map(Some)
        }
    }

    /// The bytes at a place, `None` for NULL.
    pub fn opt_blob(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        if self.value(at)?.is_null() {
            Ok(None)
        } else {
            self.blob(at).map(Some)
        }
    }
}

fn unexpected(at: usize, wanted: &str, found: &Value) -> StoreError {
    StoreError::Failed(format!(
        "column {at} of the answer should be {wanted}, it is {}",
        found.kind()
    ))
}
