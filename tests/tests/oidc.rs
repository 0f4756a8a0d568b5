//! Logging in by an OpenID provider that really signs: who is let in and as whom, and every answer that must not be believed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use system_tests::openid::{CLIENT, OpenIdProvider, Signing, pairs};
use system_tests::{Answer, Backend, Centre, Client, PASSWORD, Starter};
use totp_rs::{Builder, Secret};

fn configure(place: &Starter, provider: &OpenIdProvider, more: &str) {
    let text = format!(
        "[oidc]\nissuer = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\npublic_url = \"http://localhost:8080\"\n\
         title = \"公司账号\"\n{more}\n[outbound]\nallow_hosts = [\"{}\"]\n",
        provider.issuer(),
        CLIENT.0,
        CLIENT.1,
        provider.address()
    );
    std::fs::write(place.folder().join("shouwen.toml"), text).unwrap();
}

/// A centre that takes log-ins of this provider.
fn centre(backend: Backend, provider: &OpenIdProvider, more: &str) -> Option<Centre> {
    let place = Starter::new(backend)?;
    Centre::furnish(&place);
    let words = [
        "user",
        "add",
        "sec",
        "--name",
        "安全员",
        "--function",
        "security_admin@centre",
    ];
    place.run_with(&words, PASSWORD).expect_success();
    configure(&place, provider, more);
    Some(Centre {
        server: place.start(),
    })
}

/// Goes to the provider; gives what the browser comes back with.
fn went(client: &mut Client, provider: &OpenIdProvider, to: &str) -> BTreeMap<String, String> {
    let gone = client
        .post("/api/session/oidc", &json!({ "to": to }))
        .expect(200)
        .json();
    provider.visit(gone["address"].as_str().unwrap())
}

fn back(client: &mut Client, with: &BTreeMap<String, String>) -> Answer {
    client.post("/api/session/oidc/return", &json!(with))
}

/// The whole way.
fn log_in(client: &mut Client, provider: &OpenIdProvider) -> Answer {
    let with = went(client, provider, "/desk");
    back(client, &with)
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (status, Some(code)),
        "{}",
        answer.text
    );
}

fn failures(centre: &Centre, what: &str) -> i64 {
    let lines =
        format!("SELECT COUNT(*) FROM access_log WHERE deed = 'log_in_failed' AND detail = 'oidc: {what}'");
    centre.server.place().number(&lines)
}

fn let_in(backend: Backend) {
    let provider = OpenIdProvider::start();
    let Some(centre) = centre(backend, &provider, "") else {
        return;
    };
    let new = || centre.server.client();
    let ways = new().get("/api/session/ways").expect(200).json();
    assert_eq!(ways, json!({ "oidc": { "title": "公司账号" } }));

    // The address holds what it must, and no secret.
    let mut ann = new();
    let gone = ann
        .post("/api/session/oidc", &json!({ "to": "/cases/7" }))
        .expect(200);
    let cookie = &gone.headers["set-cookie"];
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let address = gone.json()["address"].as_str().unwrap().to_owned();
    let asked = pairs(address.split_once('?').unwrap().1);
    assert_eq!(asked["redirect_uri"], "http://localhost:8080/login/return");
    assert_eq!(
        (&*asked["scope"], &*asked["client_id"]),
        ("openid profile", "shouwen")
    );
    assert!(!address.contains("secret"), "{address}");
    // Both kinds of signatures, and a way back to where one wanted to go.
    let with = provider.visit(&address);
    let came = back(&mut ann, &with).expect(200).json();
    assert_eq!(
        (&came["session"]["person"]["login"], &came["to"]),
        (&json!("ann"), &json!("/cases/7"))
    );
    ann.get("/api/cases").expect(200);
    provider.tells(json!({}), Signing::Rsa);
    log_in(&mut new(), &provider).expect(200);
    // Never to another house.
    for to in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let mut client = new();
        let with = went(&mut client, &provider, to);
        assert_eq!(back(&mut client, &with).expect(200).json()["to"], "/", "{to}");
    }
    // The log-in is listed and written down as what it is.
    let lines = ann.get("/api/sessions").expect(200).json();
    assert_eq!(lines[0]["way"], "oidc", "{lines}");
    let written =
        "SELECT COUNT(*) FROM access_log WHERE deed = 'logged_in' AND detail = 'oidc' AND person IS NOT NULL";
    assert_eq!(centre.server.place().number(written), 5);
    // The letters' case and spaces of a name are as with a password.
    provider.tells(json!({ "preferred_username": " ANN " }), Signing::Elliptic);
    log_in(&mut new(), &provider).expect(200);
    // Keys that were changed are found out.
    provider.changes_keys();
    log_in(&mut new(), &provider).expect(200);

    // Nobody is made by logging in; the deactivated stay out; who has no name is nobody.
    provider.tells(json!({ "preferred_username": "mei" }), Signing::Elliptic);
    let answer = log_in(&mut new(), &provider);
    assert!(answer.text.contains("mei"), "{}", answer.text);
    refused(answer, 403, "forbidden");
    assert_eq!(failures(&centre, "unknown"), 1);
    assert_eq!(
        centre
            .server
            .place()
            .number("SELECT COUNT(*) FROM people WHERE login = 'mei'"),
        0
    );
    provider.tells(json!({ "preferred_username": null }), Signing::Elliptic);
    refused(log_in(&mut new(), &provider), 403, "forbidden");
    let mut sec = centre.log_in("sec");
    let wu = centre.person("wu");
    let seen = sec.get(&format!("/api/people/{wu}")).expect(200).json()["version"].clone();
    sec.post(&format!("/api/people/{wu}/deactivate"), &json!({ "seen": seen }))
        .expect(200);
    provider.tells(json!({ "preferred_username": "wu" }), Signing::Elliptic);
    refused(log_in(&mut new(), &provider), 403, "forbidden");
    assert_eq!(failures(&centre, "deactivated"), 1);

    // Away: said so, and passwords go on.
    let mut waiting = new();
    provider.tells(json!({}), Signing::Elliptic);
    let with = went(&mut waiting, &provider, "/");
    drop(provider);
    refused(back(&mut waiting, &with), 503, "unavailable");
    centre.log_in("bo");
    // Node or database started anew, it is known nowhere any more.
    let centre = Centre {
        server: centre.server.kill_and_restart(),
    };
    let answer = centre
        .server
        .client()
        .post("/api/session/oidc", &json!({ "to": "/" }));
    assert!(answer.text.contains("公司账号"), "{}", answer.text);
    refused(answer, 503, "unavailable");
    centre.log_in("bo");
}

fn not_believed(backend: Backend) {
    let provider = OpenIdProvider::start();
    let Some(centre) = centre(backend, &provider, "") else {
        return;
    };
    let new = || centre.server.client();
    let now = system_tests::now() - 8 * 3600;
    for (what, claims, signing) in [
        (
            "nonce",
            json!({ "nonce": "of another log-in" }),
            Signing::Elliptic,
        ),
        ("nonce", json!({ "nonce": null }), Signing::Elliptic),
        ("audience", json!({ "aud": "another" }), Signing::Elliptic),
        (
            "audience",
            json!({ "aud": ["another", CLIENT.0] }),
            Signing::Elliptic,
        ),
        (
            "issuer",
            json!({ "iss": "https://evil.example" }),
            Signing::Elliptic,
        ),
        ("expired", json!({ "exp": now - 61 }), Signing::Elliptic),
        ("expired", json!({ "exp": null }), Signing::Elliptic),
        ("early", json!({ "nbf": now + 600 }), Signing::Elliptic),
        ("signature", json!({}), Signing::Foreign),
        ("algorithm", json!({}), Signing::Not),
    ] {
        provider.tells(claims.clone(), signing);
        let before = failures(&centre, what);
        let mut client = new();
        refused(log_in(&mut client, &provider), 401, "oidc_denied");
        client.get("/api/session").expect(401);
        assert_eq!(failures(&centre, what), before + 1, "{what} {claims}");
    }
    provider.tells(json!({}), Signing::Elliptic);

    // A state that was used, is unknown, of another browser, or over.
    let mut ann = new();
    let with = went(&mut ann, &provider, "/");
    let mut thief = new();
    refused(back(&mut thief, &with), 401, "oidc_state");
    let mut changed = with.clone();
    changed.insert("state".to_owned(), "0".repeat(64));
    refused(back(&mut ann, &changed), 401, "oidc_state");
    back(&mut ann.clone(), &with).expect(200);
    refused(back(&mut ann, &with), 401, "oidc_state");
    let late = went(&mut ann, &provider, "/");
    centre
        .server
        .place()
        .tamper(&["UPDATE provider_log_ins SET ends = 1"]);
    refused(back(&mut ann, &late), 401, "oidc_state");
    // A code that was put in the place of one's own, an answer of another provider, and a person who said no.
    let (mut one, mut other) = (new(), new());
    let (first, second) = (went(&mut one, &provider, "/"), went(&mut other, &provider, "/"));
    let mut swapped = first.clone();
    swapped.insert("code".to_owned(), second["code"].clone());
    refused(back(&mut one, &swapped), 401, "oidc_denied");
    assert_eq!(failures(&centre, "code"), 1);
    for issuer in [Some("https://evil.example"), None] {
        let mut client = new();
        let mut with = went(&mut client, &provider, "/");
        match issuer {
            Some(issuer) => with.insert("iss".to_owned(), issuer.to_owned()),
            None => with.remove("iss"),
        };
        refused(back(&mut client, &with), 401, "oidc_denied");
    }
    let mut client = new();
    let mut no = went(&mut client, &provider, "/");
    no.insert("error".to_owned(), "access_denied".to_owned());
    refused(back(&mut client, &no), 401, "oidc_denied");
    assert_eq!(centre.server.place().number("SELECT COUNT(*) FROM sessions"), 1);
}

fn second_factors(backend: Backend) {
    let provider = OpenIdProvider::start();
    let more = "second_factor_by = [\"mfa\"]\nmake_people = true";
    let Some(centre) = centre(backend, &provider, more) else {
        return;
    };
    let new = || centre.server.client();
    // Somebody new is made where the configuration says so, and holds nothing.
    provider.tells(
        json!({ "preferred_username": "mei", "name": "梅" }),
        Signing::Elliptic,
    );
    let mut mei = new();
    let session = log_in(&mut mei, &provider).expect(200).json()["session"].clone();
    assert_eq!(
        (&session["person"]["name"], &session["functions"]),
        (&json!("梅"), &json!([]))
    );
    log_in(&mut new(), &provider).expect(200);
    assert_eq!(
        centre
            .server
            .place()
            .number("SELECT COUNT(*) FROM people WHERE login = 'mei'"),
        1
    );
    // She has no password here, and gets none behind the provider's back.
    let csrf = session["csrf"].as_str().unwrap().to_owned();
    let mut with = |method: &str, path: &str, body: Value| {
        let headers = [
            ("content-type", "application/json"),
            ("x-csrf-token", csrf.as_str()),
        ];
        mei.send(method, path, &headers, Some(body.to_string().into_bytes()))
            .unwrap()
    };
    let change = json!({ "old": "", "new": "a window full of rain" });
    refused(with("PUT", "/api/session/password", change), 409, "no_password");
    // She enrols a second factor, having come a moment ago; from then on it is asked for after the provider, too.
    let enrolment = with("POST", "/api/session/second-factor", json!({ "password": "" }))
        .expect(200)
        .json();
    let secret = Secret::try_from_base32(enrolment["secret"].as_str().unwrap()).unwrap();
    let counter = Builder::new()
        .with_secret(secret)
        .with_account_name("mei")
        .build()
        .unwrap();
    let code = |later: u64| {
        let seconds = (system_tests::now() - 8 * 3600) as u64;
        counter.generate(seconds + later).to_string()
    };
    with(
        "POST",
        "/api/session/second-factor/confirm",
        json!({ "code": code(0) }),
    )
    .expect(200);
    let mut mei = new();
    let came = went(&mut mei, &provider, "/desk");
    refused(back(&mut mei, &came), 401, "second_factor");
    mei.get("/api/session").expect(401);
    let factor = |client: &mut Client, code: &str| {
        client.post(
            "/api/session/oidc/second-factor",
            &json!({ "state": came["state"], "code": code }),
        )
    };
    refused(factor(&mut mei, "000000"), 401, "wrong_login");
    refused(factor(&mut new(), &code(30)), 401, "oidc_state");
    assert_eq!(factor(&mut mei, &code(30)).expect(200).json()["to"], "/desk");
    refused(factor(&mut mei, &code(30)), 401, "oidc_state");
    mei.get("/api/session").expect(200);
    // Unless the provider says that it asked for one of a kind that counts.
    provider.tells(
        json!({ "preferred_username": "mei", "amr": ["pwd"] }),
        Signing::Elliptic,
    );
    refused(log_in(&mut new(), &provider), 401, "second_factor");
    provider.tells(
        json!({ "preferred_username": "mei", "amr": ["pwd", "mfa"] }),
        Signing::Elliptic,
    );
    log_in(&mut new(), &provider).expect(200);
    // A function that asks for one asks who comes by the provider, too.
    let settings = json!({ "idle_minutes": 30, "second_factor_for": ["agent"], "access_log_days": 200 });
    centre
        .log_in("sec")
        .put("/api/log-in-settings", &settings)
        .expect(204);
    for (amr, owes) in [("pwd", json!("second_factor")), ("mfa", Value::Null)] {
        provider.tells(
            json!({ "preferred_username": "ann", "amr": [amr] }),
            Signing::Elliptic,
        );
        assert_eq!(
            log_in(&mut new(), &provider).expect(200).json()["session"]["owes"],
            owes,
            "{amr}"
        );
    }
}

#[test]
fn on_sqlite_people_are_let_in_by_the_companys_provider() {
    let_in(Backend::Sqlite);
}

#[test]
fn on_postgres_people_are_let_in_by_the_companys_provider() {
    let_in(Backend::Postgres);
}

#[test]
fn attack_on_sqlite_forged_and_replayed_answers_of_a_provider_let_nobody_in() {
    not_believed(Backend::Sqlite);
}

#[test]
fn attack_on_postgres_forged_and_replayed_answers_of_a_provider_let_nobody_in() {
    not_believed(Backend::Postgres);
}

#[test]
fn on_sqlite_second_factors_stay_with_the_provider() {
    second_factors(Backend::Sqlite);
}

#[test]
fn on_postgres_second_factors_stay_with_the_provider() {
    second_factors(Backend::Postgres);
}
