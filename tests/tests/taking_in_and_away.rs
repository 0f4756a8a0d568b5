//! Data in by files and away by files, over HTTP with the real binary on both databases: who may, what is logged, what a
//! cancelled or killed job leaves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use system_tests::{Answer, Backend, Centre, Client, PASSWORD, Server, Starter, verified};

const PATIENCE: Duration = Duration::from_secs(90);

const FILE: &str =
    "客户编号,客户名称,手机,地址\nK1,=HYPERLINK(\"http://evil.example\"),13800136021,3栋1201\nK2,李先生,1,\n";

fn centre(backend: Backend) -> Option<Centre> {
    let place = Starter::new(backend)?;
    Centre::furnish(&place);
    for (login, function) in [("sys", "system_admin@centre"), ("sec", "security_admin@centre")] {
        let words = ["user", "add", login, "--name", login, "--function", function];
        place.run_with(&words, PASSWORD).expect_success();
    }
    Some(Centre {
        server: place.start(),
    })
}

fn send(client: &mut Client, kind: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/imports?kind={kind}&name=customers.csv");
    let headers = [
        ("content-type", "application/octet-stream"),
        ("accept-language", "en"),
    ];
    client
        .send("POST", &path, &headers, Some(bytes.to_vec()))
        .unwrap()
}

/// Waits until a job is over.
#[track_caller]
fn over(client: &mut Client, server: &Server, ordered: Answer) -> Value {
    let id = ordered.expect(202).json()["id"].as_str().unwrap().to_owned();
    let begun = Instant::now();
    loop {
        let job = client.get(&format!("/api/jobs/{id}")).expect(200).json();
        if !job["ended_at"].is_null() {
            return job;
        }
        assert!(begun.elapsed() < PATIENCE, "{job}\n{}", server.log());
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn in_and_away(backend: Backend) {
    let Some(centre) = centre(backend) else { return };
    let (mut sys, mut sec) = (centre.log_in("sys"), centre.log_in("sec"));
    let (mut ann, mut lena) = (centre.log_in("ann"), centre.log_in("lena"));
    // An agent brings nothing in, the system's administrator no staff, the security administrator no customers.
    send(&mut ann, "customers", FILE.as_bytes()).expect(403);
    send(&mut sys, "staff", FILE.as_bytes()).expect(403);
    send(&mut sec, "customers", FILE.as_bytes()).expect(403);
    sys.get("/api/import-templates/customers").expect(200);
    ann.get("/api/import-templates/customers").expect(403);
    // A file is sent, its columns are suggested.
    let sent = send(&mut sys, "customers", FILE.as_bytes()).expect(201).json();
    assert_eq!(
        sent["suggested"],
        json!(["source", "name", "phones", "premises"]),
        "{sent}"
    );
    let id = sent["id"].as_str().unwrap().to_owned();
    sec.get(&format!("/api/imports/{id}")).expect(404);
    let columns: Value = sent["columns"]
        .as_array()
        .unwrap()
        .iter()
        .zip(sent["suggested"].as_array().unwrap())
        .map(|(column, field)| (column.as_str().unwrap().to_owned(), field.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let wish = json!({ "columns": columns, "pack": null, "procedure": null, "action": null });
    // A column that is missing is named.
    let half =
        json!({ "columns": { "客户编号": "source" }, "pack": null, "procedure": null, "action": null });
    sys.post(&format!("/api/imports/{id}/check"), &half).expect(422);
    // Looked through, brought in, once.
    let ordered = sys.post(&format!("/api/imports/{id}/check"), &wish);
    let checked = over(&mut sys, &centre.server, ordered);
    assert_eq!(checked["result"]["faulty"], 1, "{checked}");
    let faults = sys.get(&format!("/api/imports/{id}/faults")).expect(200).json();
    assert_eq!(faults["items"][0]["line"], 3, "{faults}");
    let ordered = sys.post(&format!("/api/imports/{id}/run"), &wish);
    let done = over(&mut sys, &centre.server, ordered);
    assert_eq!(done["result"]["new"], 1, "{done}");
    sys.post(&format!("/api/imports/{id}/run"), &wish).expect(409);
    let case = {
        let mut body = Centre::suggestion("=1+1 路灯");
        let customers = ann.get("/api/customers?q=6021").expect(200).json();
        body["customer"] = customers["items"][0]["id"].clone();
        ann.post("/api/cases", &body).expect(201).json()
    };
    // An export owes a reason, and a permission.
    let wanted = |what: &str, format: &str, reason: Value, in_full: bool| {
        json!({ "what": what, "format": format, "reason": reason, "in_full": in_full, "open": null,
            "procedure": null, "pack": null, "from": null, "to": null, "language": "en" })
    };
    lena.post("/api/exports", &wanted("customers", "csv", Value::Null, false))
        .expect(422);
    ann.post("/api/exports", &wanted("customers", "csv", "月报".into(), false))
        .expect(403);
    lena.post("/api/exports", &wanted("accesses", "csv", Value::Null, false))
        .expect(403);
    let mut files = Vec::new();
    for (what, in_full) in [
        ("customers", false),
        ("customers", true),
        ("cases", false),
        ("clauses", false),
    ] {
        let ordered = lena.post("/api/exports", &wanted(what, "csv", "月报".into(), in_full));
        let job = over(&mut lena, &centre.server, ordered);
        assert_eq!(job["state"], "done", "{job}");
        let path = format!("/api/exports/{}/file", job["id"].as_str().unwrap());
        let file = lena.get(&path).expect(200);
        assert!(file.headers["content-disposition"].contains("attachment"));
        // Nobody else takes it, and nobody else sees the job.
        ann.get(&path).expect(404);
        sys.get(&format!("/api/jobs/{}", job["id"].as_str().unwrap()))
            .expect(404);
        files.push(file.text);
    }
    // Only customers of cases within reach; numbers masked unless asked for in full; no formula anywhere.
    assert!(
        files[0].contains("138****6021") && !files[0].contains("13800136021"),
        "{}",
        files[0]
    );
    assert!(files[1].contains("13800136021"), "{}", files[1]);
    for file in &files {
        assert!(file.starts_with('\u{feff}'));
        assert!(
            !file.contains(",=") && !file.contains("\n=") && !file.contains("\"="),
            "{file}"
        );
    }
    assert!(
        files[2].contains(case["number"].as_str().unwrap()),
        "{}",
        files[2]
    );
    assert!(files[3].lines().count() > 3, "{}", files[3]);
    // Who took what stands in the access log, with the reason and without the data.
    let place = centre.server.place();
    for (deed, count) in [
        ("exported", 4),
        ("export_taken", 4),
        ("import", 1),
        ("import_sent", 1),
    ] {
        let lines = place.number(&format!("SELECT COUNT(*) FROM access_log WHERE deed = '{deed}'"));
        assert_eq!(lines, count, "{deed}");
    }
    let reasons = "SELECT COUNT(*) FROM access_log WHERE deed = 'exported' AND reason = '月报' AND address = '127.0.0.1'";
    assert_eq!(place.number(reasons), 4);
    // An import whose rows are used stays.
    let ordered = sys.post(&format!("/api/imports/{id}/undo"), &json!({}));
    let undone = over(&mut sys, &centre.server, ordered);
    assert_eq!(undone["state"], "failed", "{undone}");
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    verified(&place);
}

#[test]
fn on_sqlite_customers_come_in_and_go_away_by_who_may() {
    in_and_away(Backend::Sqlite);
}

#[test]
fn on_postgres_customers_come_in_and_go_away_by_who_may() {
    in_and_away(Backend::Postgres);
}

/// A file of so many customers.
fn long_file(rows: usize) -> String {
    let mut text = "客户编号,客户名称,手机\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!("L{row},客户{row},138{row:08}\n"));
    }
    text
}

#[test]
fn an_import_is_cancelled_and_another_survives_a_kill() {
    const ROWS: usize = 1_500;
    let centre = centre(Backend::Sqlite).unwrap();
    let mut sys = centre.log_in("sys");
    let columns = json!({ "客户编号": "source", "客户名称": "name", "手机": "phones" });
    let wish = json!({ "columns": columns, "pack": null, "procedure": null, "action": null });
    let order = |sys: &mut Client| {
        let sent = send(sys, "customers", long_file(ROWS).as_bytes())
            .expect(201)
            .json();
        let id = sent["id"].as_str().unwrap().to_owned();
        let job = sys
            .post(&format!("/api/imports/{id}/run"), &wish)
            .expect(202)
            .json();
        (id, job["id"].as_str().unwrap().to_owned())
    };
    let reaches = |sys: &mut Client, job: &str, least: i64, server: &Server| {
        let begun = Instant::now();
        while sys.get(&format!("/api/jobs/{job}")).expect(200).json()["done"]
            .as_i64()
            .unwrap()
            < least
        {
            assert!(begun.elapsed() < PATIENCE, "{}", server.log());
        }
    };
    // Cancelled in the middle, what came in until then can be taken back.
    let (import, job) = order(&mut sys);
    reaches(&mut sys, &job, 50, &centre.server);
    sys.delete(&format!("/api/jobs/{job}")).expect(204);
    let begun = Instant::now();
    while sys.get(&format!("/api/jobs/{job}")).expect(200).json()["state"] != "cancelled" {
        assert!(begun.elapsed() < PATIENCE, "{}", centre.server.log());
    }
    let there = "SELECT COUNT(*) FROM customers";
    let came = centre.server.place().number(there);
    assert!(came >= 50 && came < ROWS as i64, "{came}");
    let ordered = sys.post(&format!("/api/imports/{import}/undo"), &json!({}));
    assert_eq!(over(&mut sys, &centre.server, ordered)["state"], "done");
    assert_eq!(centre.server.place().number(there), 0);
    // Killed in the middle, another start goes on with it, and each row is there once.
    let (_, job) = order(&mut sys);
    reaches(&mut sys, &job, 50, &centre.server);
    let centre = Centre {
        server: centre.server.kill_and_restart(),
    };
    let begun = Instant::now();
    loop {
        let found = sys
            .clone()
            .moved_to(centre.server.url())
            .get(&format!("/api/jobs/{job}"));
        if found.expect(200).json()["state"] == "done" {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", centre.server.log());
        std::thread::park_timeout(Duration::from_millis(100));
    }
    assert_eq!(centre.server.place().number(there), ROWS as i64);
    let (place, _) = centre.server.stop();
    verified(&place);
}
