//! Who may take a person's data away or erase it: a legal hold stops an erasure, and a list exported shows no more customers
//! than the screens do (GEN-11, GEN-14), on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use system_tests::{Answer, Backend, Centre, Client, PASSWORD, Starter, verified};

/// How long a job may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The usual centre with a head of service, `sun`, over all of it, and `hua`, head of the works.
fn centre(backend: Backend) -> Option<Centre> {
    let place = Starter::new(backend)?;
    Centre::furnish(&place);
    for (login, name, function) in [
        ("sun", "孙主管", "service_lead@centre"),
        ("hua", "华经理", "department_head@works"),
    ] {
        let words = ["user", "add", login, "--name", name, "--function", function];
        place.run_with(&words, PASSWORD).expect_success();
    }
    Some(Centre {
        server: place.start(),
    })
}

fn act(client: &mut Client, case: &str, action: &str, input: &Value) -> Answer {
    let path = format!("/api/cases/{case}/actions/{action}");
    client.post(&path, &json!({ "input": input }))
}

fn id(made: Answer) -> String {
    made.expect(201).json()["id"].as_str().unwrap().to_owned()
}

fn held(backend: Backend) {
    let Some(centre) = centre(backend) else { return };
    let (mut ann, mut sun) = (centre.log_in("ann"), centre.log_in("sun"));
    // Given a customer whose one case has ended and is under a legal hold
    let customer = id(ann.post(
        "/api/customers",
        &json!({ "name": "沈立群", "phone": "13900002207" }),
    ));
    let mut case = Centre::suggestion("路灯");
    case["customer"] = json!(customer);
    let case = id(ann.post("/api/cases", &case));
    act(&mut sun, &case, "void_case", &json!({ "void_reason": "误登记" })).expect(200);
    act(&mut sun, &case, "hold", &json!({ "hold_reason": "诉讼" })).expect(200);
    let number = sun.get(&format!("/api/cases/{case}")).json()["number"].clone();
    let number = number.as_str().unwrap();
    // When the person asks to be erased, then it is refused by the clause, naming the case
    let erasure = format!("/api/customers/{customer}/erasure");
    let wanted = json!({ "reason": "本人持身份证申请" });
    let mut trial = wanted.clone();
    trial["dry_run"] = json!(true);
    let told = sun.post(&erasure, &trial).expect(200).json();
    let said = told["refused"][0].as_str().unwrap();
    assert!(
        said.contains(number) && said.contains("N20") && said.contains("法定保全"),
        "{told}"
    );
    let refused = sun.post(&erasure, &wanted).expect(409).json();
    assert!(refused["detail"].as_str().unwrap().contains(number), "{refused}");
    assert_eq!(refused["clause"]["number"], "N20", "{refused}");
    sun.get(&format!("/api/cases/{case}")).expect(200);
    // And after the hold is lifted the person goes; the case stays out its term, as its regulation says
    act(&mut sun, &case, "lift_hold", &json!({ "lift_reason": "结案" })).expect(200);
    let done = sun.post(&erasure, &wanted).expect(200).json();
    assert_eq!(
        (&done["done"], &done["records"], &done["refused"]),
        (&json!(true), &json!(1), &json!([])),
        "{done}"
    );
    assert_eq!(done["kept"][0]["number"], number, "{done}");
    sun.get(&format!("/api/customers/{customer}")).expect(404);
    let (place, _) = centre.server.stop();
    verified(&place);
}

/// The names in a list of customers that this person has exported.
fn exported(client: &mut Client) -> Vec<String> {
    let wanted = json!({ "what": "customers", "format": "csv", "reason": "核对" });
    let job = client.post("/api/exports", &wanted);
    assert!(job.status < 300, "{} {}", job.status, job.text);
    let job = job.json();
    let path = format!("/api/exports/{}/file", job["id"].as_str().unwrap());
    let begun = Instant::now();
    loop {
        let file = client.get(&path);
        if file.status == 200 {
            let mut names: Vec<String> = file
                .text
                .lines()
                .skip(1)
                .map(|line| line.split(',').nth(1).unwrap().trim_matches('"').to_owned())
                .collect();
            names.sort();
            return names;
        }
        assert!(begun.elapsed() < PATIENCE, "{} {}", file.status, file.text);
    }
}

fn listed(client: &mut Client) -> Vec<String> {
    let page = client.get("/api/customers").expect(200).json();
    let names = page["items"].as_array().unwrap().iter();
    let mut names: Vec<String> = names
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn one_rule(backend: Backend) {
    let Some(centre) = centre(backend) else { return };
    let (mut ann, mut wu) = (centre.log_in("ann"), centre.log_in("wu"));
    let (mut lena, mut sun, mut hua) = (centre.log_in("lena"), centre.log_in("sun"), centre.log_in("hua"));
    let make = |client: &mut Client, name: &str, phone: &str| {
        id(client.post("/api/customers", &json!({ "name": name, "phone": phone })))
    };
    // Given customers of the desk, one of them merged into another, and one of the works that has no case
    let kept = make(&mut ann, "Kept", "13900002207");
    let away = make(&mut ann, "Away", "13900002207");
    make(&mut wu, "Works", "15500006140");
    let merge = json!({ "other": away, "seen": 1, "other_seen": 1, "reason": "同一人", "choices": {} });
    lena.post(&format!("/api/customers/{kept}/merge"), &merge)
        .expect(200);
    // Then each one's export holds whom their screens list: a merged record once
    for (client, seen) in [
        (&mut lena, vec!["Kept"]),
        (&mut hua, vec!["Works"]),
        (&mut sun, vec!["Kept", "Works"]),
    ] {
        assert_eq!(listed(client), seen);
        assert_eq!(exported(client), seen);
    }
    let (place, _) = centre.server.stop();
    verified(&place);
}

#[test]
fn gen_11_gen_14_nobody_under_a_legal_hold_is_erased_on_sqlite() {
    held(Backend::Sqlite);
}

#[test]
fn gen_11_gen_14_nobody_under_a_legal_hold_is_erased_on_postgres() {
    held(Backend::Postgres);
}

#[test]
fn gen_11_an_export_lists_whom_the_screens_list_on_sqlite() {
    one_rule(Backend::Sqlite);
}

#[test]
fn gen_11_an_export_lists_whom_the_screens_list_on_postgres() {
    one_rule(Backend::Postgres);
}
