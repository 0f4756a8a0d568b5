use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use regulation::Id;
use store::Store;

use super::*;
use crate::jobs::whole_file;
use crate::schema::MIGRATIONS;

const EVIL: &str = "=HYPERLINK(\"http://evil.example\",\"点我\")";

async fn store() -> (tempfile::TempDir, Arc<Store>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    (folder, Arc::new(store))
}

async fn written(format: Format) -> Vec<u8> {
    let (_folder, store) = store().await;
    let mut writer = Writer::new(&store, Id(1), format);
    writer
        .row(&["名称".into(), "说明".into(), "数".into()])
        .await
        .unwrap();
    writer
        .row(&["王,\"小\"".into(), EVIL.into(), (-3_i64).into()])
        .await
        .unwrap();
    assert_eq!(writer.rows(), 1);
    let bytes = writer.finish().await.unwrap();
    let file = whole_file(&store, Id(1)).await.unwrap();
    assert_eq!(file.len() as u64, bytes);
    file
}

#[tokio::test]
async fn attack_formula_injection_is_text_in_a_csv_file() {
    let text = String::from_utf8(written(Format::Csv).await).unwrap();
    assert!(text.starts_with('\u{feff}'), "Excel needs the mark to see UTF-8");
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!(&row[0], "王,\"小\"");
    assert_eq!(row[1], format!("'{EVIL}"));
    // A number of ours is a number.
    assert_eq!(&row[2], "-3");
}

#[tokio::test]
async fn attack_formula_injection_is_text_in_a_workbook() {
    let file = written(Format::Xlsx).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(sheet.get_value((1, 1)), Some(&Data::String(format!("'{EVIL}"))));
    assert_eq!(sheet.get_value((1, 2)), Some(&Data::Float(-3.0)));
    let formulas = book.worksheet_formula("Sheet1").unwrap();
    assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
}

#[tokio::test]
async fn a_workbook_that_would_be_too_long_says_what_to_do() {
    let (_folder, store) = store().await;
    let mut writer = Writer::new(&store, Id(1), Format::Xlsx);
    let mut written = 0;
    let refused = loop {
        match writer.row(&[Cell::Nothing]).await {
            Ok(()) => written += 1,
            Err(Stopped::Failed(why)) => break why,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(written, 100_001);
    assert!(refused.en.contains("CSV"), "{}", refused.en);
}
