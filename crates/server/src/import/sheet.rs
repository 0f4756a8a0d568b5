//! A table out of bytes that somebody sent: CSV or an Excel workbook, within limits that no file can get round.
//!
//! A workbook is a packed archive: it is unpacked once with a limit on what comes out before anything reads it, and its
//! cells are read one by one, since a single cell at the far corner would otherwise ask for billions.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use regulation::Said;

use super::table::{Unreadable, decode, line_of};

/// The largest file.
pub const LARGEST: usize = 20 * 1024 * 1024;
/// What a workbook may hold when it is unpacked.
const UNPACKED: u64 = 200 * 1024 * 1024;
/// How many files a workbook may be made of.
const FILES: usize = 2_000;
/// Rows and columns at most, and how long a cell may be.
pub const ROWS: usize = 50_000;
/// Columns at most.
pub const COLUMNS: usize = 200;
const LONGEST: usize = 20_000;

/// What is wrong with a file, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetError(pub Said);

fn wrong(zh: impl Into<String>, en: impl Into<String>) -> SheetError {
    SheetError(Said {
        zh: zh.into(),
        en: en.into(),
    })
}

/// A table: the names of its columns and its rows with their line numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Names of columns.
    pub headers: Vec<String>,
    /// Line number and cells, as many as columns; lines without anything are left out.
    pub rows: Vec<(i64, Vec<String>)>,
}

impl Sheet {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no table, or larger than any honest one.
    pub fn read(bytes: &[u8]) -> Result<Sheet, SheetError> {
        if bytes.len() > LARGEST {
            return Err(wrong(
                "文件超过20MB。请拆成几个文件。",
                "The file has more than 20 MB. Split it.",
            ));
        }
        let grid = if bytes.starts_with(b"PK\x03\x04") {
            workbook(bytes)?
        } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(wrong(
                "这是旧版.xls文件或加了密码的文件。请另存为.xlsx（不加密码）或CSV。",
                "This is an old .xls file, or one with a password. Save it as .xlsx without one, or as CSV.",
            ));
        } else {
            csv_grid(bytes)?
        };
        Self::of(grid)
    }

    fn of(mut grid: Vec<(i64, Vec<String>)>) -> Result<Sheet, SheetError> {
        grid.retain(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
        let mut rows = grid.into_iter();
        let Some((_, headers)) = rows.next() else {
            return Err(wrong(
                "文件里没有内容。第一行应是列名。",
                "The file is empty. Its first line must name the columns.",
            ));
        };
        let width = headers.len();
        let rows: Vec<_> = rows
            .map(|(line, mut cells)| {
                cells.resize(width, String::new());
                (line, cells)
            })
            .collect();
        if let Some((first, second)) = doubled(&headers) {
            return Err(wrong(
                format!("第{}列和第{}列同名。请改名后再试。", first + 1, second + 1),
                format!(
                    "Columns {} and {} have one name. Rename one.",
                    first + 1,
                    second + 1
                ),
            ));
        }
        Ok(Sheet { headers, rows })
    }
}

fn doubled(headers: &[String]) -> Option<(usize, usize)> {
    headers.iter().enumerate().find_map(|(at, header)| {
        let earlier = headers.iter().take(at).position(|other| other == header);
        earlier
            .filter(|_| !header.is_empty())
            .map(|earlier| (earlier, at))
    })
}

fn too_wide() -> SheetError {
    wrong(
        format!("超过{COLUMNS}列。请只保留需要的列。"),
        format!("More than {COLUMNS} columns. Keep only those that are needed."),
    )
}

fn too_long() -> SheetError {
    wrong(
        format!("超过{ROWS}行。请拆成几个文件。"),
        format!("More than {ROWS} rows. Split the file."),
    )
}

fn too_much_in_one_cell(line: i64) -> SheetError {
    wrong(
        format!("第{line}行有一格超过{LONGEST}字。可能少了一个引号，请检查。"),
        format!(
            "A cell on line {line} has more than {LONGEST} characters. A quotation mark may be missing there."
        ),
    )
}

/// The text of a cell without what cannot be seen.
fn plain(text: &str, line: i64) -> Result<String, SheetError> {
    let text = text.trim();
    if text.len() > LONGEST && text.chars().count() > LONGEST {
        return Err(too_much_in_one_cell(line));
    }
    let seen = |letter: &char| !letter.is_control() || *letter == '\n';
    Ok(text.chars().filter(seen).collect())
}

fn csv_grid(bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>, SheetError> {
    let text = decode(bytes).map_err(|unreadable| match unreadable {
        Unreadable::Neither => wrong(
            "文件既不是UTF-8也不是GBK。请另存为“CSV UTF-8”后再试。",
            "The file is neither UTF-8 nor GBK. Save it as \"CSV UTF-8\" and try again.",
        ),
        Unreadable::Mixed { line } => wrong(
            format!("文件混用了两种编码：第{line}行不是UTF-8，其他行是。请整个另存为“CSV UTF-8”后再试。"),
            format!(
                "The file mixes encodings: line {line} is not UTF-8, others are. Save the whole as \"CSV UTF-8\" and try again."
            ),
        ),
    })?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut grid = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            wrong(
                format!("文件不是CSV：{error}"),
                format!("The file is no CSV: {error}"),
            )
        })?;
        let line = record.position().map_or(0, |place| line_of(&text, place));
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        if record.len() > COLUMNS {
            return Err(too_wide());
        }
        if grid.len() > ROWS {
            return Err(too_long());
        }
        let cells = record
            .iter()
            .map(|cell| plain(cell, line))
            .collect::<Result<_, _>>()?;
        grid.push((line, cells));
    }
    Ok(grid)
}

/// Unpacks every file of the archive into nothing, counting.
fn weigh(bytes: &[u8]) -> Result<(), SheetError> {
    let broken = |error: &dyn std::fmt::Display| {
        wrong(
            format!("工作簿已损坏：{error}"),
            format!("The workbook is damaged: {error}"),
        )
    };
    let bomb = || {
        wrong(
            "工作簿解开后太大。请另存为CSV，或拆成几个文件。",
            "The workbook is too large when it is unpacked. Save it as CSV, or split it.",
        )
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > FILES {
        return Err(bomb());
    }
    let mut left = UNPACKED;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|error| broken(&error))?;
        let unpacked = std::io::copy(&mut file.take(left + 1), &mut std::io::sink());
        left = left
            .checked_sub(unpacked.map_err(|error| broken(&error))?)
            .ok_or_else(bomb)?;
    }
    Ok(())
}

fn workbook(bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>, SheetError> {
    weigh(bytes)?;
    let broken = |error: calamine::XlsxError| {
        wrong(
            format!("工作簿读不出来：{error}。请另存为.xlsx或CSV后再试。"),
            format!("The workbook cannot be read: {error}. Save it as .xlsx or CSV and try again."),
        )
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let Some(first) = book.sheet_names().first().cloned() else {
        return Err(wrong("工作簿里没有工作表。", "The workbook has no sheet."));
    };
    let mut cells = book.worksheet_cells_reader(&first).map_err(broken)?;
    let mut grid: Vec<(i64, Vec<String>)> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let line = i64::from(row) + 1;
        let text = match cell.get_value() {
            DataRef::Empty => continue,
            value => plain(&shown(value), line)?,
        };
        if text.is_empty() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= COLUMNS {
            return Err(too_wide());
        }
        if grid.last().is_none_or(|(last, _)| *last != line) {
            if grid.len() > ROWS {
                return Err(too_long());
            }
            grid.push((line, Vec::new()));
        }
        if let Some((_, cells)) = grid.last_mut() {
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            if let Some(place) = cells.get_mut(column) {
                *place = text;
            }
        }
    }
    Ok(grid)
}

/// A cell's value as a person sees it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(number) => number.to_string(),
        // A telephone number typed as a number is a whole one.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => if *flag { "1" } else { "0" }.to_owned(),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
    }
}
