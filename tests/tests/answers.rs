//! What acts on cases are answered with: short by default, the whole page where it is asked for.
#![allow(clippy::unwrap_used, reason = "a test may end where it fails")]

use serde_json::json;
use system_tests::{Answer, Backend, Centre, Client};

const JSON: (&str, &str) = ("content-type", "application/json");
const PAGE: (&str, &str) = ("prefer", "return=representation");

fn post(client: &mut Client, path: &str, body: &serde_json::Value, headers: &[(&str, &str)]) -> Answer {
    let all = [&[JSON], headers].concat();
    client
        .send("POST", path, &all, Some(body.to_string().into_bytes()))
        .unwrap()
}

fn short_unless_the_page_is_asked_for(backend: Backend) {
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let mut ann = centre.log_in("ann");
    let opened = post(&mut ann, "/api/cases", &Centre::suggestion("路灯"), &[]).expect(201);
    let standing = opened.json();
    let id = standing["id"].as_str().unwrap().to_owned();
    assert_eq!(standing["version"], 1);
    assert!(
        standing["number"]
            .as_str()
            .is_some_and(|number| !number.is_empty()),
        "{standing}"
    );
    assert!(
        standing.get("timeline").is_none() && opened.text.len() < 400,
        "{standing}"
    );
    assert_eq!(opened.headers["location"], format!("/api/cases/{id}"));
    assert_eq!(opened.headers["etag"], "\"1\"");

    let respond = format!("/api/cases/{id}/actions/respond");
    let act = json!({ "input": { "response": "您好" }, "seen": 1 });
    let acted = post(&mut ann, &respond, &act, &[("idempotency-key", "k1")]).expect(200);
    assert_eq!(acted.json()["version"], 2);
    assert_eq!(acted.headers["etag"], "\"2\"");
    // Sent again under its key it is the same answer, and nothing happens twice
    let again = post(&mut ann, &respond, &act, &[("idempotency-key", "k1")])
        .expect(200)
        .json();
    assert_eq!((&again["id"], &again["version"]), (&json!(id), &json!(2)));

    let act = json!({ "input": { "response": "还有" }, "seen": 2 });
    let page = post(&mut ann, &respond, &act, &[PAGE]).expect(200);
    assert_eq!(page.headers["preference-applied"], "return=representation");
    let (page, read) = (
        page.json(),
        ann.get(&format!("/api/cases/{id}")).expect(200).json(),
    );
    assert_eq!(page["version"], 3);
    for part in ["timeline", "offers", "fields", "stage"] {
        assert_eq!(page[part], read[part], "{part}");
    }
}

#[test]
fn on_sqlite_acts_are_answered_shortly_unless_the_page_is_asked_for() {
    short_unless_the_page_is_asked_for(Backend::Sqlite);
}

#[test]
fn on_postgres_acts_are_answered_shortly_unless_the_page_is_asked_for() {
    short_unless_the_page_is_asked_for(Backend::Postgres);
}
