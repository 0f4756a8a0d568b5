//! People and rights, the whole way on both databases: administration kept apart, log-ins, second factor, explained
//! rights, a leaver's work handed over, and what the audit administrator reads of it all.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Backend, Centre, Client, PASSWORD, verified};
use totp_rs::{Builder, Secret};

const NEW: &str = "a window full of rain";

#[track_caller]
fn version(client: &mut Client, person: &str) -> Value {
    client.get(&format!("/api/people/{person}")).expect(200).json()["version"].clone()
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let items = list["items"]
        .as_array()
        .unwrap_or_else(|| list.as_array().unwrap());
    items
        .iter()
        .map(|item| item[field].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn administration(backend: Backend) {
    let Some(centre) = Centre::start_administered(backend) else {
        return;
    };
    let (mut sys, mut sec, mut aud) = (centre.log_in("sys"), centre.log_in("sec"), centre.log_in("aud"));
    let top = centre.unit("centre");

    // Units are the system administrator's: made, moved without circles, closed when nothing is in them.
    let mut unit = json!({ "key": "stores", "name": "仓库", "parent": centre.unit("works") });
    sec.post("/api/units", &unit).expect(403);
    let made = sys.post("/api/units", &unit).expect(201).json();
    let stores = made["id"].as_str().unwrap().to_owned();
    unit["parent"] = json!(centre.unit("desk"));
    unit["seen"] = made["version"].clone();
    let moved = sys.put(&format!("/api/units/{stores}"), &unit).expect(200).json();
    assert_eq!(moved["parent"], json!(centre.unit("desk")));
    // What was looked at is old by now.
    sys.put(&format!("/api/units/{stores}"), &unit).expect(409);
    let desk = sys
        .get(&format!("/api/units/{}", centre.unit("desk")))
        .expect(200)
        .json();
    let circle = json!({ "key": "desk", "name": "前台", "parent": stores, "seen": desk["version"] });
    sys.put(&format!("/api/units/{}", centre.unit("desk")), &circle)
        .expect(422);
    let in_use = sys.post(
        &format!("/api/units/{}/close", centre.unit("desk")),
        &json!({ "seen": desk["version"] }),
    );
    assert_eq!(in_use.expect(409).json()["code"], "in_use");
    let seen = json!({ "seen": moved["version"] });
    let closed = sys
        .post(&format!("/api/units/{stores}/close"), &seen)
        .expect(200)
        .json();
    assert!(closed["closed_at"].is_string(), "{closed}");

    // People are the security administrator's.
    let person = json!({ "login": "mei", "name": "梅一" });
    sys.post("/api/people", &person).expect(403);
    let mei = sec.post("/api/people", &person).expect(201).json();
    let id = mei["id"].as_str().unwrap().to_owned();
    sec.post("/api/people", &person).expect(422);
    let grants = format!("/api/people/{id}/functions");
    let grant = |unit: &str, seen: &Value| json!({ "function": "agent", "unit": unit, "seen": seen });
    assert_eq!(
        sec.post(&grants, &grant(&stores, &mei["version"]))
            .expect(409)
            .json()["code"],
        "closed"
    );
    let granted = sec
        .post(&grants, &grant(&centre.unit("desk"), &mei["version"]))
        .expect(200)
        .json();
    assert_eq!(granted["functions"][0]["function"], "agent", "{granted}");

    // A link sets the first password, and she sees the desk's cases.
    let link = sec
        .post(&format!("/api/people/{id}/password-link"), &json!({}))
        .expect(201)
        .json();
    let body = json!({ "link": link["link"], "password": NEW });
    centre
        .server
        .client()
        .post("/api/session/password-link", &body)
        .expect(204);
    let mut mei = centre.server.log_in("mei", NEW);
    let case = Centre::open(&mut mei, "路灯不亮");

    // Why she may write a note, and who could end the case: by the engine's own answer.
    let why = mei
        .get(&format!("/api/rights/explain?case={case}&action=hand_over"))
        .expect(200)
        .json();
    assert_eq!(
        (&why["entitled"], &why["possible"]),
        (&json!(true), &json!(true)),
        "{why}"
    );
    assert_eq!(why["clause"]["id"], "first_contact", "{why}");
    let bo = centre.person("bo");
    let other = mei
        .get(&format!(
            "/api/rights/explain?case={case}&action=hand_over&person={bo}"
        ))
        .expect(200)
        .json();
    assert_eq!(other["entitled"], false, "{other}");
    assert!(
        texts(&other["could"], "name").contains(&"梅一".to_owned()),
        "{other}"
    );
    let lena = centre.person("lena");
    let leads = mei
        .get(&format!(
            "/api/rights/explain?case={case}&action=assign_unit&person={lena}"
        ))
        .expect(200)
        .json();
    let ground = &leads["grounds"][0];
    assert!(
        ground["function"].is_string() && ground["since"].is_string(),
        "{leads}"
    );
    let rights = sec.get(&format!("/api/people/{id}/rights")).expect(200).json();
    assert!(
        rights["acts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|act| act["action"] == "open"),
        "{rights}"
    );
    assert!(
        texts(&rights["permissions"], "permission").contains(&"edit_customers".to_owned()),
        "{rights}"
    );
    mei.get(&format!("/api/people/{bo}/rights")).expect(403);

    // The three administrations stay apart, and none is lost.
    let version_of = version(&mut sec, &id);
    let first = json!({ "function": "audit_admin", "unit": top, "seen": version_of });
    let seen = sec.post(&grants, &first).expect(200).json()["version"].clone();
    let second = json!({ "function": "system_admin", "unit": top, "seen": seen });
    assert_eq!(
        sec.post(&grants, &second).expect(409).json()["code"],
        "kept_apart"
    );
    let audit = centre.person("aud");
    let seen = version(&mut sec, &audit);
    let end = json!({ "seen": seen });
    // Mei's function lasts too: now the old one may go, and then she may not.
    sec.post(&format!("/api/people/{audit}/functions/1/end"), &end)
        .expect(200);
    let seen = version(&mut sec, &id);
    let last = sec
        .post(
            &format!("/api/people/{id}/functions/2/end"),
            &json!({ "seen": seen }),
        )
        .expect(409)
        .json();
    assert_eq!(last["code"], "last_administrator", "{last}");
    let last = sec
        .post(&format!("/api/people/{id}/deactivate"), &json!({ "seen": seen }))
        .expect(409)
        .json();
    assert_eq!(last["code"], "last_administrator", "{last}");
    let place = centre.server.place();
    assert_eq!(
        place.number(&format!("SELECT COUNT(*) FROM scopes WHERE person = {audit}")),
        0
    );

    // Holidays.
    let notice = json!({ "csv": "date,kind,name\n2031-01-01,off,元旦\n" });
    assert_eq!(
        sys.post("/api/holidays", &notice).expect(200).json()["years"],
        json!([2031])
    );
    sys.post("/api/holidays", &json!({ "csv": "date,kind\nnever,off\n" }))
        .expect(422);

    // Everything of that is written down, for whoever reads audit records and for nobody else.
    aud.get("/api/access-log").expect(403);
    sec.get("/api/access-log").expect(403);
    let mut mei = centre.server.log_in("mei", NEW);
    let log = mei.get("/api/access-log?limit=200").expect(200).json();
    for deed in [
        "unit_made",
        "unit_closed",
        "person_made",
        "function_granted",
        "password_link_made",
        "logged_in",
    ] {
        assert!(texts(&log, "deed").contains(&deed.to_owned()), "{deed}: {log}");
    }
    let few = mei.get("/api/access-log?limit=3").expect(200).json();
    let next = few["next"].as_str().unwrap();
    let rest = mei
        .get(&format!("/api/access-log?limit=200&after={next}"))
        .expect(200)
        .json();
    assert_eq!(texts(&few, "id").len(), 3);
    assert!(
        texts(&rest, "id")
            .iter()
            .all(|id| !texts(&few, "id").contains(id))
    );
    let of_unit = mei
        .get(&format!("/api/access-log?subject=unit:{stores}&deed=unit_closed"))
        .expect(200)
        .json();
    assert_eq!(texts(&of_unit, "person_name"), ["系统员"]);
    let sys_id = centre.person("sys");
    let events = mei
        .get(&format!("/api/audit?record={stores}&person={sys_id}"))
        .expect(200)
        .json();
    assert_eq!(texts(&events, "kind"), ["unit", "unit", "unit"], "{events}");
    let events = mei.get("/api/audit?kind=person&limit=2").expect(200).json();
    assert_eq!(texts(&events, "kind"), ["person", "person"], "{events}");
    verified(&centre.server.stop().0);
}

fn log_ins(backend: Backend) {
    let Some(centre) = Centre::start_administered(backend) else {
        return;
    };
    let mut sec = centre.log_in("sec");
    let bo = centre.person("bo");
    // A password that somebody else knows is changed before anything else.
    let temporary = json!({ "password": "for the first day" });
    sec.put(&format!("/api/people/{bo}/temporary-password"), &temporary)
        .expect(204);
    let mut client = centre.server.log_in("bo", "for the first day");
    assert_eq!(client.get("/api/session").expect(200).json()["owes"], "password");
    assert_eq!(
        client.get("/api/cases").expect(403).json()["code"],
        "password_change_required"
    );
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    client
        .put(
            "/api/session/password",
            &change("for the first day", "password123"),
        )
        .expect(422);
    client
        .put("/api/session/password", &change("for the first day", NEW))
        .expect(204);
    client.get("/api/cases").expect(200);
    // A change ends every other log-in.
    let mut other = centre.server.log_in("bo", NEW);
    client
        .put("/api/session/password", &change(NEW, PASSWORD))
        .expect(204);
    other.get("/api/session").expect(401);
    // Sessions are listed, and ended one by one.
    let mut second = centre.log_in("bo");
    let lines = client.get("/api/sessions").expect(200).json();
    assert_eq!(lines.as_array().unwrap().len(), 2, "{lines}");
    let foreign = lines
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["own"] == false)
        .unwrap();
    client
        .delete(&format!("/api/sessions/{}", foreign["id"].as_str().unwrap()))
        .expect(204);
    second.get("/api/session").expect(401);

    // A second factor that the function asks for is enrolled before anything else.
    let settings = json!({ "idle_minutes": 30, "second_factor_for": ["agent"], "access_log_days": 200 });
    sec.put("/api/log-in-settings", &settings).expect(204);
    sec.put(
        "/api/log-in-settings",
        &json!({ "idle_minutes": 30, "second_factor_for": [], "access_log_days": 100 }),
    )
    .expect(422);
    client.put("/api/log-in-settings", &settings).expect(403);
    let mut client = centre.log_in("bo");
    assert_eq!(
        client.get("/api/cases").expect(403).json()["code"],
        "second_factor_required"
    );
    client
        .post(
            "/api/session/second-factor",
            &json!({ "password": "not it at all" }),
        )
        .expect(422);
    let enrolment = client
        .post("/api/session/second-factor", &json!({ "password": PASSWORD }))
        .expect(200)
        .json();
    let secret = Secret::try_from_base32(enrolment["secret"].as_str().unwrap()).unwrap();
    let counter = Builder::new()
        .with_secret(secret)
        .with_account_name("bo")
        .build()
        .unwrap();
    let seconds = || (system_tests::now() - 8 * 3600) as u64;
    let code = counter.generate(seconds()).to_string();
    let codes = client
        .post("/api/session/second-factor/confirm", &json!({ "code": code }))
        .expect(200)
        .json();
    client.get("/api/cases").expect(200);
    // From now on the password alone is not enough, a code counts once, a recovery code too.
    let ask = |code: Option<&str>| {
        let mut client = centre.server.client();
        client.post(
            "/api/session",
            &json!({ "login": "bo", "password": PASSWORD, "code": code }),
        )
    };
    assert_eq!(ask(None).expect(401).json()["code"], "second_factor");
    ask(Some(&code)).expect(401);
    let recovery = codes["codes"][0].as_str().unwrap();
    ask(Some(recovery)).expect(200);
    ask(Some(recovery)).expect(401);
    let later = counter.generate(seconds() + 30).to_string();
    ask(Some(&later)).expect(200);
    // Whoever lost it asks the security administrator.
    sec.delete(&format!("/api/people/{bo}/second-factor")).expect(204);
    client.get("/api/session").expect(401);
    assert_eq!(
        centre.log_in("bo").get("/api/session").expect(200).json()["owes"],
        "second_factor"
    );
    // An idle log-in ends.
    let mut idle = centre.log_in("sys");
    centre
        .server
        .place()
        .tamper(&["UPDATE sessions SET seen = seen - 1860000"]);
    let patience = std::time::Instant::now();
    while idle.get("/api/session").status != 401 {
        // What was asked a moment ago is believed for two seconds.
        assert!(patience.elapsed().as_secs() < 20, "the session stands");
    }
}

fn leaver(backend: Backend) {
    let Some(centre) = Centre::start_administered(backend) else {
        return;
    };
    let (mut sec, mut ann) = (centre.log_in("sec"), centre.log_in("ann"));
    let cases: Vec<String> = (0..3)
        .map(|no| Centre::open(&mut ann, &format!("路灯{no}")))
        .collect();
    let (leaver, successor) = (centre.person("ann"), centre.person("bo"));
    // A deputy of the leaver ends with them.
    let deputy = json!({ "deputy": centre.person("lena"), "function": "agent", "unit": centre.unit("desk"),
        "until": format!("{}+08:00", system_tests::local(system_tests::now() + 864_000).replace(' ', "T")) });
    ann.post("/api/deputies", &deputy).expect(204);
    let wanted =
        json!({ "leaver": leaver, "successor": successor, "reason": "离职", "with_functions": true });
    centre.log_in("bo").post("/api/hand-overs", &wanted).expect(403);
    centre.log_in("wsec").post("/api/hand-overs", &wanted).expect(404);
    let mut to_oneself = wanted.clone();
    to_oneself["successor"] = json!(leaver);
    sec.post("/api/hand-overs", &to_oneself).expect(422);

    let done = sec.post("/api/hand-overs", &wanted).expect(201).json();
    assert_eq!(
        (&done["done"], &done["refused"], &done["waiting"]),
        (&json!(3), &json!(0), &json!(0)),
        "{done}"
    );
    assert!(done["ended_at"].is_string(), "{done}");
    let id = done["id"].as_str().unwrap();
    // Going on with what is finished changes nothing.
    assert_eq!(
        sec.post(&format!("/api/hand-overs/{id}/go-on"), &json!({}))
            .expect(200)
            .json(),
        done
    );
    let list = sec.get(&format!("/api/hand-overs/{id}/cases")).expect(200).json();
    assert_eq!(texts(&list, "state"), ["done", "done", "done"]);

    // Every case has its event and its new owner; the leaver is out, the deputy's function over.
    let mut bo = centre.log_in("bo");
    for case in &cases {
        let view = bo.get(&format!("/api/cases/{case}")).expect(200).json();
        assert_eq!(view["first_contact_owner"], json!(successor), "{view}");
        assert!(view["timeline"].to_string().contains("离职"), "{view}");
    }
    ann.get("/api/session").expect(401);
    centre.server.client().log_in("ann", PASSWORD).expect(401);
    let place = centre.server.place();
    let held = "SELECT COUNT(*) FROM holdings h JOIN people p ON p.id = h.person WHERE h.until > 4000000000000 \
         AND (p.login = 'ann' OR h.on_behalf_of IS NOT NULL)";
    assert_eq!(place.number(held), 0);
    // The last of a kind is not handed away, and nothing has moved then.
    let sys = json!({ "leaver": centre.person("sys"), "successor": successor, "reason": "离职" });
    assert_eq!(
        sec.post("/api/hand-overs", &sys).expect(409).json()["code"],
        "last_administrator"
    );
    assert_eq!(place.number("SELECT COUNT(*) FROM hand_overs"), 1);
    verified(&centre.server.stop().0);
}

#[test]
fn gen_11_on_sqlite_administrations_are_kept_apart_and_written_down() {
    administration(Backend::Sqlite);
}

#[test]
fn gen_11_on_postgres_administrations_are_kept_apart_and_written_down() {
    administration(Backend::Postgres);
}

#[test]
fn on_sqlite_log_ins_have_rules_and_a_second_factor() {
    log_ins(Backend::Sqlite);
}

#[test]
fn on_postgres_log_ins_have_rules_and_a_second_factor() {
    log_ins(Backend::Postgres);
}

#[test]
fn gen_5_on_sqlite_a_leavers_work_is_handed_over_in_one_act() {
    leaver(Backend::Sqlite);
}

#[test]
fn gen_5_on_postgres_a_leavers_work_is_handed_over_in_one_act() {
    leaver(Backend::Postgres);
}
