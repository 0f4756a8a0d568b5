//! Two nodes on one PostgreSQL under load: one is killed, or the database itself is restarted and crashed. Nothing
//! acknowledged is lost, nothing is doubled, and what was not acknowledged can be sent again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use system_tests::{Backend, Centre, Client, OwnPostgres, Server, Starter, verified};

/// Clients of each node.
const CLIENTS: usize = 3;
/// How many cases each client opens.
const EACH: usize = 40;
/// After how many acknowledged cases the blow falls.
const AMID: usize = 60;
/// How long the way back may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Case ids and numbers by the keys of the requests that were acknowledged.
type Known = Arc<Mutex<BTreeMap<String, (String, String)>>>;

/// Opens one case, through whichever node answers, again and again under one key until it is acknowledged.
fn opened(clients: &mut [Client], key: &str) -> (String, String) {
    let body = Centre::suggestion(key).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let begun = Instant::now();
    loop {
        for client in clients.iter_mut() {
            let Ok(answer) = client.send("POST", "/api/cases", &headers, Some(body.clone())) else {
                continue;
            };
            match answer.status {
                201 => {
                    let case = answer.json();
                    let text = |name: &str| case[name].as_str().unwrap().to_owned();
                    return (text("id"), text("number"));
                }
                // Not now: the same key may be sent again.
                503 | 500 => {}
                other => panic!("{other}: {}", answer.text),
            }
        }
        assert!(begun.elapsed() < PATIENCE, "{key} is never acknowledged");
    }
}

/// Opens cases through both nodes while `blow` falls; everything acknowledged.
fn loaded(clients: [Client; 2], blow: impl FnOnce()) -> BTreeMap<String, (String, String)> {
    let known = Known::default();
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for who in 0..CLIENTS * 2 {
            let mut mine = clients.clone();
            // Half of them begin at the other node.
            mine.rotate_left(who % 2);
            let (known, count) = (Arc::clone(&known), &count);
            scope.spawn(move || {
                for no in 0..EACH {
                    let key = format!("c{who}-{no}");
                    let case = opened(&mut mine, &key);
                    known.lock().unwrap().insert(key, case);
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let begun = Instant::now();
        while count.load(Ordering::SeqCst) < AMID && begun.elapsed() < PATIENCE {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        blow();
    });
    Arc::try_unwrap(known).unwrap().into_inner().unwrap()
}

/// Each acknowledged case is there once, under its own id and number, and everything follows from the history.
fn all_once(place: &Starter, known: &BTreeMap<String, (String, String)>) {
    let all = CLIENTS * 2 * EACH;
    assert_eq!(known.len(), all);
    let ids: BTreeSet<&String> = known.values().map(|(id, _)| id).collect();
    let numbers: BTreeSet<&String> = known.values().map(|(_, number)| number).collect();
    assert_eq!((ids.len(), numbers.len()), (all, all));
    let there = "SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'";
    assert_eq!(place.number(there), all as i64);
    let subjects = "SELECT COUNT(DISTINCT subject) FROM cases WHERE procedure = 'suggestion'";
    assert_eq!(place.number(subjects), all as i64);
    verified(place);
}

fn nodes(place: Starter) -> (Centre, Server) {
    Centre::furnish(&place);
    let second = place.beside().start();
    let first = Centre {
        server: place.start(),
    };
    (first, second)
}

#[test]
fn one_of_two_nodes_is_killed_under_load() {
    let Some(place) = Starter::new(Backend::Postgres) else {
        return;
    };
    let (first, second) = nodes(place);
    // Keys belong to a person: what one sent, the same one sends again through the other node.
    let ann = first.log_in("ann");
    let elsewhere = ann.clone().moved_to(second.url());
    let mut first = Some(first.server);
    let known = loaded([ann, elsewhere], || drop(first.take()));
    let (place, status) = second.stop();
    assert!(status.success(), "{status}");
    all_once(&place, &known);
}

fn restarted(signal: &str) {
    let Some(mut postgres) = OwnPostgres::start(&[]) else {
        return;
    };
    let (first, second) = nodes(Starter::on(&postgres));
    let ann = first.log_in("ann");
    let elsewhere = ann.clone().moved_to(second.url());
    let known = loaded([ann, elsewhere], || postgres.restart(signal));
    let (_, status) = second.stop();
    assert!(status.success(), "{status}");
    let (place, status) = first.server.stop();
    assert!(status.success(), "{status}");
    all_once(&place, &known);
}

#[test]
fn the_database_is_restarted_under_load() {
    restarted("INT");
}

#[test]
fn the_database_crashes_under_load() {
    restarted("KILL");
}
