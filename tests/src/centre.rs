//! A small centre with two desks, made the way an administrator makes one: by commands.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Backend, Client, Server, Starter};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse 7";

/// A served centre: units `centre` with `desk` and `works` within; `ann` and `bo` (agents) and `lena` (team leader) at
/// the desk, `wu` (agent) at the works; packs `general` and `complaints` in force. The people are invented.
#[derive(Debug)]
pub struct Centre {
    /// Its server.
    pub server: Server,
}

impl Centre {
    /// Makes the centre and starts it; `None` where there is no PostgreSQL to test with.
    pub fn start(backend: Backend) -> Option<Self> {
        let place = Starter::new(backend)?;
        Self::furnish(&place);
        Some(Centre {
            server: place.start(),
        })
    }

    /// The same with administrators: `sys` and `aud` over the whole centre, `sec` and `sec2` (security) too, `wsec`
    /// (security) at the works only, and `reva`, an auditor.
    pub fn start_administered(backend: Backend) -> Option<Self> {
        let place = Starter::new(backend)?;
        Self::furnish(&place);
        for (login, name, function) in [
            ("sys", "系统员", "system_admin@centre"),
            ("sec", "安全员", "security_admin@centre"),
            ("sec2", "安全员乙", "security_admin@centre"),
            ("wsec", "工程安全员", "security_admin@works"),
            ("aud", "审计员", "audit_admin@centre"),
            ("reva", "审查员", "auditor@centre"),
        ] {
            let words = ["user", "add", login, "--name", name, "--function", function];
            place.run_with(&words, PASSWORD).expect_success();
        }
        Some(Centre {
            server: place.start(),
        })
    }

    /// The id of a person, by log-in name.
    #[track_caller]
    pub fn person(&self, login: &str) -> String {
        let id = format!("SELECT id FROM people WHERE login = '{login}'");
        self.server.place().number(&id).to_string()
    }

    /// The id of a unit, by key.
    #[track_caller]
    pub fn unit(&self, key: &str) -> String {
        let id = format!("SELECT id FROM units WHERE key = '{key}'");
        self.server.place().number(&id).to_string()
    }

    /// Makes units, people and packs in an empty place.
    pub fn furnish(place: &Starter) {
        place
            .run(&["user", "unit", "centre", "客户中心"])
            .expect_success();
        for (key, name) in [("desk", "前台"), ("works", "工程部")] {
            let words = ["user", "unit", key, name, "--within", "centre"];
            place.run(&words).expect_success();
        }
        for pack in ["general", "complaints"] {
            let words = ["pack", "activate", pack, "--unit", "centre"];
            place.run(&words).expect_success();
        }
        for (login, name, function) in [
            ("ann", "安小禾", "agent@desk"),
            ("bo", "柏一舟", "agent@desk"),
            ("lena", "连娜", "team_leader@desk"),
            ("wu", "吴工", "agent@works"),
        ] {
            let words = ["user", "add", login, "--name", name, "--function", function];
            place.run_with(&words, PASSWORD).expect_success();
        }
    }

    /// A client logged in as one of the people.
    #[track_caller]
    pub fn log_in(&self, login: &str) -> Client {
        self.server.log_in(login, PASSWORD)
    }

    /// What opens a suggestion: the simplest case.
    pub fn suggestion(matter: &str) -> Value {
        json!({ "pack": "general", "procedure": "suggestion", "channel": "web", "input": { "matter": matter } })
    }

    /// Opens one and gives its id.
    #[track_caller]
    pub fn open(client: &mut Client, matter: &str) -> String {
        let case = client
            .post("/api/cases", &Self::suggestion(matter))
            .expect(201)
            .json();
        case["id"].as_str().unwrap().to_owned()
    }
}

/// How long a killed node's lease on sealing may stand in the way.
const LEASE: Duration = Duration::from_secs(60);

/// Runs `verify` on a place whose server is down: history and tables must hold.
#[track_caller]
pub fn verified(place: &Starter) -> Value {
    let begun = Instant::now();
    loop {
        let output = place.run(&["verify", "--json"]);
        // A killed node goes on holding its lease until that runs out.
        if output.stderr.contains("another node is sealing") && begun.elapsed() < LEASE {
            continue;
        }
        let verified = output.expect_success().json();
        assert_eq!(verified["holds"], true, "{verified}");
        return verified;
    }
}
