//! Laws that hold for all batches.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::{Batch, CommitError, Head, RecordId, Row, RowWrite, Store, Value, difference};

use crate::commit::header;
use crate::place::{CASES, Place, TAGS};

fn any_row() -> impl Strategy<Value = Row> {
    let case = (0i64..6, "[a-c]", prop::option::of(0i64..3)).prop_map(|(id, title, due)| Row {
        table: &CASES,
        values: vec![id.into(), title.into(), due.into(), 1.into(), Value::Null],
    });
    let tag = (0i64..4, "[a-c]").prop_map(|(id, tag)| Row {
        table: &TAGS,
        values: vec![id.into(), tag.into()],
    });
    prop_oneof![case, tag]
}

type Rows = BTreeMap<(&'static str, Vec<Value>), Row>;

/// A set of rows has one row per key.
fn any_rows() -> impl Strategy<Value = Rows> {
    prop::collection::vec(any_row(), 0..12).prop_map(|rows| {
        rows.into_iter()
            .map(|row| ((row.table.name, row.key().to_vec()), row))
            .collect()
    })
}

fn apply(rows: &mut Rows, writes: &[RowWrite]) {
    for write in writes {
        let place = (write.table().name, write.key().to_vec());
        match write {
            RowWrite::Put(row) => drop(rows.insert(place, row.clone())),
            RowWrite::Delete { .. } => drop(rows.remove(&place)),
        }
    }
}

proptest! {
    #[test]
    fn applying_the_difference_gives_what_was_wanted(before in any_rows(), after in any_rows()) {
        let (old, new): (Vec<Row>, Vec<Row>) =
            (before.values().cloned().collect(), after.values().cloned().collect());
        let writes = difference(&old, &new);
        let mut rows = before.clone();
        apply(&mut rows, &writes);
        prop_assert_eq!(&rows, &after);
        let changed = before.iter().filter(|(key, row)| after.get(*key) != Some(row)).count()
            + after.keys().filter(|key| !before.contains_key(*key)).count();
        prop_assert_eq!(writes.len(), changed, "nothing equal is written");
        prop_assert!(difference(&new, &new).is_empty());
    }
}

/// What one batch does, in a small world where batches often meet.
#[derive(Debug, Clone)]
struct Doing {
    record: i64,
    from: i64,
    writes: Vec<Row>,
    deletes: Vec<Row>,
    claim: Option<i64>,
    release: Option<i64>,
    key: Option<i64>,
    broken: bool,
}

fn any_doing() -> impl Strategy<Value = Doing> {
    (
        (
            0i64..4,
            0i64..3,
            prop::collection::vec(any_row(), 0..3),
            prop::collection::vec(any_row(), 0..2),
        ),
        (
            prop::option::of(0i64..2),
            prop::option::weighted(0.2, 0i64..2),
            prop::option::of(0i64..6),
        ),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |((record, from, writes, deletes), (claim, release, key), broken)| Doing {
                record,
                from,
                writes,
                deletes,
                claim,
                release,
                key,
                broken,
            },
        )
}

/// The batch of a doing. Salts are seeded by record and place, so the chain's hashes are the same in both worlds.
fn batch(doing: &Doing, number: usize) -> Batch {
    let mut batch = Batch::seeded(0);
    let mut head = Head::EMPTY;
    let mut chain = Batch::seeded(doing.record.unsigned_abs());
    for _ in 0..doing.from {
        chain.append(&mut head, header(doing.record, "did", 1), b"{}".to_vec());
    }
    // Only the last one is committed: the ones before it must stand already.
    let mut whole = Batch::seeded(doing.record.unsigned_abs());
    let mut last = head;
    if doing.from == 0 {
        whole.append(&mut last, header(doing.record, "did", 1), b"{}".to_vec());
        batch = whole;
    } else {
        batch.append(&mut last, header(doing.record, "did", 1), b"{}".to_vec());
    }
    for row in &doing.writes {
        batch.write(RowWrite::Put(row.clone()));
    }
    for row in &doing.deletes {
        batch.write(RowWrite::Delete {
            table: row.table,
            key: row.key().to_vec(),
        });
    }
    if let Some(claim) = doing.claim {
        batch.claim("thing", claim.to_string(), RecordId(doing.record));
    }
    if let Some(release) = doing.release {
        batch.release("thing", release.to_string());
    }
    if let Some(key) = doing.key {
        batch.idempotency(key.to_string(), 1, number.to_string().into_bytes());
    }
    if doing.broken {
        // NULL where a title must be.
        let values = vec![99.into(), Value::Null, Value::Null, 1.into(), Value::Null];
        batch.write(RowWrite::Put(Row {
            table: &CASES,
            values,
        }));
    }
    batch
}

fn outcome(result: &Result<store::Committed, CommitError>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(CommitError::Stale { record, seq, by }) => format!("stale {record} {seq} {by:?}"),
        Err(CommitError::Claimed { key, record, .. }) => format!("claimed {key} by {record}"),
        Err(CommitError::AlreadyDone(result)) => format!("already {}", String::from_utf8_lossy(result)),
        Err(CommitError::Failed(_)) => "failed".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

async fn content(store: &Store) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for sql in [
        "SELECT id, title, due FROM cases ORDER BY id",
        "SELECT case_id, tag FROM tags ORDER BY case_id, tag",
        "SELECT record, seq, hash FROM events ORDER BY record, seq",
        "SELECT key, record FROM claims ORDER BY key",
        "SELECT key, result FROM idempotency ORDER BY key",
    ] {
        rows.extend(
            store
                .query(sql, &[])
                .await
                .unwrap()
                .into_iter()
                .map(|row| row.into_values()),
        );
    }
    rows
}

/// On SQLite batches go into the queue in order, so a group's outcome must be the one of committing them one by
/// one, each by itself.
#[test]
fn a_group_has_the_outcome_of_its_batches_one_by_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(40));
    let doings = prop::collection::vec(any_doing(), 1..24);
    let law = |doings: Vec<Doing>| {
        runtime.block_on(async {
            let (alone, grouped) = (Place::folder(), Place::folder());
            let (alone, grouped) = (alone.open().await, grouped.open().await);
            let mut one_by_one = Vec::new();
            for (number, doing) in doings.iter().enumerate() {
                one_by_one.push(outcome(&alone.commit(batch(doing, number)).await));
            }
            let all = doings
                .iter()
                .enumerate()
                .map(|(number, doing)| grouped.commit(batch(doing, number)));
            let together: Vec<String> = futures_util::future::join_all(all)
                .await
                .iter()
                .map(outcome)
                .collect();
            prop_assert_eq!(together, one_by_one);
            prop_assert_eq!(content(&grouped).await, content(&alone).await);
            let report = store::history::verify::history(&grouped, |_| {}).await.unwrap();
            prop_assert!(report.holds(), "{report:?}");
            Ok(())
        })
    };
    runner.run(&doings, law).unwrap();
}

/// On PostgreSQL the order among those who wait together is free: what must hold is that the outcomes and the
/// tables fit some order, so each record has one winner per event, each claim one holder, each key one result.
#[test]
fn batches_that_meet_on_several_connections_leave_one_winner_each() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let Some(place) = Place::server().await else {
            return;
        };
        let store = place.open().await;
        for round in 0..20i64 {
            let tries = (0..32i64).map(|number| {
                let record = round * 100 + number % 4;
                let mut batch = Batch::new();
                batch.append(
                    &mut Head::EMPTY.clone(),
                    header(record, "opened", number + 1),
                    b"{}".to_vec(),
                );
                batch.claim("thing", format!("{round}-{}", number % 3), RecordId(record));
                batch.idempotency(
                    format!("{round}-{}", number % 8),
                    1,
                    number.to_string().into_bytes(),
                );
                let store = store.clone();
                async move { (number, store.commit(batch).await) }
            });
            let outcomes = futures_util::future::join_all(tries).await;
            let mut won = 0;
            for (_, outcome) in &outcomes {
                match outcome {
                    Ok(_) => won += 1,
                    Err(CommitError::Stale { by: Some(_), .. })
                    | Err(CommitError::Claimed { .. })
                    | Err(CommitError::AlreadyDone(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            let count = |sql| {
                let store = store.clone();
                async move {
                    let (low, high) = (round * 100, round * 100 + 99);
                    store.query(sql, &[low.into(), high.into()]).await.unwrap()[0]
                        .int(0)
                        .unwrap()
                }
            };
            let events = count("SELECT count(*) FROM events WHERE record BETWEEN $1 AND $2").await;
            let claims = count("SELECT count(*) FROM claims WHERE record BETWEEN $1 AND $2").await;
            assert!(
                won >= 1 && events == won && claims == won,
                "{won} won, {events} events, {claims} claims"
            );
        }
        store.seal_now().await.unwrap();
        let report = store::history::verify::history(&store, |_| {}).await.unwrap();
        assert!(report.holds(), "{report:?}");
        place.remove().await;
    });
}
