//! Running cases moved to a new version of their pack (QLT-2): rehearsed first, then an act on each case.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::path::Path;

use serde_json::{Value, json};
use system_tests::{Backend, Centre, PASSWORD, project, verified};

/// The pack `general` as its next version: a stage of suggestions is called otherwise, the first response has ten minutes.
fn next_version(folder: &Path) -> String {
    let target = folder.join("general-next");
    std::fs::create_dir(&target).unwrap();
    for entry in std::fs::read_dir(project().join("packs/general")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        match name {
            "regulation.md" => text = text.replace("version: 2026.1", "version: 2026.2"),
            "suggestion.yaml" => {
                text = text
                    .replace("passed_on", "handed_on")
                    .replace("within: 5 minutes", "within: 10 minutes");
            }
            _ => {}
        }
        std::fs::write(target.join(name), text).unwrap();
    }
    target.to_str().unwrap().to_owned()
}

fn of<'a>(told: &'a Value, case: &str) -> &'a Value {
    let id = json!(case);
    let found = told["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["case"] == id);
    found.unwrap_or_else(|| panic!("{case} is not in {told}"))
}

fn moved_when_they_map(backend: Backend) {
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let mut ann = centre.log_in("ann");
    let [fresh, passed] = ["路灯", "座椅"].map(|matter| Centre::open(&mut ann, matter));
    let works = ann.get("/api/units").expect(200).json();
    let works = works
        .as_array()
        .unwrap()
        .iter()
        .find(|unit| unit["name"] == "工程部")
        .unwrap()["id"]
        .clone();
    let pass = json!({ "input": { "department": works }, "seen": 1 });
    ann.post(&format!("/api/cases/{passed}/actions/pass_on"), &pass)
        .expect(200);
    let began = ann.get(&format!("/api/cases/{fresh}")).expect(200).json();
    let (place, _) = centre.server.stop();

    // Given a new version in force, running cases stay on the old one
    let folder = next_version(place.folder());
    place
        .run(&["pack", "activate", &folder, "--unit", "centre"])
        .expect_success();
    // When the move is rehearsed, then it says of each what would become of it, and nothing is changed
    let told = place.json(&["pack", "move", "general"]);
    // (duties that fell due run as cases too, and all of them map)
    assert_eq!(
        (&told["carried_out"], &told["refused"]),
        (&json!(false), &json!(1))
    );
    let mapping = told["moved"].as_i64().unwrap();
    let maps = of(&told, &fresh);
    assert_eq!((&maps["from"], &maps["to"]), (&json!("2026.1"), &json!("2026.2")));
    assert_eq!(maps["stage_after"], "registered");
    let clock = &maps["clocks"][0];
    assert_eq!(clock["deadline"], "first_response", "{maps}");
    assert!(
        clock["due_before"].as_str().unwrap() < clock["due_after"].as_str().unwrap(),
        "{clock}"
    );
    let stays = of(&told, &passed);
    assert!(
        stays["reasons"][0]["en"].as_str().unwrap().contains("passed_on"),
        "{stays}"
    );
    let moves = "SELECT COUNT(*) FROM events WHERE name = 'moved'";
    assert_eq!(place.number(moves), 0);
    // When it is carried out, then the one that maps is moved by an act in its history, the other stays
    let told = place.json(&["pack", "move", "general", "--carry-out"]);
    assert_eq!((&told["moved"], &told["refused"]), (&json!(mapping), &json!(1)));
    assert_eq!(place.number(moves), mapping);
    let twice = place.json(&["pack", "move", "general", "--carry-out"]);
    assert_eq!((&twice["moved"], &twice["refused"]), (&json!(0), &json!(1)));
    // A version that is not there is told with those that are
    let wrong = place
        .run(&["pack", "move", "general", "--version", "2027.1"])
        .expect_failure();
    assert!(wrong.stderr.contains("2026.2"), "{}", wrong.stderr);

    // The API does the same, for whoever may, with the stage named that takes the other's place
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
    let asked = json!({ "stages": { "passed_on": "handed_on" }, "carry_out": true });
    ann.post("/api/packs/general/moves", &asked).expect(403);
    let rehearsed = head
        .post("/api/packs/general/moves", &json!({}))
        .expect(200)
        .json();
    assert_eq!(
        (&rehearsed["moved"], &rehearsed["refused"]),
        (&json!(0), &json!(1)),
        "{rehearsed}"
    );
    let done = head.post("/api/packs/general/moves", &asked).expect(200).json();
    assert_eq!(
        (&done["moved"], &done["items"][0]["stage_after"]),
        (&json!(1), &json!("handed_on")),
        "{done}"
    );
    let now = ann.get(&format!("/api/cases/{passed}")).expect(200).json();
    assert_eq!(
        (&now["pack_version"], &now["stage"]),
        (&json!("2026.2"), &json!("handed_on"))
    );
    // Clocks keep their start
    let now = ann.get(&format!("/api/cases/{fresh}")).expect(200).json();
    let start = |view: &Value| {
        let clocks = view["clocks"].as_array().unwrap();
        clocks
            .iter()
            .find(|one| one["deadline"] == "first_response")
            .unwrap()["started_at"]
            .clone()
    };
    assert_eq!(start(&now), start(&began));
    verified(&centre.server.stop().0);
}

#[test]
fn qlt_2_on_sqlite_running_cases_move_when_they_map_and_else_say_why_not() {
    moved_when_they_map(Backend::Sqlite);
}

#[test]
fn qlt_2_on_postgres_running_cases_move_when_they_map_and_else_say_why_not() {
    moved_when_they_map(Backend::Postgres);
}
