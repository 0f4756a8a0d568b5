//! Rows into a file, portion by portion.

use regulation::Id;
use rust_xlsxwriter::Workbook;
use store::{Store, StoreError};

use super::{Cell, Format, harmless};
use crate::jobs::{Stopped, keep_part};

/// How large a portion is.
const PORTION: usize = 512 * 1024;

/// How many rows a file has at most. A workbook is put together in memory.
const MOST_CSV: u64 = 1_000_000;
const MOST_XLSX: u64 = 100_000;

/// A file being written.
pub struct Writer<'a> {
    store: &'a Store,
    job: Id,
    parts: i64,
    bytes: u64,
    rows: u64,
    sheet: Sheet,
}

enum Sheet {
    Csv(Vec<u8>),
    Xlsx(Box<Workbook>),
}

fn unwritten(error: impl std::fmt::Display) -> Stopped {
    Stopped::Store(StoreError::Failed(format!("the file cannot be written: {error}")))
}

/// One row as CSV.
fn csv_row(row: &[Cell]) -> Result<Vec<u8>, Stopped> {
    let mut line = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for cell in row {
        let text = match cell {
            Cell::Text(text) => harmless(text).into_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Share(share) => format!("{share:.4}"),
            Cell::Nothing => String::new(),
        };
        line.write_field(text).map_err(unwritten)?;
    }
    line.write_record(None::<&[u8]>).map_err(unwritten)?;
    line.into_inner().map_err(unwritten)
}

impl<'a> Writer<'a> {
    /// Begins the file of a job.
    pub fn new(store: &'a Store, job: Id, format: Format) -> Self {
        let sheet = match format {
            Format::Csv => Sheet::Csv("\u{feff}".as_bytes().to_vec()),
            Format::Xlsx => {
                let mut book = Workbook::new();
                book.add_worksheet();
                Sheet::Xlsx(Box::new(book))
            }
        };
        Writer {
            store,
            job,
            parts: 0,
            bytes: 0,
            rows: 0,
            sheet,
        }
    }

    /// How many rows more than the head it has.
    pub fn rows(&self) -> u64 {
        self.rows.saturating_sub(1)
    }

    /// Writes a row; the first is the head.
    ///
    /// # Errors
    /// When the store fails, or the file would be too long.
    pub async fn row(&mut self, row: &[Cell]) -> Result<(), Stopped> {
        let most = match &self.sheet {
            Sheet::Csv(_) => MOST_CSV,
            Sheet::Xlsx(_) => MOST_XLSX,
        };
        if self.rows() >= most {
            return Err(Stopped::failed(
                format!("超过{most}行，放不进一个文件。请缩小范围，或改用CSV。"),
                format!("More than {most} rows do not fit into one file. Narrow the selection, or take CSV."),
            ));
        }
        match &mut self.sheet {
            Sheet::Csv(bytes) => {
                bytes.extend_from_slice(&csv_row(row)?);
                if bytes.len() >= PORTION {
                    let portion = std::mem::take(bytes);
                    self.keep(portion).await?;
                }
            }
            Sheet::Xlsx(book) => {
                let at = u32::try_from(self.rows).map_err(unwritten)?;
                let sheet = book.worksheet_from_index(0).map_err(unwritten)?;
                for (column, cell) in (0_u16..).zip(row) {
                    let written = match cell {
                        Cell::Text(text) => {
                            // A cell holds so many characters and no more.
                            let text: String = harmless(text).chars().take(32_000).collect();
                            sheet.write_string(at, column, text)
                        }
                        Cell::Number(number) => sheet.write_number(at, column, *number as f64),
                        Cell::Share(share) => sheet.write_number(at, column, *share),
                        Cell::Nothing => continue,
                    };
                    written.map_err(unwritten)?;
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    async fn keep(&mut self, portion: Vec<u8>) -> Result<(), Stopped> {
        self.bytes += portion.len() as u64;
        keep_part(self.store, self.job, self.parts, portion).await?;
        self.parts += 1;
        Ok(())
    }

    /// Ends the file; how many bytes it has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish(mut self) -> Result<u64, Stopped> {
        let last = match &mut self.sheet {
            Sheet::Csv(bytes) => std::mem::take(bytes),
            Sheet::Xlsx(book) => book.save_to_buffer().map_err(unwritten)?,
        };
        for portion in last.chunks(PORTION) {
            self.keep(portion.to_vec()).await?;
        }
        Ok(self.bytes)
    }
}
