//! Killed while deadlines fire after a long downtime: each of them fires exactly once all the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::time::{Duration, Instant};

use system_tests::{Backend, Server, Starter, verified};

/// How many messages wait for an answer; two limits of each passed long ago.
const MESSAGES: i64 = 4_000;
/// After how many the server is killed, each time.
const AMID: i64 = 500;
const PATIENCE: Duration = Duration::from_secs(180);

const FIRED: &str = "SELECT COUNT(*) FROM clocks WHERE once_late = 1";

/// Waits until so many deadlines have fired.
fn fired(server: &Server, count: i64) {
    let begun = Instant::now();
    while server.place().number(FIRED) < count {
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
    }
}

fn killed_while_firing(backend: Backend) {
    let Some(place) = Starter::new(backend) else {
        return;
    };
    // Given messages that nobody answered while nothing ran
    place
        .run(&["user", "unit", "centre", "客户中心"])
        .expect_success();
    place
        .run(&["pack", "activate", "hotline", "--unit", "centre"])
        .expect_success();
    let mut file = "id,user,subject,received_at,detail,reply,replied_at\n".to_owned();
    for no in 0..MESSAGES {
        file.push_str(&format!("m{no},U{no},路灯不亮,2026-03-02 08:30:00,第{no}盏,,\n"));
    }
    std::fs::write(place.folder().join("messages.csv"), file).unwrap();
    place.run(&["import", "hotline", "messages.csv"]).expect_success();
    assert_eq!(place.number(FIRED), 0);
    // When the server is killed twice while it makes up for them
    let server = place.start();
    fired(&server, AMID);
    let place = server.kill();
    let first = place.number(FIRED);
    assert!(first < 2 * MESSAGES, "all had fired before the kill");
    let server = place.start();
    fired(&server, (first + AMID).min(2 * MESSAGES));
    let server = server.kill_and_restart();
    // Then each fires, and none twice
    fired(&server, 2 * MESSAGES);
    let (place, status) = server.stop();
    assert!(status.success(), "{status}");
    assert_eq!(place.number("SELECT COUNT(*) FROM clocks"), 2 * MESSAGES);
    let passed = "SELECT COUNT(*) FROM events WHERE name = 'time_passed'";
    assert_eq!(place.number(passed), MESSAGES);
    let once = "SELECT COUNT(DISTINCT record) FROM events WHERE name = 'time_passed'";
    assert_eq!(place.number(once), MESSAGES);
    verified(&place);
}

#[test]
fn on_sqlite_each_late_deadline_fires_once() {
    killed_while_firing(Backend::Sqlite);
}

#[test]
fn on_postgres_each_late_deadline_fires_once() {
    killed_while_firing(Backend::Postgres);
}
