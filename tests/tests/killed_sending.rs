//! Killed amid sending, over real SMTP: every message reaches its end, and what arrives twice carries the same name both times.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use system_tests::{Backend, Relay, Starter, verified};

/// How many letters wait.
const LETTERS: usize = 600;
/// After how many the server is killed.
const AMID: usize = 100;
/// How many are under way at once: what may arrive twice.
const AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(120);

const SENT: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND due IS NULL AND sent IS NOT NULL";

fn killed_while_sending(backend: Backend) {
    let Some(mut relay) = Relay::start() else { return };
    let Some(place) = Starter::new(backend) else {
        return;
    };
    // Given a database in which many letters wait
    place
        .run(&["user", "unit", "centre", "客户中心"])
        .expect_success();
    let made = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    place.tamper(&[&format!(
        "INSERT INTO outbox (id, key, channel, recipient, subject, body, state, attempts, made, due, taken_until) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LETTERS}) \
         SELECT i, 'n' || CAST(i AS TEXT) || '-mail', 'mail', 'p' || CAST(i AS TEXT) || '@example.cn', '超时', \
         '第' || CAST(i AS TEXT) || '封', 'waiting', 0, {made}, 0, 0 FROM n"
    )]);
    let settings = format!("{}[outbox]\nclaim_seconds = 2\n", relay.section());
    std::fs::write(place.folder().join("shouwen.toml"), settings).unwrap();
    let mut heard: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    let mut note = |letter: serde_json::Value| {
        let text = |name: &str| letter[name].as_str().unwrap().to_owned();
        let known = heard.entry(text("key")).or_default();
        known.push((text("id"), text("to"), text("text")));
        known.len() == 1
    };
    // When the server is killed amid sending them
    let server = place.start();
    for _ in 0..AMID {
        note(relay.letter());
    }
    let place = server.kill();
    assert!(
        place.number(SENT) < LETTERS as i64,
        "all had left before the kill"
    );
    // And started again
    let server = place.start();
    let mut distinct = AMID;
    while distinct < LETTERS {
        distinct += usize::from(note(relay.letter()));
    }
    // Then every one of them reaches its end
    let begun = Instant::now();
    while server.place().number(SENT) < LETTERS as i64 {
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
    }
    let (place, status) = server.stop();
    assert!(status.success(), "{status}");
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox"), LETTERS as i64);
    // None is lost; at most those that were under way arrived twice, under the same name
    assert_eq!(heard.len(), LETTERS);
    let doubled: Vec<_> = heard.values().filter(|letters| letters.len() > 1).collect();
    assert!(doubled.len() <= AT_ONCE, "{doubled:?}");
    for (key, letters) in &heard {
        assert!(letters.len() <= 2, "{letters:?}");
        assert!(letters.iter().all(|letter| *letter == letters[0]), "{letters:?}");
        assert_eq!(letters[0].0, format!("<{key}@example.cn>"));
    }
    verified(&place);
}

#[test]
fn on_sqlite_every_letter_arrives_and_what_comes_twice_can_be_told() {
    killed_while_sending(Backend::Sqlite);
}

#[test]
fn on_postgres_every_letter_arrives_and_what_comes_twice_can_be_told() {
    killed_while_sending(Backend::Postgres);
}
