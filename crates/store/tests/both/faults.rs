//! A process killed at any moment, a database that goes away, a disk that is full.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use store::history::verify;
use store::{Batch, CommitError, Head, RecordId, Row, RowWrite, Store, Value};

use crate::both;
use crate::commit::{case, header, step};
use crate::place::{CASES, MIGRATIONS, Place};

/// What names the place to the child process.
const CHILD: &str = "STORE_TEST_CHILD";

/// The child: writes as fast as it can and says what was acknowledged, until it is killed. In a run of all tests it
/// has nothing to do.
#[test]
fn child_that_writes() {
    let Ok(place) = std::env::var(CHILD) else { return };
    let (first, place) = place.split_once(' ').unwrap();
    let first: i64 = first.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = match place.split_once("folder:") {
            Some((_, dir)) => Store::open_sqlite(dir, MIGRATIONS).await.unwrap(),
            None => Store::open_postgres(place, MIGRATIONS).await.unwrap(),
        };
        let sealing = store.clone();
        tokio::spawn(async move { sealing.run_sealer(std::future::pending()).await });
        let mut writers = Vec::new();
        for writer in 0..16 {
            let store = store.clone();
            writers.push(tokio::spawn(async move {
                for round in 0.. {
                    let record = first + writer * 100_000 + round;
                    let mut head = Head::EMPTY;
                    for _ in 0..3 {
                        let mut batch = Batch::new();
                        batch.append(&mut head, header(record, "did", 3), b"{}".to_vec());
                        batch.write(RowWrite::Put(case(record, &head.seq.to_string())));
                        batch.idempotency(format!("{record}-{}", head.seq), 3, Vec::new());
                        store.commit(batch).await.unwrap();
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "ack {record} {}", head.seq).unwrap();
                    }
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

both!(what_was_acknowledged_survives_sigkill, |place| {
    place.open().await.close().await;
    let named = match place {
        Place::Folder(dir) => format!("folder:{}", dir.path().display()),
        Place::Server(url) => url.clone(),
    };
    let mut acknowledged: HashMap<i64, i64> = HashMap::new();
    for kill in 1..=6i64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "faults::child_that_writes",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(CHILD, format!("{} {named}", kill * 10_000_000))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut heard = 0;
        for line in lines.map_while(Result::ok) {
            // The test harness puts its own words before the first line.
            let Some((_, said)) = line.split_once("ack ") else {
                continue;
            };
            let Some((record, seq)) = said.split_once(' ') else {
                continue;
            };
            let (Ok(record), Ok(seq)) = (record.parse(), seq.parse()) else {
                continue;
            };
            acknowledged.insert(record, seq);
            heard += 1;
            // At another moment each time; what is still in the pipe was acknowledged too.
            if heard == 40 + kill * 37 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let store = place.open().await;
        let report = verify::history(&store, |_| {}).await.unwrap();
        assert!(report.holds(), "{report:?}");
        let mut found: HashMap<i64, i64> = HashMap::new();
        let heads = "SELECT record, max(seq), count(*) FROM events GROUP BY record";
        for row in store.query(heads, &[]).await.unwrap() {
            assert_eq!(
                row.int(1).unwrap(),
                row.int(2).unwrap(),
                "nothing doubled, nothing left out"
            );
            found.insert(row.int(0).unwrap(), row.int(1).unwrap());
        }
        for (record, seq) in &acknowledged {
            assert!(
                found.get(record) >= Some(seq),
                "record {record}: {seq} was acknowledged"
            );
        }
        // Events, rows and idempotency keys were written together or not at all.
        for row in store.query("SELECT id, title FROM cases", &[]).await.unwrap() {
            assert_eq!(found[&row.int(0).unwrap()].to_string(), row.text(1).unwrap());
        }
        let keys = store
            .query("SELECT count(*) FROM idempotency", &[])
            .await
            .unwrap();
        assert_eq!(keys[0].int(0).unwrap(), found.values().sum::<i64>());
        store.close().await;
    }
    assert!(acknowledged.len() > 100);
});

/// Whoever asked for a small transaction stops waiting amid it, as tasks do when the server ends: no lock stays behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_nobody_waits_for_any_more_keeps_no_lock() {
    let Some(place) = Place::server().await else {
        return;
    };
    let Place::Server(url) = &place else { return };
    let store = place.open().await;
    let config: tokio_postgres::Config = url.parse().unwrap();
    let mut clients = Vec::new();
    for _ in 0..2 {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        clients.push(client);
    }
    let (holder, watcher) = (&clients[0], &clients[1]);
    let timer = "INSERT INTO timers (id, due, taken_until) VALUES (1, 0, 0)";
    store.execute(timer, &[]).await.unwrap();
    let hold = "BEGIN; UPDATE timers SET due = 1 WHERE id = 1";
    holder.batch_execute(hold).await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waits = async {
        while watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
    };
    // It waits for the row when it is given up, and gets it after that.
    tokio::select! {
        _ = store.execute("UPDATE timers SET due = 2 WHERE id = 1", &[]) => panic!("the row is held by another"),
        () = waits => {}
    }
    holder.batch_execute("ROLLBACK").await.unwrap();
    let patience = std::time::Duration::from_secs(20);
    let free = watcher.batch_execute("UPDATE timers SET due = 3 WHERE id = 1");
    tokio::time::timeout(patience, free)
        .await
        .expect("the row is free")
        .unwrap();
    let due = store
        .query("SELECT due FROM timers WHERE id = 1", &[])
        .await
        .unwrap();
    assert_eq!(due[0].int(0).unwrap(), 3);
    store.close().await;
    place.remove().await;
}

/// Connections are cut on the server's side, again and again, while batches are on their way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_is_resolved_without_doubling() {
    let Some(place) = Place::server().await else {
        return;
    };
    let Place::Server(url) = &place else { return };
    let store = place.open().await;
    let config: tokio_postgres::Config = url.parse().unwrap();
    let (cutter, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut writers = Vec::new();
    for record in 0..24i64 {
        let store = store.clone();
        writers.push(tokio::spawn(async move {
            let (mut head, mut done) = (Head::EMPTY, 0);
            for _ in 0..40 {
                match step(&store, &mut head, record, "did", 3).await {
                    Ok(()) => done += 1,
                    Err(CommitError::Unavailable(_)) => {}
                    Err(CommitError::Unknown(_)) => head = store.head(RecordId(record)).await.unwrap(),
                    Err(other) => panic!("{other}"),
                }
            }
            (record, head, done)
        }));
    }
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut cuts = 0;
    while writers.iter().any(|writer| !writer.is_finished()) && cuts < 12 {
        let row = cutter.query_one(cut, &[]).await.unwrap();
        cuts += i32::from(row.get::<_, i64>(0) > 0);
        let seen = store.figures().commits;
        // The next cut comes when something got through, or everybody has finished.
        while store.figures().commits < seen + 30 && writers.iter().any(|writer| !writer.is_finished()) {
            tokio::task::yield_now().await;
        }
    }
    assert!(cuts > 0);
    for writer in writers {
        let (record, head, done) = writer.await.unwrap();
        assert_eq!(store.head(RecordId(record)).await.unwrap(), head);
        assert!(head.seq >= done && done > 0, "{head:?} {done}");
    }
    store.seal_now().await.unwrap();
    let report = verify::history(&store, |_| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
    place.remove().await;
}

/// A limit on the database's pages stands for the disk's end: the engine meets the same error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_left_behind() {
    let place = Place::folder();
    let store = place.open().await;
    let pages = store.execute_returning("PRAGMA page_count", &[]).await.unwrap()[0]
        .int(0)
        .unwrap();
    let limit: &'static str = format!("PRAGMA max_page_count = {}", pages + 20).leak();
    store.execute(limit, &[]).await.unwrap();
    let big = |record: i64| {
        let mut batch = Batch::new();
        batch.append(
            &mut Head::EMPTY.clone(),
            header(record, "opened", 3),
            vec![b' '; 20_000],
        );
        let values = vec![record.into(), "big".into(), Value::Null, 1.into(), Value::Null];
        batch.write(RowWrite::Put(Row {
            table: &CASES,
            values,
        }));
        batch
    };
    let mut stood = Vec::new();
    let mut refused = None;
    for record in 0..100 {
        match store.commit(big(record)).await {
            Ok(_) => stood.push(record),
            Err(CommitError::StorageFull) => {
                refused = Some(record);
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    let refused = refused.unwrap();
    assert!(!stood.is_empty());
    assert!(
        store.load(RecordId(refused)).await.unwrap().is_empty(),
        "reading goes on, nothing half-written"
    );
    store
        .execute("PRAGMA max_page_count = 1000000", &[])
        .await
        .unwrap();
    store.commit(big(refused)).await.unwrap();
    store.seal_now().await.unwrap();
    let report = verify::history(&store, |_| {}).await.unwrap();
    assert!(
        report.holds() && report.events == stood.len() as u64 + 1,
        "{report:?}"
    );
}
