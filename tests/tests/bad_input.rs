//! Bad requests over HTTP: each gets a clear refusal that names what is wrong, in both languages, and changes nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Answer, Backend, Centre, Client, verified};

const JSON: (&str, &str) = ("content-type", "application/json");

fn send(client: &mut Client, language: &str, path: &str, body: &[u8]) -> Answer {
    let headers = [JSON, ("accept-language", language)];
    client.send("POST", path, &headers, Some(body.to_vec())).unwrap()
}

/// One of the product's refusals: problem details with this status and code.
#[track_caller]
fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem = answer.json();
    assert_eq!(
        (problem["status"].as_u64(), problem["code"].as_str()),
        (Some(status.into()), Some(code)),
        "{problem}"
    );
    for part in ["title", "detail", "type"] {
        assert!(!problem[part].as_str().unwrap().is_empty(), "{problem}");
    }
    problem
}

/// Refused in both languages with different words, and the case as it was.
#[track_caller]
fn refused(client: &mut Client, path: &str, body: &[u8], status: u16, code: &str, says: &str) -> Value {
    let en = problem(&send(client, "en", path, body), status, code);
    let zh = problem(&send(client, "zh-CN", path, body), status, code);
    assert_ne!(en["title"], zh["title"]);
    assert_ne!(en["detail"], zh["detail"]);
    assert!(en.to_string().contains(says), "{says}: {en}");
    en
}

fn bad_requests(backend: Backend) {
    // Given a case
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let (mut ann, mut wu) = (centre.log_in("ann"), centre.log_in("wu"));
    let case = Centre::open(&mut ann, "路灯");
    let respond = format!("/api/cases/{case}/actions/respond");
    let pass_on = format!("/api/cases/{case}/actions/pass_on");
    let good = json!({ "input": { "response": "您好" }, "seen": 1 }).to_string();
    let open = "/api/cases";
    let with = |key: &str, value: Value| {
        let mut body = Centre::suggestion("另一件");
        body[key] = value;
        body.to_string().into_bytes()
    };
    let before = told_of(&mut ann, &case);

    // Then what is not the JSON that is wanted is refused, and the place is named
    refused(&mut ann, open, b"{\"pack\": ", 400, "malformed", "line 1 column");
    refused(&mut ann, open, b"\xff\xfe", 400, "malformed", "JSON");
    refused(&mut ann, open, &with("pack", json!(1)), 400, "malformed", "pack");
    refused(&mut ann, open, &with("pakc", json!(1)), 400, "malformed", "pakc");
    refused(
        &mut ann,
        open,
        &with("channel", json!("wab")),
        400,
        "malformed",
        "walk_in",
    );
    refused(
        &mut ann,
        open,
        &with("received_at", json!("yesterday")),
        400,
        "malformed",
        "received_at",
    );
    refused(
        &mut ann,
        open,
        &with("received_at", json!("2999-01-01T00:00:00Z")),
        400,
        "malformed",
        "received_at",
    );
    refused(
        &mut ann,
        open,
        &with("unit", json!("x")),
        400,
        "malformed",
        "unit",
    );
    refused(
        &mut ann,
        open,
        &with("unit", json!("7")),
        404,
        "not_found",
        "unit",
    );
    refused(
        &mut ann,
        open,
        &with("customer", json!("7")),
        404,
        "not_found",
        "customer",
    );
    refused(
        &mut ann,
        open,
        &with("procedure", json!("nothing")),
        404,
        "unknown_action",
        "knows no",
    );
    refused(
        &mut ann,
        open,
        &with("pack", json!("nothing")),
        404,
        "not_found",
        "kind of case",
    );
    // Fields are named, with the nearest known one
    for (input, field, says) in [
        (json!({ "mater": "x" }), "mater", "matter"),
        (json!({ "matter": 7 }), "matter", "text"),
        (json!({}), "matter", "must be given"),
    ] {
        let told = refused(&mut ann, open, &with("input", input), 422, "input", says);
        assert_eq!(told["problems"][0]["field"], field, "{told}");
    }
    // Size and kind of the body
    let large = with("input", json!({ "matter": "x".repeat(1 << 20) }));
    problem(&send(&mut ann, "en", open, &large), 413, "too_large");
    let bytes = Centre::suggestion("x").to_string().into_bytes();
    let answer = ann
        .send(
            "POST",
            open,
            &[("content-type", "text/plain")],
            Some(bytes.clone()),
        )
        .unwrap();
    problem(&answer, 415, "not_json");
    let key = "k".repeat(129);
    let answer = ann
        .send("POST", open, &[JSON, ("idempotency-key", &key)], Some(bytes))
        .unwrap();
    problem(&answer, 400, "malformed");
    // Ids and addresses
    let body = good.as_bytes();
    for id in ["abc", "-1", "0", "99999999999999999999", "1e3"] {
        refused(
            &mut ann,
            &format!("/api/cases/{id}/actions/respond"),
            body,
            400,
            "malformed",
            id,
        );
        problem(&ann.get(&format!("/api/cases/{id}")), 400, "malformed");
    }
    problem(&ann.get("/api/cases/77"), 404, "not_found");
    problem(&ann.get("/api/nothing"), 404, "not_found");
    problem(&ann.get("/api/cases?limit=many"), 400, "malformed");
    problem(&ann.delete("/api/cases"), 405, "method");
    // Actions: unknown with the nearest, not at this stage, missing fields, not for this person
    let told = refused(
        &mut ann,
        &format!("/api/cases/{case}/actions/respnd"),
        body,
        404,
        "unknown_action",
        "\"respond",
    );
    assert_eq!(told["why"], "unknown");
    let thank = format!("/api/cases/{case}/actions/thank");
    refused(
        &mut ann,
        &thank,
        br#"{"input":{"result":"a","reply":"b"}}"#,
        422,
        "not_here",
        "Passed on",
    );
    let told = refused(
        &mut ann,
        &pass_on,
        br#"{"input":{},"seen":1}"#,
        422,
        "input",
        "must be given",
    );
    assert_eq!(told["problems"][0]["field"], "department", "{told}");
    let mut lena = centre.log_in("lena");
    let told = refused(&mut lena, &respond, body, 403, "forbidden", "");
    assert_eq!(told["why"], "forbidden");
    refused(
        &mut ann,
        &respond,
        br#"{"input":{"response":"a"},"seen":-1}"#,
        400,
        "malformed",
        "seen",
    );
    refused(
        &mut ann,
        &respond,
        br#"{"input":{"response":"a"},"sen":1}"#,
        400,
        "malformed",
        "sen",
    );
    // Another unit's case is not told from one that is not there
    problem(&wu.get(&format!("/api/cases/{case}")), 404, "not_found");
    problem(&send(&mut wu, "en", &respond, body), 404, "not_found");
    problem(&wu.get(&format!("/api/cases/{case}/proof")), 404, "not_found");
    // Nobody, and a forged request
    problem(
        &send(&mut centre.server.client(), "en", &respond, body),
        401,
        "unauthenticated",
    );
    let mut forged = ann.clone();
    forged.forget_csrf();
    problem(&send(&mut forged, "en", &respond, body), 403, "forbidden");

    // And nothing of all that has changed anything; that someone without the right tried is on record
    assert_eq!(told_of(&mut ann, &case), before);
    let (place, _) = centre.server.stop();
    let events = format!("SELECT COUNT(*) FROM events WHERE record = {case} AND name <> 'refused'");
    assert_eq!(place.number(&events), 1);
    assert_eq!(
        place.number("SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'"),
        1
    );
    verified(&place);
}

/// What the case's page says of its course.
fn told_of(client: &mut Client, case: &str) -> Value {
    let view = client.get(&format!("/api/cases/{case}")).expect(200).json();
    let states: Vec<&Value> = view["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| &clock["due_at"])
        .collect();
    json!([
        view["stage"],
        view["fields"],
        view["handler"],
        view["round"],
        view["ended_at"],
        states
    ])
}

fn two_at_once(backend: Backend) {
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let (mut ann, mut bo) = (centre.log_in("ann"), centre.log_in("bo"));
    let case = Centre::open(&mut ann, "路灯");
    let respond = format!("/api/cases/{case}/actions/respond");
    let body = json!({ "input": { "response": "您好" }, "seen": 1 }).to_string();
    for _ in 0..5 {
        // When two people act at once on what both saw
        let seen = ann.get(&format!("/api/cases/{case}")).expect(200).json()["version"]
            .as_u64()
            .unwrap();
        let body = body.replace("\"seen\":1", &format!("\"seen\":{seen}"));
        let answers = std::thread::scope(|scope| {
            let hands = [&mut ann, &mut bo].map(|client| {
                let (path, body) = (&respond, &body);
                scope.spawn(move || send(client, "en", path, body.as_bytes()))
            });
            hands.map(|hand| hand.join().unwrap())
        });
        // Then one wins, and the other is told who did what
        let winner = usize::from(answers[1].status == 200);
        assert_eq!(
            answers[winner].status, 200,
            "{} {}",
            answers[0].text, answers[1].text
        );
        let told = problem(&answers[1 - winner], 409, "stale");
        assert_eq!(told["by"]["name"], ["安小禾", "柏一舟"][winner], "{told}");
        assert_eq!(told["by"]["did"], "respond", "{told}");
        let now = ann.get(&format!("/api/cases/{case}")).expect(200).json();
        assert_eq!(now["version"], seen + 1, "{now}");
    }
    verified(&centre.server.stop().0);
}

#[test]
fn on_sqlite_bad_requests_are_refused_and_change_nothing() {
    bad_requests(Backend::Sqlite);
}

#[test]
fn on_postgres_bad_requests_are_refused_and_change_nothing() {
    bad_requests(Backend::Postgres);
}

#[test]
fn on_sqlite_of_two_at_once_one_wins_and_the_other_is_told() {
    two_at_once(Backend::Sqlite);
}

#[test]
fn on_postgres_of_two_at_once_one_wins_and_the_other_is_told() {
    two_at_once(Backend::Postgres);
}
