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
    /// Some lines are UTF-8, others are not: whichever it is taken for, part of it would become other words.
    #[error(
        "{path} mixes encodings: line {line} is not UTF-8, others are. Save the whole as \"CSV UTF-8\" and try again"
    )]
    Mixed {
        /// The path.
        path: String,
        /// The first line that is not UTF-8.
        line: u64,
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
        let text = decode(&bytes).map_err(|unreadable| match unreadable {
            Unreadable::Neither => TableError::Encoding { path: name.clone() },
            Unreadable::Mixed { line } => TableError::Mixed {
                path: name.clone(),
                line,
            },
        })?;
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
        let at = |place: Option<&csv::Position>| place.map_or(0, |place| line_of(&text, place));
        let rows = reader
            .records()
            .map(|record| match record {
                Ok(record) => (at(record.position()), usable(record, &headers)),
                Err(error) => (at(error.position()), Err(error.to_string())),
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

/// A record that has a cell for each column, and no invisible U+0000 in any: PostgreSQL keeps none.
fn usable(record: csv::StringRecord, headers: &[String]) -> Result<csv::StringRecord, String> {
    if record.len() != headers.len() {
        return Err(format!("{} columns instead of {}", record.len(), headers.len()));
    }
    let holed = record.iter().position(|cell| cell.contains('\0'));
    match holed.and_then(|column| headers.get(column)) {
        Some(column) => Err(format!(
            "{column} holds the invisible character U+0000: remove it"
        )),
        None => Ok(record),
    }
}

/// The line on which a record begins. The reader counts empty lines before a record to it, and the second half of the
/// line break that Excel writes.
pub(super) fn line_of(text: &str, place: &csv::Position) -> u64 {
    let begins = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(begins..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    place.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

/// Why bytes are no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Neither UTF-8 nor GBK.
    Neither,
    /// Some lines are UTF-8, this one is not.
    Mixed {
        /// The first line that is not.
        line: u64,
    },
}

/// So many Chinese letters in a line that is UTF-8 are no accident of GBK.
const NO_ACCIDENT: usize = 4;

pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let lines = || bytes.split(|byte| *byte == b'\n').map(std::str::from_utf8);
    let chinese = |line: &str| {
        let letters = line
            .chars()
            .filter(|letter| ('\u{4e00}'..='\u{9fff}').contains(letter));
        letters.count() >= NO_ACCIDENT
    };
    if lines().flatten().any(chinese) {
        let line = lines().zip(1..).find(|(line, _)| line.is_err());
        return Err(Unreadable::Mixed {
            line: line.map_or(1, |(_, line)| line),
        });
    }
    let (text, _, damaged) = encoding_rs::GB18030.decode(bytes);
    if damaged {
        Err(Unreadable::Neither)
    } else {
        Ok(text)
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
        assert_eq!(decode(&[0xff, 0xff, 0xff]), Err(Unreadable::Neither));
    }

    #[test]
    fn two_encodings_in_one_file_are_told_with_the_line() {
        let (gbk, _, _) = encoding_rs::GBK.encode("2,路灯不亮\n");
        let mixed = ["编号,主题\n1,第三排路灯不亮\n".as_bytes(), &gbk].concat();
        assert_eq!(decode(&mixed), Err(Unreadable::Mixed { line: 3 }));
    }

    #[test]
    fn rows_name_their_line_whatever_ends_lines_and_what_no_database_keeps() {
        let folder = tempfile::tempdir().unwrap();
        for (text, lines) in [
            ("a,b\n1,2\n\n3,4\n", [2, 4]),
            ("a,b\r\n1,2\r\n\r\n3,4\r\n", [2, 4]),
            ("\u{feff}a,b\r\n\"1\r\nx\",2\r\n3,4\r\n", [2, 4]),
        ] {
            let path = folder.path().join("rows.csv");
            std::fs::write(&path, text).unwrap();
            let table = Table::read(&path).unwrap();
            let found: Vec<u64> = table.rows().iter().map(|(line, _)| *line).collect();
            assert_eq!(found, lines, "{text:?}");
        }
        let path = folder.path().join("holed.csv");
        std::fs::write(&path, "a,b\n1,x\0y\n").unwrap();
        let table = Table::read(&path).unwrap();
        let (line, row) = &table.rows()[0];
        assert_eq!(*line, 2);
        assert!(row.as_ref().unwrap_err().starts_with("b holds"), "{row:?}");
    }
}
