//! The workbook that somebody fills in: a column for each field, an example, and what each is.

use rust_xlsxwriter::{Color, Format, Workbook, XlsxError};

use super::fields::Field;
use crate::exports::harmless;
use crate::http::Language;

/// A workbook for these fields.
pub fn template(fields: &[Field], language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E8_EEF7));
    // Text, so that numbers keep their noughts.
    let text = Format::new().set_num_format("@");
    let title = |field: &Field| {
        let name = language.pick(&field.zh, &field.en).to_owned();
        if field.required {
            format!("{name}{}", language.pick("（必填）", " (required)"))
        } else {
            name
        }
    };
    let sheet = book.add_worksheet();
    sheet.set_name(language.pick("填写", "Fill in"))?;
    for (column, field) in (0_u16..).zip(fields) {
        sheet.set_column_format(column, &text)?;
        sheet.set_column_width(column, 20)?;
        sheet.write_string_with_format(0, column, harmless(&title(field)), &head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let notes = book.add_worksheet();
    notes.set_name(language.pick("说明", "Notes"))?;
    notes.set_column_width(0, 24)?;
    notes.set_column_width(1, 40)?;
    notes.write_string_with_format(0, 0, language.pick("列", "Column"), &head)?;
    notes.write_string_with_format(0, 1, language.pick("例", "Example"), &head)?;
    for (row, field) in (1_u32..).zip(fields) {
        notes.write_string(row, 0, harmless(&title(field)))?;
        notes.write_string_with_format(row, 1, harmless(field.example), &text)?;
    }
    book.save_to_buffer()
}
