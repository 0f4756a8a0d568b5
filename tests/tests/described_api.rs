//! Requests made up from the API's own description, right ones and wrong ones, against the real binary on a small centre: no
//! server error, and no answer that the description does not name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::path::PathBuf;
use std::process::Command;

use system_tests::{Backend, Centre, PASSWORD, Starter, project};

/// What would end the log-in that the requests are made with, now that ids are learned from what was answered, or never ends
/// itself.
const LEFT_OUT: [&str; 6] = [
    "logout",
    "live",
    "end_session",
    "end_sessions",
    "deactivate_person",
    "set_a_temporary_password",
];

/// Who asks, and for how many seconds: those who together may nearly everything (nobody holds two administrations), and
/// somebody who may little.
const PEOPLE: [(&str, &str); 4] = [
    ("system", "45"),
    ("security", "30"),
    ("audit", "15"),
    ("ann", "30"),
];

/// What the first of them hold.
const HELD: [(&str, &[&str]); 3] = [
    ("system", &["system_admin@centre", "service_lead@centre"]),
    ("security", &["security_admin@centre"]),
    ("audit", &["audit_admin@centre"]),
];

/// The program that makes the requests up; `None`, and a line on standard error, where it is not installed.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("SHOUWEN_SCHEMATHESIS").map(PathBuf::from);
    let program = named.unwrap_or_else(|| project().join(".tools/schemathesis/bin/st"));
    if program.is_file() {
        return Some(program);
    }
    eprintln!("left out: schemathesis is not installed (cargo xtask test installs it)");
    None
}

#[test]
fn made_up_requests_find_no_server_error_and_no_undocumented_answer() {
    let Some(program) = program() else { return };
    let place = Starter::new(Backend::Sqlite)
        .unwrap()
        .env("SHOUWEN_LIMITS", "off");
    Centre::furnish(&place);
    for (login, functions) in HELD {
        let mut words = vec!["user", "add", login, "--name", "管理员"];
        words.extend(functions.iter().flat_map(|held| ["--function", held]));
        place.run_with(&words, PASSWORD).expect_success();
    }
    let server = place.start();
    let mut ann = server.log_in("ann", PASSWORD);
    for number in 0..10 {
        Centre::open(&mut ann, &format!("路灯{number}"));
    }
    let description = server.place().run(&["openapi"]).expect_success().stdout;
    let file = server.place().folder().join("openapi.json");
    std::fs::write(&file, &description).unwrap();
    let mut failed = Vec::new();
    for (login, seconds) in PEOPLE {
        let mut client = server.client();
        client.log_in(login, PASSWORD).expect(200);
        let mut command = Command::new(&program);
        command
            .arg("run")
            .arg(&file)
            .args(["--url", server.url()])
            .args([
                "--workers",
                "1",
                "--max-time",
                seconds,
                "--seed",
                "20261127",
                "--no-shrink",
            ])
            .args(["--phases", "examples,coverage,fuzzing", "--mode", "all"])
            .args([
                "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance",
            ])
            .args([
                "--suppress-health-check",
                "all",
                "--warnings",
                "off",
                "--request-timeout",
                "70",
            ])
            .args([
                "-H",
                &format!(
                    "Cookie: shouwen_session={}",
                    client.cookie("shouwen_session").unwrap()
                ),
            ])
            .args(["-H", &format!("X-CSRF-Token: {}", client.csrf().unwrap())])
            .current_dir(server.place().folder());
        for operation in LEFT_OUT {
            command.args(["--exclude-operation-id", operation]);
        }
        let output = command.output().unwrap();
        if !output.status.success() {
            failed.push(format!(
                "as {login}:\n{}",
                String::from_utf8_lossy(&output.stdout)
            ));
        }
        // The log-in outlived the requests: otherwise most of them met 401 and proved nothing.
        client.get("/api/session").expect(200);
    }
    assert!(failed.is_empty(), "{}\n{}", failed.join("\n"), server.log());
}
