//! A CSV file as people really send it: UTF-8 or GBK, with or without a byte-order mark.

use std::borrow::Cow;
use std::path::Path;

/// Why a file cannot be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be opened.
    #[error("{path}: {reason}")]
    File {
        /// The path.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// Neither UTF-8 nor GBK.
    #[error("{path} is neither UTF-8 nor GBK: save it as \"CSV UTF-8\" and try again")]
    Encoding {
        /// The path.
        path: String,
    },
    /// A needed column is missing.
    #[error("{path} has no column {column}; it has: {found}. The first line must name the columns")]
    Column {
        /// The path.
        path: String,
        /// The missing one.
        column: String,
        /// Those found.
        found: String,
    },
    /// The text is not CSV.
    #[error("{path}: {reason}")]
    Csv {
        /// The path.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// A table with named columns.
pub struct Table {
    headers: Vec<String>,
    rows: Vec<(u64, Result<csv::StringRecord, String>)>,
    path: String,
}

impl Table {
    /// Reads a file whole. Rows that are not CSV are kept with their line and reason.
    pub fn read(path: &Path) -> Result<Table, TableError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| TableError::File {
            path: name.clone(),
            reason: error.to_string(),
        })?;
        let text = decode(&bytes).ok_or_else(|| TableError::Encoding { path: name.clone() })?;
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let headers = reader
            .headers()
            .map_err(|error| TableError::Csv {
                path: name.clone(),
                reason: error.to_string(),
            })?
            .iter()
            .map(|header| header.trim().to_owned())
            .collect::<Vec<_>>();
        let width = headers.len();
        let rows = reader
            .records()
            .map(|record| match record {
                Ok(record) if record.len() == width => {
                    (record.position().map_or(0, csv::Position::line), Ok(record))
                }
                Ok(record) => (
                    record.position().map_or(0, csv::Position::line),
                    Err(format!("{} columns instead of {width}", record.len())),
                ),
                Err(error) => (
                    error.position().map_or(0, csv::Position::line),
                    Err(error.to_string()),
                ),
            })
            .collect();
        Ok(Table {
            headers,
            rows,
            path: name,
        })
    }

    /// Where a column stands.
    pub fn column(&self, name: &str) -> Result<usize, TableError> {
        self.headers
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| TableError::Column {
                path: self.path.clone(),
                column: name.to_owned(),
                found: self.headers.join(", "),
            })
    }

    /// Rows with their line numbers.
    pub fn rows(&self) -> &[(u64, Result<csv::StringRecord, String>)] {
        &self.rows
    }
}

pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => {
            let (text, _, damaged) = encoding_rs::GB18030.decode(bytes);
            (!damaged).then_some(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gbk_and_byte_order_marks_are_recognised() {
        let (gbk, _, _) = encoding_rs::GBK.encode("编号,主题\n1,路灯不亮\n");
        assert_eq!(decode(&gbk).unwrap(), "编号,主题\n1,路灯不亮\n");
        assert_eq!(decode("\u{feff}a,b".as_bytes()).unwrap(), "a,b");
        assert!(decode(&[0xff, 0xff, 0xff]).is_none());
    }
}
