//! Every mistake that `check` finds, shown on a deliberately wrong pack: `fixtures/mistakes/*` each begin with the
//! messages that they must yield. `UPDATE_MESSAGES=1` writes them anew, to be read before they are committed.

#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;

use regulation::check::{check, explore};
use regulation::source::{Files, Language};

const HEAD: &str = "# mistake: ";

fn base() -> Files {
    fixture::folder(&fixture::fixtures().join("base"))
}

fn messages(name: &str, text: &str) -> Vec<String> {
    // A line that begins with `file:` in the name's second part says which file it stands for.
    let path = if name.ends_with(".md") {
        "regulation.md"
    } else {
        "wrong.yaml"
    };
    // The message that the base tells is put in place of its own.
    let path = if text.lines().any(|line| line == "message: note") {
        "note.yaml"
    } else {
        path
    };
    let mut files = fixture::with(&base(), path, text);
    if name.starts_with("tests_") {
        files = fixture::with(&base(), "tests/wrong.yaml", text);
    }
    let library = fixture::library(&fixture::fixtures());
    check(&files, &library)
        .mistakes
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn each_wrong_pack_yields_exactly_its_messages() {
    let update = std::env::var_os("UPDATE_MESSAGES").is_some();
    let mut names: Vec<_> = std::fs::read_dir(fixture::fixtures().join("mistakes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() > 30, "the fixtures are there");
    let mut wrong = Vec::new();
    for path in names {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        if name.ends_with(".md") {
            // The front matter must come first, so that the message stands behind the text.
            let expected: Vec<&str> = text
                .lines()
                .filter_map(|line| line.strip_prefix("<!-- mistake: ")?.strip_suffix(" -->"))
                .collect();
            let found = messages(&name, &text);
            if found != expected {
                wrong.push(format!("{name}\n  expected {expected:#?}\n  found {found:#?}"));
            }
            continue;
        }
        let expected: Vec<&str> = text.lines().map_while(|line| line.strip_prefix(HEAD)).collect();
        let found = messages(&name, &text);
        if update && found != expected {
            let body: Vec<&str> = text.lines().skip_while(|line| line.starts_with(HEAD)).collect();
            let body = body.join("\n");
            let lines = messages(&name, &body).len();
            let blank = format!("{}{body}\n", "#\n".repeat(lines));
            let head: String = messages(&name, &blank)
                .iter()
                .map(|message| format!("{HEAD}{message}\n"))
                .collect();
            std::fs::write(&path, format!("{head}{body}\n")).unwrap();
        } else if found != expected || found.is_empty() {
            wrong.push(format!("{name}\n  expected {expected:#?}\n  found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn windows_line_ends_move_no_place() {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(fixture::fixtures().join("mistakes")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (unix, windows) = (
            messages(&name, &text),
            messages(&name, &text.replace('\n', "\r\n")),
        );
        if unix != windows {
            wrong.push(format!("{name}\n  {unix:#?}\n  {windows:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_message_is_said_in_both_languages() {
    let library = fixture::library(&fixture::fixtures());
    for entry in std::fs::read_dir(fixture::fixtures().join("mistakes")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let files = fixture::with(&base(), "wrong.yaml", &text);
        for mistake in check(&files, &library).mistakes {
            let (zh, en) = (mistake.told(Language::Zh), mistake.told(Language::En));
            assert!(
                zh.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                "{zh}"
            );
            assert!(
                !mistake.reason.en.is_empty() && !mistake.remedy.en.is_empty(),
                "{en}"
            );
            assert!(
                !mistake.reason.zh.is_empty() && !mistake.remedy.zh.is_empty(),
                "{zh}"
            );
        }
    }
}

#[test]
fn the_base_and_the_hard_cases_hold_no_mistake() {
    let library = fixture::library(&fixture::fixtures());
    for name in ["base", "hard-cases", "house"] {
        let checked = check(&library[name], &library);
        let found: Vec<String> = checked.mistakes.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn from_every_state_of_a_shipped_pack_an_end_is_reachable() {
    let library = fixture::library(&fixture::packs());
    let mut states = 0;
    for (name, files) in &library {
        let checked = check(files, &library);
        let found: Vec<String> = checked.mistakes.iter().map(ToString::to_string).collect();
        let pack = checked.pack.unwrap_or_else(|| panic!("{name}: {found:#?}"));
        for procedure in pack.procedures.values() {
            let exploration = explore(procedure);
            assert!(
                exploration.is_sound(),
                "{name}.{}: {exploration:?}",
                procedure.key
            );
            states += exploration.states;
        }
    }
    assert!(states > 100, "{states} states were walked");
}

#[test]
fn every_test_in_words_of_the_shipped_packs_holds() {
    let library = fixture::library(&fixture::packs());
    let mut failed = Vec::new();
    let mut held = 0;
    for (name, files) in &library {
        let trials = regulation::trial::run(files, &library)
            .map_err(|mistakes| mistakes.into_sorted())
            .unwrap();
        held += trials.iter().filter(|trial| trial.holds()).count();
        for trial in trials {
            failed.extend(
                trial
                    .failures
                    .iter()
                    .map(|failure| format!("{name}: {}: {failure}", trial.name.en)),
            );
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(held > 40, "{held} tests in words hold");
}
