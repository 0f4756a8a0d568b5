use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

/// A workbook that unpacks to far more than it weighs is refused for that, before anything reads it.
#[test]
fn a_workbook_that_swells_is_not_unpacked() {
    let centre = super::centre();
    let mut sys = centre.log_in("sys");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
        .unwrap();
    let nothing = vec![b' '; 1 << 20];
    for _ in 0..201 {
        archive.write_all(&nothing).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    let headers = [
        ("content-type", "application/octet-stream"),
        ("accept-language", "en"),
    ];
    let path = "/api/imports?kind=customers&name=customers.xlsx";
    let answer = sys.send("POST", path, &headers, Some(bomb)).unwrap();
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert!(
        answer.text.contains("too large when it is unpacked"),
        "{}",
        answer.text
    );
    sys.get("/api/session").expect(200);
}
