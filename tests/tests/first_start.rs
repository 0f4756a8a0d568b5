//! The first start of an empty centre, and the demo's removal, on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use system_tests::{Backend, Centre, Client, PASSWORD, Server, Starter, verified};

/// How long the server may take to begin anew.
const PATIENCE: Duration = Duration::from_secs(120);

/// The one-time code that the terminal shows; the newest of several.
fn code(server: &Server) -> String {
    let log = server.log();
    let line = log.lines().rev().find(|line| line.contains("one-time code: "));
    let line = line.unwrap_or_else(|| panic!("no code on the terminal:\n{log}"));
    line.rsplit(": ").next().unwrap().trim().to_owned()
}

fn answers(code: &str) -> Value {
    json!({ "code": code, "company": "澄园物业", "pack": "general", "hours": { "opens": "9:00", "closes": "17:30" },
        "system_administrator": { "login": "sys", "name": "系统员", "password": PASSWORD },
        "security_administrator": { "login": "sec", "name": "安全员", "password": PASSWORD } })
}

/// How many answers are owed: every text that stands in them.
fn owed(answers: &Value) -> usize {
    match answers {
        Value::Object(fields) => fields.values().map(owed).sum(),
        _ => 1,
    }
}

fn first_start(backend: Backend) {
    let Some(place) = Starter::new(backend) else {
        return;
    };
    let server = place.start();
    let mut client = server.client();
    let code = code(&server);
    // Given nobody, then everything but the set-up is shut
    for path in ["/api/session", "/api/cases", "/api/openapi.json", "/api/demo"] {
        let shut = client.get(path).expect(409).json();
        assert_eq!(shut["code"], "not_set_up", "{path}");
    }
    let tried = client.log_in("sys", PASSWORD).expect(409).json();
    assert_eq!(tried["code"], "not_set_up");
    let offer = client.get("/api/setup").expect(200).json();
    let packs = offer["packs"].as_array().unwrap().iter();
    let packs: Vec<&str> = packs.map(|pack| pack["name"].as_str().unwrap()).collect();
    assert!(packs.contains(&"general") && !packs.contains(&"house"), "{offer}");
    // At most twelve answers
    let good = answers(&code);
    assert!(owed(&good) <= 12, "{} answers", owed(&good));
    // Whoever does not know the code sets nothing up
    for wrong in ["", "AAAA-AAAA-AAAA", &code[1..]] {
        client.post("/api/setup", &answers(wrong)).expect(403);
    }
    // Every faulty answer is named at once, and nothing is made
    let mut faulty = good.clone();
    faulty["company"] = json!(" ");
    faulty["pack"] = json!("house");
    faulty["hours"]["closes"] = json!("8:00");
    faulty["system_administrator"]["password"] = json!("12345678");
    faulty["security_administrator"]["login"] = json!("SYS");
    let told = client.post("/api/setup", &faulty).expect(422).json();
    let fields = told["problems"].as_array().unwrap().iter();
    let fields: Vec<&str> = fields.map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "company",
            "hours.closes",
            "system_administrator.password",
            "security_administrator.login",
            "pack"
        ]
    );
    assert_eq!(server.place().number("SELECT COUNT(*) FROM units"), 0);
    // When two set it up at once, one does
    let (one, other) = (client.clone(), client.clone());
    let try_it = |mut client: Client| client.post("/api/setup", &good).status;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let hands = [one, other].map(|client| scope.spawn(move || try_it(client)));
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(server.place().number("SELECT COUNT(*) FROM people"), 2);
    // Then it is gone, and people work
    client.get("/api/setup").expect(404);
    client.post("/api/setup", &good).expect(404);
    let mut sec = server.log_in("sec", PASSWORD);
    let unit = server.place().number("SELECT id FROM units").to_string();
    let agent = json!({ "login": "ann", "name": "安小禾" });
    let ann = sec.post("/api/people", &agent).expect(201).json()["id"].clone();
    assert!(ann.is_string());
    let mut sys = server.log_in("sys", PASSWORD);
    let units = sys.get("/api/units").expect(200).json();
    assert_eq!(units[0]["name"], "澄园物业", "{units}");
    assert_eq!(units[0]["id"], json!(unit));
    let packs = sys.get("/api/packs").expect(200).json();
    assert!(packs.to_string().contains("general"), "{packs}");
    sys.get("/api/demo").expect(404);
    let set_up = "SELECT COUNT(*) FROM access_log WHERE deed = 'set_up' AND address = '127.0.0.1'";
    assert_eq!(server.place().number(set_up), 1);
    let (place, _) = server.stop();
    verified(&place);
    // Nor does it come back
    let server = place.start();
    server.client().get("/api/setup").expect(404);
    assert!(!server.log().contains("one-time code"));
}

fn remove(client: &mut Client, words: &str) -> system_tests::Answer {
    client
        .try_send("DELETE", "/api/demo", &json!({ "confirm": words }))
        .unwrap()
}

fn removed(backend: Backend) {
    let Some(place) = Starter::new(backend) else {
        return;
    };
    let server = place.demo().start();
    // Given the demo, only whoever sets the system up removes it, with the words that confirm it
    server
        .log_in("agent1", "shouwen-demo")
        .get("/api/demo")
        .expect(403);
    let mut system = server.log_in("system", "shouwen-demo");
    remove(&mut server.log_in("agent1", "shouwen-demo"), "移除演示数据").expect(403);
    remove(&mut system, "yes").expect(422);
    let told = system.get("/api/demo").expect(200).json();
    assert_eq!(told["refused"], json!([]), "{told}");
    assert!(
        told["cases"].as_i64().unwrap() > 100 && told["people"].as_i64().unwrap() > 20,
        "{told}"
    );
    // When it is removed
    let gone = remove(&mut system, told["confirm"].as_str().unwrap())
        .expect(202)
        .json();
    let name = gone["put_aside_as"].as_str().unwrap().to_owned();
    // Then the server is at its first start, at the same address
    let begun = Instant::now();
    let mut client = server.client();
    loop {
        if client
            .try_get("/api/setup")
            .is_ok_and(|answer| answer.status == 200)
        {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
    }
    assert_eq!(server.place().number("SELECT COUNT(*) FROM cases"), 0);
    system.get("/api/cases").expect(409);
    client.post("/api/setup", &answers(&code(&server))).expect(201);
    server.log_in("sys", PASSWORD).get("/api/demo").expect(404);
    // And the demo's own history stands aside, whole, and still proves itself
    let (place, status) = server.stop();
    assert!(status.success());
    verified(&place);
    if backend == Backend::Sqlite {
        let aside = place.data().join(&name);
        verified(&place.with_data(aside));
    } else {
        let events = place.number(&format!("SELECT COUNT(*) FROM {name}.events"));
        assert!(events > 1000, "{events}");
    }
}

#[test]
fn a_demo_with_cases_of_ones_own_is_not_removed() {
    let (place, _) = Starter::new(Backend::Sqlite).unwrap().demo().start().stop();
    let words = [
        "user",
        "add",
        "ann",
        "--name",
        "安小禾",
        "--function",
        "agent@service",
    ];
    place.run_with(&words, PASSWORD).expect_success();
    let server = place.start();
    let mut ann = server.log_in("ann", PASSWORD);
    let case = json!({ "pack": "complaints", "procedure": "suggestion", "channel": "web", "input": { "matter": "路灯" } });
    let case = ann.post("/api/cases", &case).expect(201).json();
    let mut system = server.log_in("system", "shouwen-demo");
    let told = system.get("/api/demo").expect(200).json();
    assert_eq!(told["own_cases"], json!([case["number"]]), "{told}");
    let refused = remove(&mut system, "remove the demo").expect(409).json();
    assert_eq!(refused["code"], "not_only_demo", "{refused}");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains(case["number"].as_str().unwrap())
    );
    ann.get("/api/cases").expect(200);
}

#[test]
fn an_empty_centre_is_set_up_once_by_whoever_knows_the_code_on_sqlite() {
    first_start(Backend::Sqlite);
}

#[test]
fn an_empty_centre_is_set_up_once_by_whoever_knows_the_code_on_postgres() {
    first_start(Backend::Postgres);
}

#[test]
fn a_removed_demo_stands_aside_and_the_server_begins_anew_on_sqlite() {
    removed(Backend::Sqlite);
}

#[test]
fn a_removed_demo_stands_aside_and_the_server_begins_anew_on_postgres() {
    removed(Backend::Postgres);
}

/// Whoever has a centre already is asked nothing.
#[test]
fn a_centre_with_people_has_no_first_start() {
    let centre = Centre::start(Backend::Sqlite).unwrap();
    centre.server.client().get("/api/setup").expect(404);
    centre.log_in("ann").get("/api/setup").expect(404);
}
