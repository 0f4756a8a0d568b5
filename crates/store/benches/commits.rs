//! `cargo bench -p store`: opening cases through the store beside the raw engine, and verifying what was written.
//! `SHOUWEN_TEST_POSTGRES` adds a database address on a server (it must be new and empty twice over: `NAME_a`,
//! `NAME_b` are made by hand).
#![allow(
    clippy::print_stdout,
    missing_docs,
    clippy::unwrap_used,
    reason = "a measuring program"
)]

use std::path::Path;

use store::backup::Target;
use store::bench::{Rate, commits, raw_inserts};
use store::history::verify;
use store::{Batch, Column, EventHeader, Head, Migration, RecordId, Row, RowWrite, Store, Table};

static CASES: Table = Table {
    name: "cases",
    key: &[Column::int("id")],
    columns: &[
        Column::text("number"),
        Column::text("pack"),
        Column::text("procedure"),
        Column::text("version"),
        Column::text("stage"),
        Column::text("title"),
        Column::int("customer"),
        Column::int("unit"),
        Column::int("owning_unit"),
        Column::int("first_owner"),
        Column::int("handler"),
        Column::int("received"),
        Column::int("opened"),
        Column::int("closed"),
        Column::int("round"),
        Column::int("priority"),
        Column::int("next_due"),
        Column::int("overdue"),
        Column::int("head"),
        Column::text("form"),
        Column::text("channel"),
    ],
};

static CLOCKS: Table = Table {
    name: "clocks",
    key: &[
        Column::int("case_id"),
        Column::text("deadline"),
        Column::int("round"),
    ],
    columns: &[
        Column::text("clause"),
        Column::text("state"),
        Column::int("started"),
        Column::int("due"),
        Column::int("ended"),
    ],
};

fn migrations() -> [Migration; 1] {
    let columns = |table: &Table| {
        let text: Vec<String> = table
            .all_columns()
            .map(|c| {
                format!(
                    "{} {}",
                    c.name,
                    if c.kind == store::ColumnKind::Int {
                        "BIGINT"
                    } else {
                        "TEXT"
                    }
                )
            })
            .collect();
        let keys: Vec<&str> = table.key.iter().map(|c| c.name).collect();
        format!(
            "CREATE TABLE {} ({}, PRIMARY KEY ({}));",
            table.name,
            text.join(", "),
            keys.join(", ")
        )
    };
    let indexes = "CREATE INDEX cases_by_handler ON cases (handler, next_due); \
                   CREATE INDEX clocks_by_due ON clocks (state, due);";
    let text: &'static str = format!("{}{}{indexes}", columns(&CASES), columns(&CLOCKS)).leak();
    [Migration {
        number: 100,
        name: "cases and clocks",
        sqlite: text,
        postgres: text,
    }]
}

fn opening(id: i64) -> Batch {
    let mut batch = Batch::new();
    let payload = format!("{{\"case\":\"{id}\",\"text\":\"{}\"}}", "水".repeat(190)).into_bytes();
    let header = EventHeader {
        record: RecordId(id),
        record_kind: "case",
        name: "opened",
        happened: id,
        recorded: id,
        actor: 7,
    };
    batch.append(&mut Head::EMPTY.clone(), header, payload);
    let mut values = vec![id.into()];
    for column in CASES.columns {
        values.push(match column.kind {
            store::ColumnKind::Int => (id * 31 % 1_000_003).into(),
            _ => format!("{}-{}", column.name, id % 977).into(),
        });
    }
    batch.write(RowWrite::Put(Row {
        table: &CASES,
        values,
    }));
    for deadline in ["start_in_10_minutes", "result_in_2_workdays"] {
        let values = vec![
            id.into(),
            deadline.into(),
            1.into(),
            "CMP-3".into(),
            "running".into(),
            id.into(),
            (id + 600_000).into(),
            store::Value::Null,
        ];
        batch.write(RowWrite::Put(Row {
            table: &CLOCKS,
            values,
        }));
    }
    batch
}

fn openings(from: i64, count: i64) -> Vec<Batch> {
    (from..from + count)
        .map(|at| opening((at << 22) + at % 1000))
        .collect()
}

async fn compare(name: &str, raw_at: Target<'_>, store: Store, count: i64) {
    let migrations = migrations();
    for waiting in [64, 256] {
        let mut raw_rate: Option<Rate> = None;
        if waiting == 64 {
            raw_rate = Some(
                raw_inserts(raw_at, &migrations, openings(1, count), waiting)
                    .await
                    .unwrap(),
            );
        }
        let ours = commits(
            &store,
            openings(i64::from(waiting as i32) * 1_000_000, count),
            waiting,
        )
        .await
        .unwrap();
        let figures = store.figures();
        println!(
            "{name} {waiting:>3} waiting: store {:>7.0}/s {:.0} µs CPU, raw {}, groups of {:.0}",
            ours.per_second(),
            ours.cpu_micros(),
            raw_rate.map_or("-".to_owned(), |raw| format!(
                "{:.0}/s {:.0} µs CPU ({:.0} %)",
                raw.per_second(),
                raw.cpu_micros(),
                100.0 * ours.per_second() / raw.per_second()
            )),
            figures.commits as f64 / figures.groups as f64,
        );
    }
    store.seal_now().await.unwrap();
    let report = verify::history(&store, |_| {}).await.unwrap();
    assert!(report.holds());
    println!(
        "{name} verify: {} events in {} ms = {:.0}/s",
        report.events,
        report.took_ms,
        report.events as f64 * 1000.0 / report.took_ms as f64
    );
}

#[tokio::main]
async fn main() {
    let count: i64 = std::env::var("COUNT")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(40_000);
    let dir = std::env::var("BENCH_DIR").unwrap_or_else(|_| "/tmp".into());
    let place = Path::new(&dir).join(format!("store-bench-{}", std::process::id()));
    let (raw_dir, dir) = (place.join("raw"), place.join("store"));
    let store = Store::open_sqlite(&dir, &migrations()).await.unwrap();
    compare("sqlite  ", Target::Folder(&raw_dir), store.clone(), count).await;
    store.close().await;
    std::fs::remove_dir_all(&place).unwrap();
    if let (Ok(raw), Ok(url)) = (
        std::env::var("BENCH_POSTGRES_A"),
        std::env::var("BENCH_POSTGRES_B"),
    ) {
        let store = Store::open_postgres(&url, &migrations()).await.unwrap();
        compare("postgres", Target::Server(&raw), store.clone(), count).await;
        store.close().await;
    }
}
