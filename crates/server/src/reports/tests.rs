use std::collections::BTreeMap;

use calendar::{Calendar, Moment};
use regulation::model::ClauseRef;
use regulation::{ClockState, Id};
use store::{Batch, Row, RowWrite, Store, Value};

use super::column::{STATES, Seen, column};
use super::*;
use crate::schema::{CASES, CLOCKS, MIGRATIONS, REFUSALS, UNITS};

/// One clock of the invented history.
#[derive(Clone, Copy, Debug)]
struct Invented {
    case: i64,
    clause: i64,
    state: ClockState,
    start: i64,
    due: i64,
    ended: Option<i64>,
    unit: i64,
}

/// Clocks of every state with times all about the period, always the same.
fn invented() -> Vec<Invented> {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % below) as i64
    };
    let mut clocks = Vec::new();
    for case in 1..=400 {
        let state = STATES[next(7) as usize];
        let start = next(900);
        let due = start + next(300);
        let ended = match state {
            ClockState::Kept => Some(due - next(1 + (due - start) as u64)),
            ClockState::KeptLate => Some(due + 1 + next(200)),
            ClockState::Exempt | ClockState::Lapsed => Some(start + next(400)),
            _ => None,
        };
        clocks.push(Invented {
            case,
            clause: next(3),
            state,
            start,
            due,
            ended,
            unit: 1 + next(3),
        });
    }
    clocks
}

fn put(batch: &mut Batch, table: &'static store::Table, values: Vec<Value>) {
    batch.write(RowWrite::Put(Row { table, values }));
}

fn case_row(case: i64, unit: i64) -> Vec<Value> {
    CASES
        .all_columns()
        .map(|column| match (column.name, column.kind) {
            ("id", _) => case.into(),
            ("unit" | "owning_unit", _) => unit.into(),
            ("number", _) => format!("N{case}").into(),
            ("source", _) if case % 2 == 0 => format!("row-{case}").into(),
            ("source" | "wakes" | "ended" | "customer" | "parent", _) => Value::Null,
            (_, store::ColumnKind::Text) => "".into(),
            _ => 0_i64.into(),
        })
        .collect()
}

async fn filled() -> (tempfile::TempDir, Store, Vec<Invented>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let clocks = invented();
    let mut batch = Batch::new();
    for (unit, parent) in [(1_i64, None), (2, Some(1_i64)), (3, Some(2))] {
        let values = vec![
            unit.into(),
            parent.into(),
            "u".into(),
            unit.to_string().into(),
            "default".into(),
            store::Value::Null,
        ];
        put(&mut batch, &UNITS, values);
    }
    for clock in &clocks {
        put(&mut batch, &CASES, case_row(clock.case, clock.unit));
        let values = vec![
            clock.case.into(),
            1_i64.into(),
            "p".into(),
            "p".into(),
            clock.clause.to_string().into(),
            "d".into(),
            1_i64.into(),
            clock.state.word().into(),
            clock.start.into(),
            clock.due.into(),
            clock.ended.into(),
            i64::from(clock.state == ClockState::Overdue || clock.state == ClockState::KeptLate).into(),
            Value::Null,
            clock.unit.into(),
        ];
        put(&mut batch, &CLOCKS, values);
    }
    for seq in 1..=5_i64 {
        let values = vec![
            1_i64.into(),
            seq.into(),
            "p".into(),
            "p".into(),
            "0".into(),
            "act".into(),
            Value::Null,
            (seq * 200).into(),
            1_i64.into(),
        ];
        put(&mut batch, &REFUSALS, values);
    }
    // A person who holds something in unit 2 reaches 2 and 3.
    for unit in [2_i64, 3] {
        batch.statement(
            "INSERT INTO scopes (person, unit, function, since, until) VALUES ($1, $2, 'agent', 0, $3)",
            vec![77_i64.into(), unit.into(), i64::MAX.into()],
        );
    }
    store.commit(batch).await.unwrap();
    (folder, store, clocks)
}

fn period(from: i64, to: i64, as_of: i64) -> Period {
    let at = Moment::from_millis;
    Period {
        from: at(from),
        to: at(to),
        as_of: at(as_of),
    }
}

/// The columns by the rule itself, from the invented clocks.
fn expected(
    clocks: &[Invented],
    period: Period,
    wanted: impl Fn(&Invented) -> bool,
) -> BTreeMap<(String, Column), Vec<i64>> {
    let as_of = period.as_of.as_millis();
    let mut all: BTreeMap<(String, Column), Vec<i64>> = BTreeMap::new();
    let mut sorted: Vec<&Invented> = clocks.iter().filter(|clock| wanted(clock)).collect();
    sorted.sort_by_key(|clock| (clock.due, clock.case));
    for clock in sorted {
        if clock.due < period.from.as_millis() || clock.due >= period.to.as_millis() {
            continue;
        }
        let seen = Seen {
            state: clock.state,
            begun: clock.start <= as_of,
            over: clock.ended.is_some_and(|ended| ended <= as_of),
            passed: clock.due < as_of,
        };
        if let Some(column) = column(seen) {
            all.entry((clock.clause.to_string(), column))
                .or_default()
                .push(clock.case);
        }
    }
    all
}

fn clause(id: &str) -> ClauseRef {
    ClauseRef {
        pack: "p".into(),
        clause: id.into(),
    }
}

#[tokio::test]
async fn counts_lists_and_the_files_keys_agree_with_the_rule_at_every_time() {
    let (_folder, store, clocks) = filled().await;
    let reach = Reach::default();
    for as_of in [0, 200, 450, 700, 5_000] {
        let period = period(300, 900, as_of);
        let expected = expected(&clocks, period, |_| true);
        let tallies = tally(&store, "p", period, reach).await.unwrap();
        let behind = behind_clauses(&store, "p", period, reach).await.unwrap();
        for id in ["0", "1", "2"] {
            let columns = tallies.get(&clause(id)).copied().unwrap_or_default().columns;
            for (which, count) in [
                (Column::Kept, columns.kept),
                (Column::Late, columns.late),
                (Column::Open, columns.open),
                (Column::Exempt, columns.exempt),
                (Column::Lapsed, columns.lapsed),
            ] {
                let wanted = expected.get(&(id.to_owned(), which)).cloned().unwrap_or_default();
                assert_eq!(count as usize, wanted.len(), "{id} {which:?} at {as_of}");
                // Page after page gives exactly these, in the order of their due times.
                let (mut listed, mut after) = (Vec::new(), ClauseCase::START);
                loop {
                    let page = page(&store, "p", &clause(id), which, period, reach, after, 7)
                        .await
                        .unwrap();
                    listed.extend(page.iter().map(|one| one.case.0));
                    match page.last() {
                        Some(last) if page.len() == 7 => {
                            after = ClauseCase::read(Some(&last.text())).unwrap()
                        }
                        _ => break,
                    }
                }
                assert_eq!(listed, wanted, "{id} {which:?} at {as_of}");
                let keys: Vec<String> = wanted
                    .iter()
                    .map(|case| {
                        if case % 2 == 0 {
                            format!("row-{case}")
                        } else {
                            format!("N{case}")
                        }
                    })
                    .collect();
                let behind = behind
                    .get(&clause(id))
                    .and_then(|behind| behind.columns.get(&which))
                    .cloned();
                assert_eq!(behind.unwrap_or_default(), keys, "{id} {which:?} at {as_of}");
            }
        }
    }
}

#[tokio::test]
async fn gen_19_refusals_are_counted_by_their_time() {
    let (_folder, store, _) = filled().await;
    let counted = |tallies: BTreeMap<ClauseRef, Tally>| tallies[&clause("0")].columns.refused;
    let all = tally(&store, "p", period(0, 2_000, 5_000), Reach::default())
        .await
        .unwrap();
    assert_eq!(counted(all), 5);
    let some = tally(&store, "p", period(200, 800, 450), Reach::default())
        .await
        .unwrap();
    assert_eq!(counted(some), 2);
    let refused = clause("0");
    let listed = page(
        &store,
        "p",
        &refused,
        Column::Refused,
        period(200, 800, 450),
        Reach::default(),
        ClauseCase::START,
        9,
    );
    assert_eq!(listed.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_scope_and_a_unit_cut_the_report_to_their_subtree() {
    let (_folder, store, clocks) = filled().await;
    let period = period(0, 2_000, 5_000);
    let total = |tallies: BTreeMap<ClauseRef, Tally>| -> i64 {
        let columns = tallies.values().map(|tally| tally.columns);
        columns
            .map(|of| of.kept + of.late + of.open + of.exempt + of.lapsed)
            .sum()
    };
    let scope = Reach {
        person: Some(Id(77)),
        unit: None,
        ..Reach::default()
    };
    let below = Reach {
        person: None,
        unit: Some(Id(2)),
        ..Reach::default()
    };
    let wanted = clocks.iter().filter(|clock| clock.unit >= 2).count() as i64;
    assert!(wanted > 0 && wanted < 400);
    assert_eq!(total(tally(&store, "p", period, scope).await.unwrap()), wanted);
    assert_eq!(total(tally(&store, "p", period, below).await.unwrap()), wanted);
    let both = Reach {
        person: Some(Id(77)),
        unit: Some(Id(1)),
        ..Reach::default()
    };
    assert_eq!(total(tally(&store, "p", period, both).await.unwrap()), wanted);
    let stranger = Reach {
        person: Some(Id(78)),
        unit: None,
        ..Reach::default()
    };
    assert_eq!(total(tally(&store, "p", period, stranger).await.unwrap()), 0);
}

#[tokio::test]
async fn days_are_those_of_the_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let at = |text: &str| Moment::parse_rfc3339(text).unwrap();
    let mut batch = Batch::new();
    for (case, due) in [
        (1_i64, "2026-11-05T23:59:59+08:00"),
        (2, "2026-11-06T00:00:00+08:00"),
        (3, "2026-11-06T12:00:00+08:00"),
    ] {
        let due = at(due);
        let values = vec![
            case.into(),
            1_i64.into(),
            "p".into(),
            "p".into(),
            "1".into(),
            "d".into(),
            1_i64.into(),
            "kept".into(),
            (due.as_millis() - 1000).into(),
            due.as_millis().into(),
            due.as_millis().into(),
            0_i64.into(),
            Value::Null,
            1_i64.into(),
        ];
        put(&mut batch, &CLOCKS, values);
    }
    store.commit(batch).await.unwrap();
    let calendar = Calendar::builder().zone_name("Asia/Shanghai").build().unwrap();
    let period = Period {
        from: at("2026-11-01T00:00:00+08:00"),
        to: at("2026-12-01T00:00:00+08:00"),
        as_of: at("2026-12-05T00:00:00+08:00"),
    };
    let days = days(&store, &calendar, "p", period, Reach::default())
        .await
        .unwrap();
    let days: Vec<(String, (i64, i64))> = days
        .into_iter()
        .map(|(day, counts)| (day.to_string(), counts))
        .collect();
    assert_eq!(
        days,
        [
            ("2026-11-05".to_owned(), (1, 0)),
            ("2026-11-06".to_owned(), (2, 0))
        ]
    );
}
