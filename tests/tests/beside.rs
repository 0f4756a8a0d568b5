//! Commands beside a serving embedded centre: those that read work while it goes on, those that write are refused.
#![allow(clippy::unwrap_used, reason = "a test may end where it fails")]

use std::sync::atomic::{AtomicBool, Ordering};

use system_tests::{Backend, Centre, Starter, verified};

#[test]
fn reports_checks_and_backups_work_beside_a_serving_centre() {
    let centre = Centre::start(Backend::Sqlite).unwrap();
    let mut ann = centre.log_in("ann");
    let first = Centre::open(&mut ann, "先");
    let number = ann.get(&format!("/api/cases/{first}")).expect(200).json()["number"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = centre.server.place();
    let (backup, export) = (place.folder().join("backup"), place.folder().join("export"));
    let (backup, export) = (backup.to_str().unwrap(), export.to_str().unwrap());
    // While people go on working
    let (stop, mut hand) = (AtomicBool::new(false), centre.log_in("bo"));
    let opened = std::thread::scope(|scope| {
        let working = scope.spawn(|| {
            let mut opened = 0;
            while !stop.load(Ordering::Relaxed) {
                Centre::open(&mut hand, "续");
                opened += 1;
            }
            opened
        });
        // When what reads is asked beside the server
        let report = place.json(&["report", "clauses", "--pack", "general"]);
        let proof = place.json(&["proof", &number]);
        let whole = place.json(&["verify"]);
        place.run(&["backup", backup]).expect_success();
        place.run(&["export", export]).expect_success();
        place.run(&["rehearse", "general"]).expect_success();
        place.run(&["pack", "move", "general"]).expect_success();
        place.run(&["doctor"]);
        // And what writes
        let refused = place.run(&["pack", "activate", "manufacturer"]).expect_failure();
        let closing = place
            .run(&["report", "close", "--month", "2019-01"])
            .expect_failure();
        stop.store(true, Ordering::Relaxed);
        let opened = working.join().unwrap();
        // Then the readers have answered
        assert!(
            report["clauses"]
                .as_array()
                .is_some_and(|clauses| !clauses.is_empty()),
            "{report}"
        );
        assert!(proof.is_object(), "{proof}");
        assert_eq!(whole["holds"], true, "{whole}");
        // And the writers were told why not
        for refused in [refused, closing] {
            assert!(
                refused.stderr.contains("in use by another running server"),
                "{}",
                refused.stderr
            );
        }
        opened
    });
    assert!(opened > 0);
    ann.get(&format!("/api/cases/{first}")).expect(200);
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    let cases = "SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'";
    assert_eq!(place.number(cases), 1 + opened);
    verified(&place);
    // And both copies stand on their own
    for (what, folder) in [("restore", backup), ("centre", export)] {
        let copy = Starter::new(Backend::Sqlite).unwrap();
        let words = if what == "restore" {
            vec!["restore", folder]
        } else {
            vec!["import", "centre", folder]
        };
        copy.run(&words).expect_success();
        let copied = copy.number(cases);
        assert!((1..=1 + opened).contains(&copied), "{copied}");
        verified(&copy);
    }
}
