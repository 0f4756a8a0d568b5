//! The access matrix: every route of the API asked by every kind of caller, compared with `access_matrix.txt`. A route
//! without a row fails the test, and so does a row without a route.
//!
//! A row says what is sent and which status each caller gets. What is sent changes nothing: it is let through by the check
//! of rights and refused by the check of what was typed, so that the first of the two shows. `SHOUWEN_WRITE=1` writes the
//! file anew, keeping what each row sends; every changed row must then be looked at.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;
use system_tests::{Backend, Centre, Client, PASSWORD, project};

/// Who asks, in the order of the columns.
const CALLERS: [&str; 9] = [
    "nobody", "ann", "wu", "lena", "sys", "sec", "aud", "reva", "program",
];

const HEAD: &str = "# The access matrix: who may call what. Read by tests/access_matrix.rs, which says how.\n\
# nobody: not logged in · ann: agent of the desk · wu: agent of another branch · lena: team leader of the desk · sys, sec,\n\
# aud: system, security, audit administrator of the centre · reva: auditor of the centre · program: a token of lena's with\n\
# the scope reports:read. The case is the desk's, the person is bo, an agent of the desk.\n\
# 401 not logged in · 403 not permitted · 404 not there, or out of reach · anything else: let through\n\
# METHOD PATH | what is sent | a status for each caller\n";

struct Row {
    sent: String,
    statuses: Vec<u16>,
}

fn rows(text: &str) -> BTreeMap<(String, String), Row> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let parts: Vec<&str> = line.split(" | ").map(str::trim).collect();
            let [route, sent, statuses] = parts[..] else {
                panic!("a row has three parts: {line}")
            };
            let (method, path) = route.split_once(' ').unwrap();
            let statuses = statuses
                .split_whitespace()
                .map(|status| status.parse().unwrap())
                .collect();
            (
                (path.to_owned(), method.to_owned()),
                Row {
                    sent: sent.to_owned(),
                    statuses,
                },
            )
        })
        .collect()
}

struct Asking {
    centre: Centre,
    case: String,
    token: String,
}

impl Asking {
    fn client(&self, who: &str) -> Client {
        match who {
            "nobody" | "program" => self.centre.server.client(),
            login => self.centre.server.log_in(login, PASSWORD),
        }
    }

    /// The path with its places filled: the desk's case, the desk, bo; elsewhere a number that nothing has.
    fn filled(&self, path: &str) -> String {
        let desk = self.centre.unit("desk");
        let bo = self.centre.person("bo");
        let cases = path.starts_with("/api/cases/");
        let parts = path.split('/').map(|part| match part {
            "{id}" if cases => &*self.case,
            "{unit}" => &*desk,
            "{person}" => &*bo,
            "{action}" => "note",
            "{pack}" | "{name}" => "general",
            "{procedure}" => "suggestion",
            "{clause}" => "first_contact",
            part if part.starts_with('{') => "1",
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn ask(&self, client: &Client, who: &str, method: &str, path: &str, sent: &str) -> u16 {
        let mut path = self.filled(path);
        let sent = sent.replace("{case}", &self.case);
        let mut headers = Vec::new();
        let authorization = format!("Bearer {}", self.token);
        if who == "program" {
            headers.push(("authorization", authorization.as_str()));
        }
        let mut body = None;
        if let Some(query) = sent.strip_prefix('?') {
            path = format!("{path}?{query}");
        } else if let Some((name, value)) = sent.split_once(": ").filter(|(name, _)| !name.contains('{')) {
            headers.push((name, value));
        } else if sent.starts_with('{') {
            headers.push(("content-type", "application/json"));
            body = Some(sent.clone().into_bytes());
        }
        client.clone().send(method, &path, &headers, body).unwrap().status
    }
}

#[test]
fn every_route_answers_every_kind_of_caller_as_the_matrix_says() {
    let centre = Centre::start_administered(Backend::Sqlite).unwrap();
    let mut ann = centre.log_in("ann");
    let case = Centre::open(&mut ann, "路灯不亮");
    let ends_at = format!(
        "{}+08:00",
        system_tests::local(system_tests::now() + 864_000).replace(' ', "T")
    );
    let wanted = json!({ "name": "x", "person": centre.person("lena"), "scopes": ["reports:read"], "ends_at": ends_at });
    let made = centre
        .log_in("sec")
        .post("/api/tokens", &wanted)
        .expect(201)
        .json();
    let described = ann.get("/api/openapi.json").expect(200).json();
    let asking = Asking {
        token: made["token"].as_str().unwrap().to_owned(),
        case,
        centre,
    };
    let clients: Vec<(&str, Client)> = CALLERS.iter().map(|who| (*who, asking.client(who))).collect();

    let file = project().join("tests/tests/access_matrix.txt");
    let known = rows(&std::fs::read_to_string(&file).unwrap_or_default());
    let writing = std::env::var_os("SHOUWEN_WRITE").is_some();
    let (mut wrong, mut written) = (String::new(), HEAD.to_owned());
    let mut routes = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            if ["GET", "PUT", "POST", "DELETE", "PATCH"].contains(&&*method) {
                routes.push((path.clone(), method));
            }
        }
    }
    for route in &routes {
        let (path, method) = route;
        let row = known.get(route);
        let sent = match row {
            Some(row) => row.sent.clone(),
            None if ["GET", "DELETE"].contains(&&**method) => "-".to_owned(),
            None => "{}".to_owned(),
        };
        // A log-in that is ended here must be nobody's who still asks.
        let ends = method == "DELETE" && path == "/api/session";
        let statuses: Vec<u16> = clients
            .iter()
            .map(|(who, client)| {
                if ends {
                    asking.ask(&asking.client(who), who, method, path, &sent)
                } else {
                    asking.ask(client, who, method, path, &sent)
                }
            })
            .collect();
        let shown: Vec<String> = statuses.iter().map(u16::to_string).collect();
        writeln!(written, "{method} {path} | {sent} | {}", shown.join(" ")).unwrap();
        match row {
            None => writeln!(
                wrong,
                "{method} {path} has no row; it answers {}",
                shown.join(" ")
            )
            .unwrap(),
            Some(row) if row.statuses != statuses => {
                writeln!(
                    wrong,
                    "{method} {path}: {:?} in the matrix, {statuses:?} now",
                    row.statuses
                )
                .unwrap();
            }
            Some(_) => {}
        }
        assert!(
            statuses.iter().all(|status| *status < 500),
            "{method} {path}: {statuses:?}"
        );
    }
    for (path, method) in known.keys().filter(|known| !routes.contains(known)) {
        writeln!(wrong, "{method} {path} stands in the matrix and is no route").unwrap();
    }
    if writing {
        std::fs::write(&file, written).unwrap();
        return;
    }
    assert!(
        wrong.is_empty(),
        "callers are {CALLERS:?}\n{wrong}give each new route a row in {} (SHOUWEN_WRITE=1 writes them), and look at it",
        file.display()
    );
}
