//! A closed month is frozen; what is corrected later stands beside it. And who may read a report.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Backend, Centre, PASSWORD, Starter, verified};

// Three messages of September 2019: answered at once, within 72 hours, never.
const MESSAGES: &str = "id,user,subject,received_at,detail,reply,replied_at\n\
    a,U1,路灯,2019-09-03 09:00:00,不亮,已修,2019-09-03 10:00:00\n\
    b,U2,座椅,2019-09-04 09:00:00,损坏,已换,2019-09-06 09:00:00\n\
    c,U3,树枝,2019-09-05 09:00:00,折断,,\n";

fn clause<'a>(report: &'a Value, id: &str) -> &'a Value {
    let found = report["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["pack"] == "hotline" && one["id"] == id || one["clause"]["id"] == id);
    found.unwrap_or_else(|| panic!("no clause {id} in {report}"))
}

fn frozen_with_corrections_beside(backend: Backend) {
    let Some(place) = Starter::new(backend) else {
        return;
    };
    let file = place.folder().join("messages.csv");
    std::fs::write(&file, MESSAGES).unwrap();
    let file = file.to_str().unwrap();
    // Given a month in which only what was known by the 5th was recorded
    place
        .run(&["import", "hotline", file, "--until", "2019-09-04"])
        .expect_success();
    // When it is closed
    place
        .run(&["report", "close", "--month", "2019-09", "--pack", "hotline"])
        .expect_success();
    let month = ["report", "clauses", "--month", "2019-09", "--pack", "hotline"];
    let report = place.json(&month);
    let a = clause(&report, "A");
    assert_eq!((&a["kept"], &a["late"]), (&json!(1), &json!(1)), "{a}");
    assert_eq!(a.get("corrections"), None);
    assert!(report["closed"]["hotline"].is_string(), "{report}");
    assert!(
        report["as_of"]
            .as_str()
            .unwrap()
            .starts_with("2019-09-30T16:00:00"),
        "{report}"
    );
    // And the rest comes in later
    place.run(&["import", "hotline", file]).expect_success();
    // Then the closed figures stay, and what changed since stands beside them
    let report = place.json(&month);
    let a = clause(&report, "A");
    assert_eq!((&a["kept"], &a["late"]), (&json!(1), &json!(1)), "{a}");
    assert_eq!(
        (&a["corrections"]["kept"], &a["corrections"]["late"]),
        (&json!(1), &json!(0)),
        "{a}"
    );
    let live = place.json(&[
        "report",
        "clauses",
        "--from",
        "2019-09-01",
        "--to",
        "2019-10-01",
        "--pack",
        "hotline",
    ]);
    assert_eq!(
        (&clause(&live, "A")["kept"], &clause(&live, "A")["late"]),
        (&json!(2), &json!(1))
    );
    let told = place.run(&month).expect_success();
    assert!(told.stdout.contains("corrected since"), "{}", told.stdout);
    // Once closed it is closed, and a month that runs cannot be
    let again = place
        .run(&["report", "close", "--month", "2019-09", "--pack", "hotline"])
        .expect_failure();
    assert!(again.stderr.contains("closed already"), "{}", again.stderr);
    let early = place
        .run(&["report", "close", "--month", "2999-01", "--pack", "hotline"])
        .expect_failure();
    assert!(early.stderr.contains("not ended"), "{}", early.stderr);
    // It is a record of the history like any other
    verified(&place);

    // The API says the same to readers of the pack, and nothing to others
    place.run(&["user", "unit", "side", "旁门"]).expect_success();
    for (login, function) in [("head", "service_lead@side"), ("ann", "agent@side")] {
        let words = ["user", "add", login, "--name", login, "--function", function];
        place.run_with(&words, PASSWORD).expect_success();
    }
    let centre = Centre {
        server: place.start(),
    };
    let (mut head, mut ann) = (centre.log_in("head"), centre.log_in("ann"));
    let path = "/api/reports/clauses?pack=hotline&month=2019-09";
    let refused = ann.get(path).expect(403).json();
    assert_eq!(refused["code"], "forbidden");
    let report = head.get(path).expect(200).json();
    assert_eq!(report["closed"]["month"], "2019-09", "{report}");
    // Nothing of another unit is in this reader's scope
    assert_eq!(clause(&report, "A")["kept"], 0);
    head.get("/api/reports/clauses?pack=hotline&month=2019-9")
        .expect(422);
    ann.get("/api/reports/statistics?pack=hotline").expect(403);
    ann.get("/api/reports/months?pack=hotline").expect(403);
    let months = head
        .get("/api/reports/months?pack=hotline&until=2019-10&months=2")
        .expect(200)
        .json();
    assert_eq!(
        (&months[0]["month"], &months[0]["closed"]),
        (&json!("2019-09"), &json!(true)),
        "{months}"
    );
    assert_eq!(
        (&months[1]["month"], &months[1]["closed"]),
        (&json!("2019-10"), &json!(false)),
        "{months}"
    );
    let closing = json!({ "pack": "hotline" });
    ann.post("/api/reports/months/2019-08", &closing).expect(403);
    head.post("/api/reports/months/2019-08", &closing).expect(204);
    head.post("/api/reports/months/2019-08", &closing).expect(409);
    head.post("/api/reports/months/2999-08", &closing).expect(400);
    verified(&centre.server.stop().0);
}

#[test]
fn on_sqlite_a_closed_month_is_frozen_with_corrections_beside_it() {
    frozen_with_corrections_beside(Backend::Sqlite);
}

#[test]
fn on_postgres_a_closed_month_is_frozen_with_corrections_beside_it() {
    frozen_with_corrections_beside(Backend::Postgres);
}

#[test]
fn cmp_8_statistics_count_every_choice_by_unit_person_and_procedure() {
    let place = Starter::new(Backend::Sqlite).unwrap();
    Centre::furnish(&place);
    let words = [
        "user",
        "add",
        "head",
        "--name",
        "何主任",
        "--function",
        "service_lead@centre",
    ];
    place.run_with(&words, PASSWORD).expect_success();
    let centre = Centre {
        server: place.start(),
    };
    let (mut ann, mut head) = (centre.log_in("ann"), centre.log_in("head"));
    for matter in ["路灯", "座椅", "树枝"] {
        Centre::open(&mut ann, matter);
    }
    let statistics = head
        .get("/api/reports/statistics?pack=general")
        .expect(200)
        .json();
    let suggestions = statistics["procedures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["procedure"] == "suggestion");
    let suggestions = suggestions.unwrap();
    assert_eq!(
        (&suggestions["received"], &suggestions["ended"]),
        (&json!(3), &json!(0)),
        "{suggestions}"
    );
    assert_eq!(
        suggestions["stages"],
        json!([{ "key": "registered", "title": "已登记", "count": 3 }])
    );
    assert!(
        statistics["figures"]
            .as_array()
            .is_some_and(|figures| !figures.is_empty())
    );
    let other = head
        .get("/api/reports/statistics?pack=general&procedure=repair")
        .expect(200)
        .json();
    assert_eq!(other["procedures"], json!([]));
    // The report itself is cut the same ways
    let units = head.get("/api/units").expect(200).json();
    let unit = |name: &str| {
        let found = units
            .as_array()
            .unwrap()
            .iter()
            .find(|unit| unit["name"] == name)
            .unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let due = |head: &mut system_tests::Client, more: &str| {
        let report = head
            .get(&format!("/api/reports/clauses?pack=general{more}"))
            .expect(200)
            .json();
        report["totals"]["due"].as_i64().unwrap()
    };
    // Duties that fell due run as cases of other procedures and units
    let all = due(&mut head, "");
    assert!(all >= 3, "{all}");
    assert_eq!(due(&mut head, &format!("&unit={}", unit("前台"))), 3);
    assert_eq!(due(&mut head, &format!("&unit={}", unit("工程部"))), 0);
    assert_eq!(due(&mut head, "&procedure=suggestion"), 3);
    assert_eq!(due(&mut head, "&procedure=repair"), 0);
    let people = head.get("/api/people").expect(200).json();
    let person = |name: &str| {
        let list = people.as_array().or_else(|| people["items"].as_array()).unwrap();
        let found = list.iter().find(|one| one["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(due(&mut head, &format!("&person={}", person("吴工"))), 0);
    assert!(due(&mut head, &format!("&person={}", person("安小禾"))) > 0);
    head.get("/api/reports/clauses?pack=general&person=77")
        .expect(404);
    centre.server.stop();
}
