//! The files for deploying: the service unit is what systemd takes, the container file copies what is there, and the
//! settings shown are settings that the program reads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::process::Command;

use system_tests::{Backend, Starter, project};

#[test]
fn the_service_unit_is_one() {
    let unit = std::fs::read_to_string(project().join("deploy/shouwen.service")).unwrap();
    let settings = std::fs::read_to_string(project().join("deploy/shouwen.toml")).unwrap();
    // What the unit lets the program write to holds all that the settings name.
    let writes = unit
        .lines()
        .find_map(|line| line.strip_prefix("ReadWritePaths="))
        .unwrap();
    for key in ["data", "file", "folder"] {
        let path = settings
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key} = \"")))
            .unwrap()
            .trim_end_matches('"');
        assert!(writes.split(' ').any(|place| path.starts_with(place)), "{path}");
    }
    // systemd's own check, with a program that is there in place of the one that will be.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shouwen.service");
    let here = unit.replace("/usr/local/bin/shouwen", system_tests::binary().to_str().unwrap());
    std::fs::write(&file, here).unwrap();
    let Ok(output) = Command::new("systemd-analyze").arg("verify").arg(&file).output() else {
        eprintln!("left out: there is no systemd-analyze here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let about_it: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("shouwen.service"))
        .collect();
    assert!(about_it.is_empty(), "{said}");
}

#[test]
fn the_container_file_copies_what_is_there() {
    let text = std::fs::read_to_string(project().join("deploy/Containerfile")).unwrap();
    let mut copied = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        if line.starts_with("--from=") {
            continue;
        }
        let mut paths: Vec<&str> = line.split_whitespace().collect();
        paths.pop();
        for path in paths {
            copied += 1;
            // Built before the image is, and not kept in the tree.
            if path != "web/dist" {
                assert!(project().join(path).exists(), "{path}");
            }
        }
    }
    assert!(copied > 8);
    // Every member of the workspace is there, or the build stops at its first line.
    let workspace = std::fs::read_to_string(project().join("Cargo.toml")).unwrap();
    for member in ["crates", "tests", "xtask"] {
        assert!(
            workspace.contains(&format!("\"{member}")) && text.contains(&format!("COPY {member} {member}"))
        );
    }
}

#[test]
fn the_settings_shown_are_read_and_a_wrong_one_is_named() {
    let place = Starter::new(Backend::Sqlite).unwrap();
    let shown = std::fs::read_to_string(project().join("deploy/shouwen.toml")).unwrap();
    let file = place.folder().join("shown.toml");
    std::fs::write(&file, &shown).unwrap();
    // A command that needs no database reads them too.
    let words = ["openapi", "--config", file.to_str().unwrap()];
    place.run(&words).expect_success();
    for (wrong, says) in [
        (shown.replace("keep = 14", "kepe = 14"), "kepe"),
        (shown.replace("02:30", "half past two"), "half past two"),
        (
            format!("trusted_proxies = [\"proxy\"]\n{shown}"),
            "trusted_proxies",
        ),
    ] {
        std::fs::write(&file, wrong).unwrap();
        let output = place.run(&words);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stderr.contains(says), "{says}: {}", output.stderr);
    }
}
