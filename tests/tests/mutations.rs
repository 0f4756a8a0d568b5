//! Guards taken away on purpose: each patch in `tests/mutations` removes one, and the attack test that it names must fail
//! then. A patch that no longer fits, and a class of attacks without one, is found by every run; that each is noticed, by
//! the long one.
//!
//! A patch begins with the lines `breaks: TEST_BINARY TEST_NAME` and `class: CLASS`. It takes its guard away only where the
//! variable `SHOUWEN_MUTATION` holds its name: so all of them go into one copy of the product, which is built once, never
//! leaves this project's `target` and is run without a mutation first, then with one after the other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may end where it fails, and a long one says how far it is"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use system_tests::project;

/// What attacks there are, as the patches call them.
const CLASSES: [&str; 13] = [
    "object-level authorisation",
    "proxy headers",
    "predictable or eternal tokens",
    "undying set-password links",
    "mass assignment",
    "stored XSS",
    "SQL injection",
    "upload to code",
    "decompression and parser bombs",
    "SSRF in webhooks and gateways",
    "CSV/Excel formula injection",
    "brute force",
    "forged or replayed log-ins of a provider",
];

struct Mutation {
    patch: PathBuf,
    binary: String,
    test: String,
    class: String,
}

impl Mutation {
    fn name(&self) -> &str {
        self.patch.file_stem().unwrap().to_str().unwrap()
    }
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
        let mut lines = text.lines();
        let words: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        let class = lines.next().and_then(|line| line.strip_prefix("class: "));
        let (["breaks:", binary, test], Some(class)) = (&words[..], class) else {
            panic!(
                "{} begins with `breaks: TEST_BINARY TEST_NAME` and `class: CLASS`",
                patch.display()
            )
        };
        Mutation {
            binary: (*binary).to_owned(),
            test: (*test).to_owned(),
            class: class.to_owned(),
            patch,
        }
    };
    patches.into_iter().map(read).collect()
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

fn done(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}: {}", said(output));
}

/// The tree with every mutation in it, in a folder of its own below `target`, and what was built of it the last time.
struct Copy {
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Brings the copy up to date; only what changed is written, so that only that is built again. What this project has
    /// already built of its dependencies is linked in at the first time.
    fn up_to_date(mutations: &[Mutation]) -> Self {
        let place = project().join("target/mutations");
        let (fresh, tree, target) = (place.join("fresh"), place.join("tree"), place.join("target"));
        let _ = std::fs::remove_dir_all(&fresh);
        let mut listing = Command::new("git");
        listing.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let listed = output(listing.current_dir(project()));
        done(&listed, "git ls-files");
        for name in String::from_utf8(listed.stdout).unwrap().lines() {
            let (from, to) = (project().join(name), fresh.join(name));
            if from.is_file() {
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(from, to).unwrap();
            }
        }
        for mutation in mutations {
            done(&apply(&fresh, mutation, &[]), mutation.name());
        }
        let mut kept = BTreeSet::new();
        bring(&fresh, &tree, &mut kept);
        remove_others(&tree, &kept);
        std::fs::remove_dir_all(&fresh).unwrap();
        std::fs::create_dir_all(tree.join("web/dist")).unwrap();
        let built = project().join("target/debug");
        if !target.join("debug").exists() && built.join("deps").is_dir() {
            std::fs::create_dir_all(target.join("debug")).unwrap();
            let mut linking = Command::new("cp");
            linking.arg("-al").args(["deps", "build", ".fingerprint"]);
            let linked = output(linking.arg(target.join("debug")).current_dir(built));
            done(&linked, "linking what is built");
        }
        Copy { tree, target }
    }

    fn cargo(&self, mutation: &str, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO"));
        // What Cargo told this test of itself is not meant for another Cargo.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_")) {
            command.env_remove(name);
        }
        if let Some(home) = std::env::var_os("CARGO_HOME") {
            command.env("CARGO_HOME", home);
        }
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env("SHOUWEN_BIN", self.target.join("debug/shouwen"))
            .env("SHOUWEN_MUTATION", mutation);
        output(command.args(words).current_dir(&self.tree))
    }

    fn test(&self, mutation: &Mutation, switched: &str) -> Output {
        let words = [
            "test",
            "--quiet",
            "--workspace",
            "--test",
            &mutation.binary,
            "--",
            "--exact",
            &mutation.test,
        ];
        self.cargo(switched, &words)
    }
}

/// Writes what differs, and notes every file that belongs there.
fn bring(from: &Path, to: &Path, kept: &mut BTreeSet<PathBuf>) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            bring(&path, &there, kept);
            continue;
        }
        let content = std::fs::read(&path).unwrap();
        if std::fs::read(&there).ok().as_ref() != Some(&content) {
            std::fs::write(&there, content).unwrap();
        }
        kept.insert(there);
    }
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_others(&path, kept);
        } else if !kept.contains(&path) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

fn apply(folder: &Path, mutation: &Mutation, words: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.arg("apply").args(words).arg(&mutation.patch);
    // The copy lies within the project and must not be taken for a part of it.
    command.env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap());
    output(command.current_dir(folder))
}

#[test]
fn every_mutation_fits_the_code() {
    for mutation in &mutations() {
        let checked = apply(&project(), mutation, &["--check"]);
        done(&checked, &format!("{} fits no more", mutation.patch.display()));
        let switch = format!("one == \"{}\"", mutation.name());
        let text = std::fs::read_to_string(&mutation.patch).unwrap();
        let switched = text
            .lines()
            .any(|line| line.starts_with('+') && line.contains("SHOUWEN_MUTATION") && line.contains(&switch));
        assert!(
            switched,
            "{} is not switched by its name",
            mutation.patch.display()
        );
    }
}

#[test]
fn every_class_of_attacks_has_a_mutation() {
    let (mutations, known) = (mutations(), BTreeSet::from(CLASSES));
    let named: BTreeSet<&str> = mutations.iter().map(|one| &*one.class).collect();
    assert_eq!(named, known);
}

#[test]
#[ignore = "builds a copy of the product: cargo xtask test --full"]
fn every_mutation_is_noticed_by_its_attack() {
    let only = std::env::var("SHOUWEN_MUTATIONS").ok();
    let wanted = |name: &str| {
        only.as_deref()
            .is_none_or(|only| only.split(',').any(|one| one == name))
    };
    let mutations = mutations();
    let copy = Copy::up_to_date(&mutations);
    let begun = Instant::now();
    let say = |name: &str, what: &str| eprintln!("[{:5} s] {name}: {what}", begun.elapsed().as_secs());
    let binaries: BTreeSet<&str> = mutations.iter().map(|one| &*one.binary).collect();
    let tests = binaries.into_iter().flat_map(|name| ["--test", name]);
    let build: Vec<&str> = ["build", "--quiet", "--workspace", "--bin", "shouwen"]
        .into_iter()
        .chain(tests)
        .collect();
    done(
        &copy.cargo("", &build),
        "the product with all switches does not build",
    );
    say("all", "built");
    let chosen: Vec<&Mutation> = mutations.iter().filter(|one| wanted(one.name())).collect();
    assert!(!chosen.is_empty(), "there is no mutation {only:?}");
    // A test that fails by itself would notice everything.
    let mut tried = BTreeSet::new();
    for mutation in &chosen {
        if tried.insert((&mutation.binary, &mutation.test)) {
            let ran = copy.test(mutation, "");
            done(&ran, &mutation.test);
            assert!(said(&ran).contains("1 passed"), "{} did not run", mutation.test);
            say(&mutation.test, "passes as it stands");
        }
    }
    let mut unnoticed = Vec::new();
    for mutation in chosen {
        let ran = copy.test(mutation, mutation.name());
        // A test that does not exist or did not run notices nothing.
        if !ran.status.success() && said(&ran).contains("1 failed") {
            say(mutation.name(), "noticed");
        } else {
            say(mutation.name(), "MISSED");
            unnoticed.push(format!("{}: {}", mutation.name(), said(&ran)));
        }
    }
    assert!(
        unnoticed.is_empty(),
        "these guards are missed by nobody:\n{}",
        unnoticed.join("\n")
    );
}
