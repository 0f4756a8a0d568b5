//! Attacks on customers and files: code brought in as a file, script through names and notes, other people's records by
//! their numbers, bombs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Answer, Backend, Centre, Client};

fn centre() -> Centre {
    Centre::start(Backend::Sqlite).unwrap()
}

fn upload(client: &mut Client, path: &str, bytes: &[u8]) -> Answer {
    client.send("POST", path, &[], Some(bytes.to_vec())).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn attack_upload_of_code_is_refused_whatever_it_is_called() {
    let centre = centre();
    let mut ann = centre.log_in("ann");
    let case = Centre::open(&mut ann, "路灯");
    for (name, content) in [
        ("shell.php", &b"<?php system($_GET['c']);"[..]),
        (
            "page.html",
            b"<html><script>fetch('/api/session')</script></html>",
        ),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        (
            "drawing.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        (
            "drawing.png",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        ("photo.jpg", b"MZ\x90\x00 this program cannot be run in DOS mode"),
        ("letter.pdf", b"\x7fELF\x02\x01\x01\x00"),
        ("run.sh", b"#!/bin/sh\nrm -rf /\n"),
        ("archive.zip", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        for path in [
            format!("/api/cases/{case}/files?name={name}"),
            format!("/api/files?name={name}"),
        ] {
            let answer = upload(&mut ann, &path, content);
            assert_eq!(answer.status, 422, "{name}: {}", answer.text);
            assert_eq!(answer.json()["problems"][0]["field"], "file");
        }
    }
    assert_eq!(ann.get(&format!("/api/cases/{case}/files")).json(), json!([]));
}

#[test]
fn attack_stored_script_in_names_notes_and_files_stays_data() {
    let centre = centre();
    let mut ann = centre.log_in("ann");
    let script = "<img src=x onerror=alert(1)>";
    let customer = ann
        .post(
            "/api/customers",
            &json!({ "name": script, "about": { "notes": script, "tags": ["<b>"] } }),
        )
        .expect(201)
        .json();
    let page = ann
        .get(&format!("/api/customers/{}", text(&customer["id"])))
        .expect(200);
    // Kept as typed, and never served as anything but JSON
    assert_eq!(page.json()["notes"], script);
    assert!(page.headers["content-type"].starts_with("application/json"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let case = Centre::open(&mut ann, script);
    let path = format!("/api/cases/{case}/files?name=%3Cscript%3E%0D%0AX-Evil:%201%22..%2F..%2Fa.txt");
    let kept = upload(&mut ann, &path, "第一行 <script>alert(1)</script>".as_bytes())
        .expect(201)
        .json();
    assert!(
        !text(&kept["name"]).contains(['<', '>', '/', '"', '\n', '\r']),
        "{kept}"
    );
    let file = ann.get(&format!("/api/files/{}", text(&kept["id"]))).expect(200);
    assert!(
        file.headers["content-disposition"].starts_with("attachment"),
        "{:?}",
        file.headers
    );
    assert!(file.headers["content-type"].starts_with("text/plain"));
    assert!(file.headers["content-security-policy"].contains("sandbox"));
    assert!(file.headers["content-security-policy"].contains("default-src 'none'"));
    assert_eq!(file.headers["x-content-type-options"], "nosniff");
    assert!(!file.headers.contains_key("x-evil"));
}

#[test]
fn attack_other_peoples_customers_contacts_and_files_are_not_there() {
    let centre = centre();
    let (mut ann, mut wu) = (centre.log_in("ann"), centre.log_in("wu"));
    let customer = ann
        .post(
            "/api/customers",
            &json!({ "name": "沈立群", "phone": "13900002207" }),
        )
        .expect(201)
        .json();
    let customer = text(&customer["id"]).to_owned();
    let contact = json!({ "channel": "phone", "customer": customer, "summary": "停水" });
    let contact = text(&ann.post("/api/contacts", &contact).expect(201).json()["id"]).to_owned();
    let case = Centre::open(&mut ann, "路灯");
    let file = upload(
        &mut ann,
        &format!("/api/cases/{case}/files?name=a.txt"),
        "你好".as_bytes(),
    )
    .expect(201)
    .json();
    let file = text(&file["id"]).to_owned();
    for path in [
        format!("/api/customers/{customer}"),
        format!("/api/customers/{customer}/cases"),
        format!("/api/customers/{customer}/contacts"),
        format!("/api/customers/{customer}/looks"),
        format!("/api/customers/{customer}/alike"),
        format!("/api/contacts/{contact}"),
        format!("/api/contacts/{contact}/files"),
        format!("/api/cases/{case}/files"),
        format!("/api/cases/{case}/contacts"),
        format!("/api/files/{file}"),
    ] {
        ann.get(&path).expect(200);
        let answer = wu.get(&path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    let reason = json!({ "reason": "看一看" });
    for (path, body) in [
        (
            format!("/api/customers/{customer}/unmask"),
            json!({ "no": 1, "reason": "看一看" }),
        ),
        (format!("/api/customers/{customer}/data"), reason.clone()),
        (format!("/api/customers/{customer}/erasure"), reason),
        (
            format!("/api/customers/{customer}/part"),
            json!({ "other": "1", "reason": "看一看" }),
        ),
        (
            format!("/api/cases/{case}/unmask"),
            json!({ "field": "matter", "reason": "看一看" }),
        ),
    ] {
        let answer = wu.post(&path, &body);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    // Nor does a file of another's case get into one's own form
    let own = Centre::open(&mut wu, "水泵");
    let named = json!({ "input": { "note": "x", "files": [file] } });
    let answer = wu.post(&format!("/api/cases/{own}/actions/note"), &named);
    assert!(answer.status >= 400, "{}", answer.text);
    for path in ["/api/customers", "/api/contacts"] {
        assert_eq!(wu.get(path).expect(200).json()["items"], json!([]), "{path}");
    }
}

#[test]
fn attack_bombs_are_refused_and_the_server_stands() {
    let centre = centre();
    let mut ann = centre.log_in("ann");
    // A drawing of 60,000 by 60,000 points in a few bytes
    let chunk = |kind: &[u8; 4], contents: &[u8]| {
        let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
        [&length[..], kind, contents, &[0; 4]].concat()
    };
    let size = 60_000u32.to_be_bytes();
    let header = [&size[..], &size, &[8, 0, 0, 0, 0]].concat();
    let bomb = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"IDAT", b"x"),
        chunk(b"IEND", b""),
    ]
    .concat();
    upload(&mut ann, "/api/files?name=a.png", &bomb).expect(422);
    // JSON nested a hundred thousand deep
    let deep = "[".repeat(100_000);
    let body = format!("{{\"name\":\"x\",\"about\":{deep}");
    let headers = [("content-type", "application/json")];
    let answer = ann
        .send("POST", "/api/customers", &headers, Some(body.into_bytes()))
        .unwrap();
    assert_eq!(answer.status, 400, "{}", answer.text);
    // More numbers than a record holds
    let numbers: Vec<Value> = (0..5000)
        .map(|n| json!({ "number": format!("1390000{n:04}") }))
        .collect();
    ann.post(
        "/api/customers",
        &json!({ "name": "x", "about": { "numbers": numbers } }),
    )
    .expect(422);
    ann.get("/api/session").expect(200);
}

#[test]
fn attack_looking_at_numbers_in_bulk_is_stopped() {
    let centre = centre();
    let mut ann = centre.log_in("ann");
    let customer = ann
        .post(
            "/api/customers",
            &json!({ "name": "沈立群", "phone": "13900002207" }),
        )
        .expect(201)
        .json();
    let path = format!("/api/customers/{}/unmask", text(&customer["id"]));
    let look = json!({ "no": 1, "reason": "联系客户" });
    for _ in 0..60 {
        ann.post(&path, &look).expect(200);
    }
    let stopped = ann.post(&path, &look).expect(429);
    assert!(stopped.headers["retry-after"].parse::<u32>().unwrap() > 0);
}
