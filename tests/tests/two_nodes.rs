//! Two nodes on one PostgreSQL database.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use system_tests::{Backend, Centre, Client, Server, Starter, verified};

/// A moment (ms) after the limits of what was received in January 2026, and before anything is opened by this test.
const PAST: i64 = 1_770_000_000_000;
const EACH: usize = 30;
/// How long a timer that is due may take until it has fired on some node.
const PATIENCE: Duration = Duration::from_secs(40);

fn nodes() -> Option<(Centre, Server)> {
    let place = Starter::new(Backend::Postgres)?;
    Centre::furnish(&place);
    let second = place.beside().start();
    Some((
        Centre {
            server: place.start(),
        },
        second,
    ))
}

/// Opens cases one after another; ids and numbers.
fn opened(mut client: Client, who: &str) -> Vec<(String, String)> {
    let case = |no| {
        let body = Centre::suggestion(&format!("{who}{no}"));
        let case = client.post("/api/cases", &body).expect(201).json();
        (
            case["id"].as_str().unwrap().to_owned(),
            case["number"].as_str().unwrap().to_owned(),
        )
    };
    (0..EACH).map(case).collect()
}

#[test]
fn both_serve_and_one_goes_on_when_the_other_is_killed() {
    let Some((first, second)) = nodes() else { return };
    // When cases are opened through both at once
    let clients = [first.log_in("ann"), second.log_in("bo", system_tests::PASSWORD)];
    let cases: Vec<(String, String)> = std::thread::scope(|scope| {
        let hands = clients
            .clone()
            .map(|client| scope.spawn(move || opened(client, "件")));
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    // Then ids and numbers are unique, and each node shows all of them
    let ids: BTreeSet<&String> = cases.iter().map(|(id, _)| id).collect();
    let numbers: BTreeSet<&String> = cases.iter().map(|(_, number)| number).collect();
    assert_eq!((ids.len(), numbers.len()), (2 * EACH, 2 * EACH));
    for mut client in clients {
        for (id, number) in &cases {
            let seen = client.get(&format!("/api/cases/{id}")).expect(200).json();
            assert_eq!(seen["number"], number.as_str());
        }
    }
    // When one is killed, then the other goes on, with what the killed one had acknowledged
    let mut bo = second.log_in("bo", system_tests::PASSWORD);
    let place = first.server.kill();
    for (id, _) in &cases {
        bo.get(&format!("/api/cases/{id}")).expect(200);
    }
    let more = opened(bo, "续");
    assert!(
        more.iter()
            .all(|(id, number)| !ids.contains(id) && !numbers.contains(number))
    );
    let (_, status) = second.stop();
    assert!(status.success(), "{status}");
    assert_eq!(
        place.number("SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'"),
        3 * EACH as i64
    );
    verified(&place);
}

#[test]
fn timers_fire_once() {
    let Some((first, second)) = nodes() else { return };
    // Given cases whose limits passed before they were registered
    // (to register a contact later than it came is a right that agents have not)
    let mut lena = first.log_in("lena");
    let cases: Vec<String> = (0..10)
        .map(|no| {
            let mut body = Centre::suggestion(&format!("早{no}"));
            body["received_at"] = "2026-01-05T02:00:00Z".into();
            lena.post("/api/cases", &body).expect(201).json()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    // When both nodes look after the timers until nothing is left over
    let place = first.server.place();
    let begun = Instant::now();
    let waiting = format!("SELECT COUNT(*) FROM clocks WHERE state = 'running' AND due < {PAST}");
    while place.number(&waiting) > 0 {
        assert!(
            begun.elapsed() < PATIENCE,
            "timers do not fire:\n{}",
            first.server.log()
        );
    }
    drop(second);
    let (place, _) = first.server.stop();
    // Then each clock is told late once: no case has two events of one kind and content
    let events =
        "SELECT COUNT(*) FROM events e JOIN cases c ON c.id = e.record WHERE c.procedure = 'suggestion'";
    let fired = place.number(&format!("{events} AND e.name <> 'opened'"));
    assert!(fired > 0);
    for case in &cases {
        let late = place.number(&format!(
            "SELECT COUNT(*) FROM clocks WHERE case_id = {case} AND state = 'overdue'"
        ));
        assert_eq!(late, 1, "{case}");
    }
    let most = place.number(&format!(
        "SELECT MAX(seq) FROM events WHERE record IN ({})",
        cases.join(", ")
    ));
    let least = place.number(&format!(
        "SELECT MIN(version) FROM cases WHERE id IN ({})",
        cases.join(", ")
    ));
    assert_eq!(most, least, "a timer fired twice on some case");
    verified(&place);
}
