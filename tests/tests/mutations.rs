//! Guards taken away on purpose: each patch in `tests/mutations` removes one, and the attack test that it names must fail
//! then. A patch that no longer fits is found by every run; that it is noticed, by the long one.
//!
//! A patch begins with the line `breaks: TEST_BINARY TEST_NAME`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use system_tests::project;
use tempfile::TempDir;

struct Mutation {
    patch: PathBuf,
    binary: String,
    test: String,
}

fn mutations() -> Vec<Mutation> {
    let mut patches: Vec<PathBuf> = std::fs::read_dir(project().join("tests/mutations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "patch"))
        .collect();
    patches.sort();
    let read = |patch: PathBuf| {
        let text = std::fs::read_to_string(&patch).unwrap();
        let words: Vec<&str> = text.lines().next().unwrap().split_whitespace().collect();
        let ["breaks:", binary, test] = words[..] else {
            panic!("{} begins with `breaks: TEST_BINARY TEST_NAME`", patch.display())
        };
        Mutation {
            binary: binary.to_owned(),
            test: test.to_owned(),
            patch,
        }
    };
    patches.into_iter().map(read).collect()
}

fn git(folder: &Path, words: &[&str]) -> Output {
    Command::new("git")
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A copy of the tree as it stands, with the web client as it was built, in a folder that lies apart from it.
fn copy() -> TempDir {
    let folder = TempDir::with_prefix("shouwen-mutated-").unwrap();
    let listed = git(
        &project(),
        &["ls-files", "--cached", "--others", "--exclude-standard"],
    );
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    for name in String::from_utf8(listed.stdout).unwrap().lines() {
        let (from, to) = (project().join(name), folder.path().join(name));
        if from.is_file() {
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(from, to).unwrap();
        }
    }
    std::fs::create_dir_all(folder.path().join("web/dist")).unwrap();
    folder
}

fn apply(folder: &Path, mutation: &Mutation, words: &[&str]) -> Output {
    let patch = mutation.patch.to_str().unwrap();
    git(folder, &[&["apply"], words, &[patch]].concat())
}

#[test]
fn every_mutation_fits_the_code() {
    let mutations = mutations();
    assert!(mutations.len() >= 6);
    for mutation in &mutations {
        let checked = apply(&project(), mutation, &["--check"]);
        assert!(
            checked.status.success(),
            "{} fits no more: {}",
            mutation.patch.display(),
            String::from_utf8_lossy(&checked.stderr)
        );
    }
}

#[test]
#[ignore = "builds the product once per mutation: cargo xtask test --full"]
fn every_mutation_is_noticed_by_its_attack() {
    let only = std::env::var("SHOUWEN_MUTATION").ok();
    let folder = copy();
    // One folder for what is built, so that only what a patch touches is built again.
    let target = project().join("target/mutations");
    let cargo = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(words).current_dir(folder.path());
        command
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("SHOUWEN_BIN")
            .env("CARGO_INCREMENTAL", "1");
        command.output().unwrap()
    };
    let mut unnoticed = Vec::new();
    for mutation in mutations() {
        let name = mutation.patch.file_stem().unwrap().to_str().unwrap();
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let applied = apply(folder.path(), &mutation, &[]);
        assert!(
            applied.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&applied.stderr)
        );
        let built = cargo(&["build", "--quiet", "-p", "shouwen"]);
        assert!(
            built.status.success(),
            "{name} does not build: {}",
            String::from_utf8_lossy(&built.stderr)
        );
        let test = [
            "test",
            "--quiet",
            "-p",
            "system-tests",
            "--test",
            &mutation.binary,
            "--",
            "--exact",
            &mutation.test,
        ];
        let ran = cargo(&test);
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        // A test that does not exist or did not run notices nothing.
        if ran.status.success() || !said.contains("1 failed") {
            unnoticed.push(format!(
                "{name}: {said}\n{}",
                String::from_utf8_lossy(&ran.stderr)
            ));
        }
        let back = apply(folder.path(), &mutation, &["-R"]);
        assert!(
            back.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&back.stderr)
        );
    }
    assert!(
        unnoticed.is_empty(),
        "these guards are missed by nobody:\n{}",
        unnoticed.join("\n")
    );
}
