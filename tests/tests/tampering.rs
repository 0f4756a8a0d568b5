//! History changed past the product is found, and the record and event are named.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::Value;
use system_tests::{Backend, Centre, Starter, verified};

/// A place with a stopped centre that has three cases, the first with two events; the id of that case.
fn settled(backend: Backend) -> Option<(Starter, String)> {
    let centre = Centre::start(backend)?;
    let mut ann = centre.log_in("ann");
    let case = Centre::open(&mut ann, "第一件");
    let act = serde_json::json!({ "input": { "response": "您好" }, "seen": 1 });
    ann.post(&format!("/api/cases/{case}/actions/respond"), &act)
        .expect(200);
    Centre::open(&mut ann, "第二件");
    Centre::open(&mut ann, "第三件");
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    Some((place, case))
}

/// `verify` must fail and name the record and the event.
#[track_caller]
fn found(place: &Starter, record: &str, seq: i64) -> Value {
    let told = place.run(&["verify", "--json"]).expect_failure().json();
    assert_eq!(told["holds"], false, "{told}");
    let findings = told["history"]["findings"].as_array().unwrap();
    let id: i64 = record.parse().unwrap();
    let named =
        |finding: &&Value| finding["seq"] == seq && (finding["record"] == record || finding["record"] == id);
    let finding = findings
        .iter()
        .find(named)
        .unwrap_or_else(|| panic!("{record} {seq} is not named: {told}"));
    let words = place.run(&["verify"]).expect_failure().stdout;
    assert!(words.contains("NOT as recorded"), "{words}");
    finding.clone()
}

fn a_changed_payload(backend: Backend) {
    let Some((place, case)) = settled(backend) else {
        return;
    };
    verified(&place);
    let other = format!("(SELECT payload FROM events WHERE record = {case} AND seq = 1)");
    place.tamper(&[&format!(
        "UPDATE events SET payload = {other} WHERE record = {case} AND seq = 2"
    )]);
    assert_eq!(found(&place, &case, 2)["fault"], "payload");
}

fn a_changed_header(backend: Backend) {
    let Some((place, case)) = settled(backend) else {
        return;
    };
    place.tamper(&[&format!(
        "UPDATE events SET happened = happened - 60000 WHERE record = {case} AND seq = 2"
    )]);
    assert_eq!(found(&place, &case, 2)["fault"], "chain");
}

/// The newest event gone, or the first of a chain: the history no longer gives its signed root.
fn a_dropped_event(backend: Backend) {
    for seq in [1, 2] {
        let Some((place, case)) = settled(backend) else {
            return;
        };
        verified(&place);
        place.tamper(&[&format!(
            "DELETE FROM events WHERE record = {case} AND seq = {seq}"
        )]);
        let told = place.run(&["verify", "--json"]).expect_failure();
        let words = format!("{}{}", told.stdout, told.stderr);
        assert!(
            words.contains(&case) || words.contains("no longer gives the root"),
            "{words}"
        );
    }
}

fn an_inserted_event(backend: Backend) {
    let Some((place, case)) = settled(backend) else {
        return;
    };
    let columns =
        "record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, hash";
    let copied = "record, 3, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, hash";
    place.tamper(&[&format!(
        "INSERT INTO events ({columns}) SELECT {copied} FROM events WHERE record = {case} AND seq = 2"
    )]);
    found(&place, &case, 3);
}

/// Contents taken away past the product are no erasure: no act says so, and the tables still say more than the events.
fn a_forged_erasure(backend: Backend) {
    let Some((place, case)) = settled(backend) else {
        return;
    };
    place.tamper(&[&format!(
        "UPDATE events SET payload = NULL, salt = NULL WHERE record = {case} AND seq = 2"
    )]);
    assert_eq!(found(&place, &case, 2)["fault"], "erasure");
    place.tamper(&[
        &format!("UPDATE events SET payload = NULL, salt = NULL WHERE record = {case}"),
        &format!("UPDATE clocks SET state = 'kept', once_late = 0 WHERE case_id = {case}"),
    ]);
    assert_eq!(found(&place, &case, 1)["fault"], "erasure");
    let told = place.run(&["verify", "--json"]).expect_failure().json();
    assert!(
        told["tables"]["differences"].to_string().contains("clocks"),
        "{told}"
    );
}

fn a_changed_table(backend: Backend) {
    let Some((place, case)) = settled(backend) else {
        return;
    };
    place.tamper(&[&format!(
        "UPDATE clocks SET state = 'running' WHERE case_id = {case}"
    )]);
    let told = place.run(&["verify", "--json"]).expect_failure().json();
    assert_eq!(told["history"]["findings"].as_array().unwrap().len(), 0, "{told}");
    assert!(
        told["tables"]["differences"].to_string().contains("clocks"),
        "{told}"
    );
}

fn roots_kept_outside(backend: Backend) {
    // Given a root kept outside, and events after it
    let Some((place, _)) = settled(backend) else {
        return;
    };
    let root = verified(&place)["history"]["newest_root"]
        .as_str()
        .unwrap()
        .to_owned();
    let centre = Centre {
        server: place.start(),
    };
    Centre::open(&mut centre.log_in("bo"), "后来的一件");
    let (place, _) = centre.server.stop();
    // Then the old root is one of this history, another is not, and nonsense is refused
    place.run(&["verify", "--against", &root]).expect_success();
    let (size, hash) = root.split_once(':').unwrap();
    let other = if hash.starts_with('0') { "1" } else { "0" };
    let wrong = format!("{size}:{other}{}", &hash[1..]);
    let told = place
        .run(&["verify", "--json", "--against", &wrong])
        .expect_failure()
        .json();
    assert_eq!(told["history"]["findings"][0]["fault"], "witness", "{told}");
    let nonsense = place.run(&["verify", "--against", "nonsense"]).expect_failure();
    assert!(
        nonsense.stderr.contains("--against nonsense"),
        "{}",
        nonsense.stderr
    );
}

macro_rules! on_both {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$name(super::Backend::Sqlite); })*
        }
        mod on_postgres {
            $(#[test] fn $name() { super::$name(super::Backend::Postgres); })*
        }
    };
}

on_both! {
    a_changed_payload a_changed_header a_dropped_event an_inserted_event a_forged_erasure a_changed_table
    roots_kept_outside
}
