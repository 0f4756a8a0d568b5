//! Killed under load, again and again: nothing acknowledged is lost, nothing is doubled, everything still follows from
//! the history. And stopped when asked: nothing is lost either.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use system_tests::{Backend, Centre, Client, verified};

const ROUNDS: usize = 5;
const CLIENTS: usize = 6;
/// How many acknowledged cases a round waits for before the process is killed.
const UNDER_LOAD: usize = 40;

/// What the server acknowledged: the case's id under the key of the request, and under its matter.
type Known = Arc<Mutex<BTreeMap<String, String>>>;

fn open(client: &mut Client, key: &str) -> Option<String> {
    let body = Centre::suggestion(key).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let answer = client.send("POST", "/api/cases", &headers, Some(body)).ok()?;
    (answer.status == 201).then(|| answer.json()["id"].as_str().unwrap().to_owned())
}

/// Opens cases until the server is gone; gives back the key that was never answered.
fn load(mut client: Client, who: usize, round: usize, known: &Known, count: &AtomicUsize) -> String {
    for no in 0.. {
        let key = format!("r{round}-c{who}-{no}");
        match open(&mut client, &key) {
            Some(id) => {
                known.lock().unwrap().insert(key, id);
                count.fetch_add(1, Ordering::SeqCst);
            }
            None => return key,
        }
    }
    unreachable!("the loop ends where the server does")
}

fn killed_under_load(backend: Backend) {
    // Given a centre
    let Some(mut centre) = Centre::start(backend) else {
        return;
    };
    let known = Known::default();
    for round in 0..ROUNDS {
        // When clients open cases and the process is killed amid them
        let count = Arc::new(AtomicUsize::new(0));
        let client = centre.log_in("ann");
        let loads: Vec<_> = (0..CLIENTS)
            .map(|who| {
                let (client, known, count) = (client.clone(), Arc::clone(&known), Arc::clone(&count));
                std::thread::spawn(move || load(client, who, round, &known, &count))
            })
            .collect();
        while count.load(Ordering::SeqCst) < UNDER_LOAD {
            assert!(
                !loads.iter().any(|load| load.is_finished()),
                "{}",
                centre.server.log()
            );
            std::thread::yield_now();
        }
        let place = centre.server.kill();
        let unanswered: Vec<String> = loads.into_iter().map(|load| load.join().unwrap()).collect();
        centre = Centre {
            server: place.start(),
        };

        // Then the requests that had no answer can be sent again, and so can some that had one
        let mut client = centre.log_in("ann");
        for key in &unanswered {
            let id = open(&mut client, key).unwrap();
            known.lock().unwrap().insert(key.clone(), id);
        }
        let again: Vec<(String, String)> = known
            .lock()
            .unwrap()
            .iter()
            .rev()
            .step_by(7)
            .map(|(key, id)| (key.clone(), id.clone()))
            .collect();
        for (key, id) in again {
            assert_eq!(open(&mut client, &key), Some(id), "{key}");
        }
    }
    // And every case is there exactly once, under its own number
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    let known = known.lock().unwrap();
    assert!(known.len() >= ROUNDS * UNDER_LOAD, "{}", known.len());
    let count = known.len() as i64;
    assert_eq!(
        place.number("SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'"),
        count
    );
    assert_eq!(
        place.number("SELECT COUNT(DISTINCT subject) FROM cases WHERE procedure = 'suggestion'"),
        count
    );
    assert_eq!(
        place.number("SELECT COUNT(DISTINCT number) FROM cases WHERE procedure = 'suggestion'"),
        count
    );
    let ids: Vec<String> = known
        .iter()
        .map(|(key, id)| format!("(id = {id} AND subject = '{key}')"))
        .collect();
    for some in ids.chunks(100) {
        let query = format!("SELECT COUNT(*) FROM cases WHERE {}", some.join(" OR "));
        assert_eq!(place.number(&query), some.len() as i64);
    }
    verified(&place);
}

#[test]
fn on_sqlite_nothing_acknowledged_is_lost_or_doubled() {
    killed_under_load(Backend::Sqlite);
}

#[test]
fn on_postgres_nothing_acknowledged_is_lost_or_doubled() {
    killed_under_load(Backend::Postgres);
}

fn stopped_under_load(backend: Backend) {
    // Given a centre under load
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let (known, count) = (Known::default(), Arc::new(AtomicUsize::new(0)));
    let client = centre.log_in("ann");
    let loads: Vec<_> = (0..CLIENTS)
        .map(|who| {
            let (client, known, count) = (client.clone(), Arc::clone(&known), Arc::clone(&count));
            std::thread::spawn(move || load(client, who, 0, &known, &count))
        })
        .collect();
    while count.load(Ordering::SeqCst) < UNDER_LOAD {
        assert!(
            !loads.iter().any(|load| load.is_finished()),
            "{}",
            centre.server.log()
        );
        std::thread::yield_now();
    }
    // When it is asked to stop
    let (place, status) = centre.server.stop();
    // Then it ends well, and what it acknowledged is there
    assert_eq!(status.code(), Some(0), "{status}");
    loads.into_iter().for_each(|load| drop(load.join().unwrap()));
    for (key, id) in known.lock().unwrap().iter() {
        let query = format!("SELECT COUNT(*) FROM cases WHERE id = {id} AND subject = '{key}'");
        assert_eq!(place.number(&query), 1, "{key}");
    }
    verified(&place);
}

#[test]
fn on_sqlite_a_graceful_stop_loses_nothing() {
    stopped_under_load(Backend::Sqlite);
}

#[test]
fn on_postgres_a_graceful_stop_loses_nothing() {
    stopped_under_load(Backend::Postgres);
}
