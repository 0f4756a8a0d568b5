use std::io::Write;
use std::sync::Arc;

use calendar::Moment;
use regulation::Id;
use rust_xlsxwriter::Workbook;
use serde_json::json;
use store::{Batch, Store};

use super::bring::Ordered;
use super::record::{self, Import, Wish};
use super::*;
use crate::app::App;
use crate::centre::Centre;
use crate::http::Language;
use crate::jobs::{self, Job};
use crate::organisation::{Held, PersonRecord, UnitRecord, change_person, change_unit};
use crate::packs::{Bundle, activate, built_in};
use crate::schema::MIGRATIONS;

fn sheet(text: &str) -> Sheet {
    Sheet::read(text.as_bytes()).unwrap()
}

fn refused(bytes: &[u8]) -> String {
    Sheet::read(bytes).unwrap_err().0.en
}

#[test]
fn a_template_filled_in_comes_back_as_it_was_written() {
    let fields = fields::fields(Kind::Customers, None, None);
    for language in [Language::Chinese, Language::English] {
        let template = template::template(&fields, language).unwrap();
        let read = Sheet::read(&template).unwrap();
        let suggested = suggested(&read.headers, &fields);
        let keys: Vec<Option<&str>> = suggested.iter().map(Option::as_deref).collect();
        assert_eq!(
            keys,
            [
                Some("source"),
                Some("name"),
                Some("phones"),
                Some("premises"),
                Some("notes")
            ]
        );
    }
}

#[test]
fn workbook_and_csv_in_gbk_say_the_same() {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, text) in (0..).zip(["编号", "电话"]) {
        page.write_string(0, column, text).unwrap();
    }
    page.write_string(2, 0, "甲").unwrap();
    page.write_number(2, 1, 13_800_136_021.0).unwrap();
    let workbook = Sheet::read(&book.save_to_buffer().unwrap()).unwrap();
    let (gbk, _, _) = encoding_rs::GBK.encode("编号,电话\n\n甲,13800136021\n");
    let csv = Sheet::read(&gbk).unwrap();
    assert_eq!(workbook.headers, csv.headers);
    assert_eq!(workbook.rows[0].1, csv.rows[0].1);
    assert_eq!((workbook.rows[0].0, csv.rows[0].0), (3, 3));
}

#[test]
fn attack_decompression_bomb_is_refused_before_it_is_read() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    let noughts = vec![b'0'; 1 << 20];
    for _ in 0..300 {
        archive.write_all(&noughts).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < sheet::LARGEST, "{}", bomb.len());
    assert!(refused(&bomb).contains("too large when it is unpacked"));
}

#[test]
fn attack_parser_bombs_are_refused_with_words() {
    // One cell at the far corner asks for billions in between.
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.write_string(0, 0, "a").unwrap();
    page.write_string(1_048_575, 16_383, "z").unwrap();
    assert!(refused(&book.save_to_buffer().unwrap()).contains("columns"));
    assert!(refused(format!("a{}\n", ",b".repeat(1_000_000)).as_bytes()).contains("columns"));
    assert!(refused("a\n".repeat(sheet::ROWS + 2).as_bytes()).contains("rows"));
    // A quotation mark that is never closed swallows the rest.
    let open = format!("a,b\n1,\"{}", "x\n".repeat(100_000));
    assert!(refused(open.as_bytes()).contains("quotation mark"));
    assert!(refused(&"\"".repeat(1_000_001).into_bytes()).contains("characters"));
    assert!(refused(&vec![b'a'; sheet::LARGEST + 1]).contains("20 MB"));
    assert!(refused(b"").contains("empty"));
    assert!(refused(b"PK\x03\x04 no archive").contains("damaged"));
    assert!(refused(&[0xd0, 0xcf, 0x11, 0xe0, 0, 0]).contains(".xls"));
    assert!(refused(b"a,a\n1,2\n").contains("one name"));
}

#[test]
fn short_and_empty_rows_are_made_good() {
    let read = sheet("a,b,c\n1\n,,\n2,3,4,5\n");
    assert_eq!(
        read.rows[0],
        (2, vec!["1".to_owned(), String::new(), String::new()])
    );
    assert_eq!(read.rows[1].1, ["2", "3", "4"]);
}

/// An application with a unit, a person who may import and one pack in force.
async fn application() -> (tempfile::TempDir, App, Id) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    let unit = UnitRecord {
        key: "service".to_owned(),
        name: "客服部".to_owned(),
        parent: None,
        calendar: "default".to_owned(),
    };
    let unit = change_unit(&centre, None, None, &unit).await.unwrap();
    let bundle = Bundle::of(&built_in("general").unwrap());
    let pack = bundle.link().unwrap();
    let at = Moment::from_millis(centre.store.now());
    activate(&centre.store, &bundle.trimmed(&pack), &pack, unit, None, at)
        .await
        .unwrap();
    let held = |function: &str| Held {
        function: function.to_owned(),
        unit,
        since: Moment::from_millis(0),
        until: Moment::from_millis(i64::MAX),
        on_behalf_of: None,
    };
    let person = PersonRecord {
        login: "root".to_owned(),
        name: "管理员".to_owned(),
        active: true,
        language: "zh".to_owned(),
        demo: false,
        held: vec![held("system_admin"), held("service_lead")],
        certificates: Vec::new(),
    };
    let id = change_person(&centre, None, None, &person).await.unwrap();
    // Staff is the security administrator's to bring in, and nobody holds both administrations.
    let security = PersonRecord {
        login: SECURITY.to_owned(),
        held: vec![held("security_admin"), held("service_lead")],
        ..person
    };
    change_person(&centre, None, None, &security).await.unwrap();
    (folder, App::new(centre, false), id)
}

/// Who brings staff in.
const SECURITY: &str = "security";

/// Sends a file and orders it to be read by the suggested columns.
async fn sent(app: &App, person: Id, kind: Kind, text: &str, wish: Wish) -> Id {
    let store = &app.centre.store;
    let read = sheet(text);
    let around = app.centre.surroundings();
    let pack = wish
        .pack
        .as_deref()
        .and_then(|name| around.packs.in_force_anywhere(name));
    let procedure = pack.and_then(|pack| pack.procedure(wish.procedure.as_deref()?).cloned());
    let known = fields::fields(kind, procedure.as_deref(), wish.action.as_deref());
    let columns = read
        .headers
        .iter()
        .cloned()
        .zip(suggested(&read.headers, &known))
        .filter_map(|(header, field)| Some((header, field?)))
        .collect();
    let import = Import {
        id: Id(store.new_id()),
        kind,
        name: "test.csv".to_owned(),
        person,
        made: store.now(),
        state: "new".to_owned(),
        headers: read.headers,
        rows: read.rows.len() as i64,
        wish: None,
        job: None,
    };
    jobs::keep_part(store, import.id, 0, text.as_bytes().to_vec())
        .await
        .unwrap();
    let mut batch = Batch::new();
    record::add(store, &mut batch, &import).unwrap();
    record::ordered(&mut batch, import.id, &Wish { columns, ..wish }, Id(0), "new").unwrap();
    store.commit(batch).await.unwrap();
    import.id
}

/// Runs a job of an import to its end.
async fn run(app: &App, person: Id, import: Id, kind: jobs::Kind) -> Job {
    let store = &app.centre.store;
    let mut batch = Batch::new();
    let ordered = Ordered {
        import: import.to_string(),
    };
    let job = jobs::add(store, &mut batch, kind, person, &ordered).unwrap();
    store.commit(batch).await.unwrap();
    jobs::run_waiting(app).await.unwrap();
    jobs::job(store, job).await.unwrap().unwrap()
}

async fn number(app: &App, sql: &'static str) -> i64 {
    app.centre.store.query(sql, &[]).await.unwrap()[0].int(0).unwrap()
}

const CUSTOMERS: &str = "客户编号,客户名称,手机,地址\nK1,王小姐,13800136021,3栋1201\nK2,李先生,1,5栋\nK3,,13900000000,\n\
     K1,重复,13700000000,\nK4,赵女士,0571-88880000;13600000000,7栋\n";

#[tokio::test]
async fn customers_are_checked_brought_in_once_and_taken_back_as_a_whole() {
    let (_folder, app, person) = application().await;
    let import = sent(&app, person, Kind::Customers, CUSTOMERS, Wish::default()).await;
    // Looked through, nothing is changed, and every faulty row is explained, masked where it is personal.
    let checked = run(&app, person, import, jobs::Kind::ImportCheck).await;
    assert_eq!(
        checked.result.unwrap(),
        json!({ "rows": 5, "new": 2, "known": 0, "faulty": 3 })
    );
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customers").await, 0);
    let faults = record::faults(&app.centre.store, import, 0, 10).await.unwrap();
    let told: Vec<(i64, &str, &str)> = faults
        .iter()
        .map(|(_, fault)| (fault.line, fault.header.as_str(), fault.value.as_str()))
        .collect();
    assert_eq!(
        told,
        [(3, "手机", "1"), (4, "客户名称", ""), (5, "客户编号", "K1")]
    );
    // Brought in, the good rows are there, and once only however often the file comes.
    let done = run(&app, person, import, jobs::Kind::Import).await;
    assert_eq!(done.state, "done", "{:?}", done.why);
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customers").await, 2);
    let again = sent(&app, person, Kind::Customers, CUSTOMERS, Wish::default()).await;
    let twice = run(&app, person, again, jobs::Kind::Import).await;
    assert_eq!(twice.result.unwrap()["known"], 2);
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customers").await, 2);
    // Taken back, they are gone, and the file can come again.
    let undone = run(&app, person, import, jobs::Kind::ImportUndo).await;
    assert_eq!(undone.state, "done", "{:?}", undone.why);
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customers").await, 0);
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customer_phones").await, 0);
    let third = sent(&app, person, Kind::Customers, CUSTOMERS, Wish::default()).await;
    assert_eq!(
        run(&app, person, third, jobs::Kind::Import).await.result.unwrap()["new"],
        2
    );
}

#[tokio::test]
async fn cases_come_in_at_their_times_and_are_void_when_taken_back_unless_used() {
    let (_folder, app, person) = application().await;
    let customers = sent(&app, person, Kind::Customers, CUSTOMERS, Wish::default()).await;
    run(&app, person, customers, jobs::Kind::Import).await;
    let procedure = app
        .centre
        .surroundings()
        .packs
        .in_force_anywhere("general")
        .and_then(|pack| pack.procedure("suggestion").cloned())
        .unwrap();
    let matter = &procedure
        .intake_fields
        .iter()
        .find(|field| field.key == "matter")
        .unwrap()
        .title
        .zh;
    let text = format!(
        "来源编号,受理时间,部门代码,客户编号,{matter}\nS1,2026-01-05 10:00,service,K1,路灯不亮\n\
         S2,2099-01-05 10:00,service,K1,将来\nS3,2026-01-06 9:30,nowhere,K1,没有部门\nS4,2026-01-06 9:30,service,K9,没有客户\n"
    );
    let wish = Wish {
        pack: Some("general".to_owned()),
        procedure: Some("suggestion".to_owned()),
        ..Wish::default()
    };
    let import = sent(&app, person, Kind::Cases, &text, wish).await;
    let done = run(&app, person, import, jobs::Kind::Import).await;
    assert_eq!(
        done.result.unwrap(),
        json!({ "rows": 4, "new": 1, "known": 0, "faulty": 3 }),
        "{:?}",
        record::faults(&app.centre.store, import, 0, 10).await
    );
    let received = number(&app, "SELECT received FROM cases WHERE source = 'S1'").await;
    assert_eq!(Moment::from_millis(received).to_string(), "2026-01-05T02:00:00Z");
    // The customers are used now: their import stays as it is, and the row is named.
    let refused = run(&app, person, customers, jobs::Kind::ImportUndo).await;
    assert_eq!(refused.state, "failed");
    assert!(refused.why.unwrap().en.contains("Lines: 2"));
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customers").await, 2);
    // The case is taken back: void, none of its clocks open.
    let undone = run(&app, person, import, jobs::Kind::ImportUndo).await;
    assert_eq!(undone.state, "done", "{:?}", undone.why);
    assert_eq!(number(&app, "SELECT COUNT(*) FROM cases WHERE void = 1").await, 1);
    assert_eq!(
        number(&app, "SELECT COUNT(*) FROM clocks WHERE ended IS NULL").await,
        0
    );
    // Then the customers can be.
    assert_eq!(
        run(&app, person, customers, jobs::Kind::ImportUndo).await.state,
        "done"
    );
    // All of it still follows from the history.
    let store = &app.centre.store;
    store.seal_now().await.unwrap();
    let found = store::history::verify::history(store, |_| {}).await.unwrap();
    assert!(found.holds());
}

#[tokio::test]
async fn units_and_staff_come_in_together_and_go_together() {
    let (_folder, app, person) = application().await;
    let units = "部门代码,部门名称,上级部门代码\nnorth,北区,service\nnorth-1,北一,north\nx y,坏,service\n";
    let units = sent(&app, person, Kind::Units, units, Wish::default()).await;
    let done = run(&app, person, units, jobs::Kind::Import).await;
    assert_eq!(done.result.unwrap()["new"], 2);
    let staff = "登录名,姓名,职能\nlin,林静,agent@north-1；team_leader@north\nbad,坏,agent@nowhere\n";
    let people = app.centre.surroundings().picture;
    let security = people
        .people
        .values()
        .find(|one| one.login == SECURITY)
        .unwrap()
        .id;
    let staff = sent(&app, security, Kind::Staff, staff, Wish::default()).await;
    let done = run(&app, security, staff, jobs::Kind::Import).await;
    assert_eq!(done.result.unwrap()["new"], 1);
    let around = app.centre.surroundings();
    let north = around.picture.unit_by_key("north-1").unwrap();
    assert_eq!(around.picture.units[&north.parent.unwrap()].key, "north");
    // Somebody works there: the units stay.
    assert_eq!(
        run(&app, person, units, jobs::Kind::ImportUndo).await.state,
        "failed"
    );
    assert_eq!(
        run(&app, security, staff, jobs::Kind::ImportUndo).await.state,
        "done"
    );
    assert_eq!(
        run(&app, person, units, jobs::Kind::ImportUndo).await.state,
        "done"
    );
    assert!(app.centre.surroundings().picture.unit_by_key("north").is_none());
    // Only the two administrators are left.
    assert_eq!(number(&app, "SELECT COUNT(*) FROM people").await, 2);
}

#[tokio::test]
async fn an_import_that_broke_off_goes_on_without_doubling() {
    let (_folder, app, person) = application().await;
    let import = sent(&app, person, Kind::Customers, CUSTOMERS, Wish::default()).await;
    // As a node leaves it that died after making the first row and before noting it.
    let store = &app.centre.store;
    let row = record::Brought {
        line: 2,
        record: Id(store.new_id()),
        source: "K1".to_owned(),
        seq: 0,
    };
    record::plan(store, import, &row).await.unwrap();
    let mut batch = Batch::new();
    let customer = crate::customers::NewRecord {
        name: "王小姐".to_owned(),
        ..Default::default()
    };
    let at = Moment::from_millis(store.now());
    crate::customers::create_in(&mut batch, row.record, None, at, &customer).unwrap();
    batch.claim("import_customer", "K1", store::RecordId(row.record.0));
    store.commit(batch).await.unwrap();
    let done = run(&app, person, import, jobs::Kind::Import).await;
    assert_eq!(done.result.unwrap()["new"], 2);
    assert_eq!(number(&app, "SELECT COUNT(*) FROM customers").await, 2);
    assert_eq!(record::count(store, import).await.unwrap(), 2);
}
