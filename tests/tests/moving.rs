//! A centre moved between databases, backed up and restored: the same cases, the same report, the same history.
#![allow(clippy::unwrap_used, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Backend, Centre, Starter, verified};

/// A stopped centre with worked cases.
fn worked(backend: Backend) -> Option<Starter> {
    let centre = Centre::start(backend)?;
    let mut ann = centre.log_in("ann");
    for no in 0..20 {
        let case = Centre::open(&mut ann, &format!("第{no}件"));
        if no % 2 == 0 {
            let act = json!({ "input": { "response": "您好" }, "seen": 1 });
            ann.post(&format!("/api/cases/{case}/actions/respond"), &act)
                .expect(200);
        }
    }
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    Some(place)
}

/// What must be the same on both sides: the report at one time, the number of events, the newest root.
fn standing(place: &Starter) -> (Value, Value, Value) {
    let history = verified(place)["history"].clone();
    let report = place.json(&["report", "clauses", "--as-of", "2099-01-01"])["clauses"].clone();
    (report, history["events"].clone(), history["newest_root"].clone())
}

/// Goes on working in the moved centre: people log in with their passwords, numbers go on.
fn goes_on(place: Starter) {
    let centre = Centre {
        server: place.start(),
    };
    let mut ann = centre.log_in("ann");
    Centre::open(&mut ann, "搬家以后");
    let (place, _) = centre.server.stop();
    assert_eq!(
        place.number("SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'"),
        21
    );
    assert_eq!(
        place.number("SELECT COUNT(DISTINCT number) FROM cases WHERE procedure = 'suggestion'"),
        21
    );
    verified(&place);
}

fn moved(from: Backend, to: Backend) {
    let (Some(place), Some(target)) = (worked(from), Starter::new(to)) else {
        return;
    };
    // Given a worked centre
    let before = standing(&place);
    // When it is exported and taken in by an empty database of the other kind
    let folder = place.folder().join("out");
    let folder = folder.to_str().unwrap();
    place.run(&["export", folder]).expect_success();
    target.run(&["import", "centre", folder]).expect_success();
    // Then both say the same, a second import is refused and changes nothing, and work goes on
    assert_eq!(standing(&target), before);
    assert_eq!(standing(&place), before);
    target.run(&["import", "centre", folder]).expect_failure();
    assert_eq!(standing(&target), before);
    goes_on(target);
}

#[test]
fn from_sqlite_to_postgres() {
    moved(Backend::Sqlite, Backend::Postgres);
}

#[test]
fn from_postgres_to_sqlite() {
    moved(Backend::Postgres, Backend::Sqlite);
}

fn restored(place: &Starter, folder: &str, target: Starter) {
    target.run(&["restore", folder]).expect_success();
    assert_eq!(standing(&target), standing(place));
    target.run(&["restore", folder]).expect_failure();
    goes_on(target);
}

#[test]
fn on_sqlite_a_backup_is_restored() {
    let place = worked(Backend::Sqlite).unwrap();
    let folder = place.folder().join("backup");
    let folder = folder.to_str().unwrap();
    place.run(&["backup", folder]).expect_success();
    restored(&place, folder, Starter::new(Backend::Sqlite).unwrap());
}

#[test]
fn on_postgres_a_backup_of_a_serving_centre_is_restored() {
    let Some(place) = worked(Backend::Postgres) else {
        return;
    };
    verified(&place);
    let centre = Centre {
        server: place.start(),
    };
    let folder = centre.server.place().folder().join("backup");
    let folder = folder.to_str().unwrap();
    centre.server.place().run(&["backup", folder]).expect_success();
    centre.server.client().get("/healthz").expect(200);
    let (place, _) = centre.server.stop();
    restored(&place, folder, Starter::new(Backend::Postgres).unwrap());
}
