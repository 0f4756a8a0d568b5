//! How packs are linked: overriding by name, clauses of their own pack, rights in every procedure, one hash over all.

#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;

use std::collections::BTreeMap;

use regulation::load::load;
use regulation::model::{ClauseRef, Pack};
use regulation::source::Files;

fn regulation(pack: &str, uses: &str) -> String {
    format!(
        "---\nlanguage: 1\npack: {pack}\ntitle: {{ zh: 规, en: R }}\nversion: \"1\"\n{uses}---\n- **1** 来事即办。\n"
    )
}

fn procedure(key: &str, title: &str) -> String {
    format!(
        "procedure: {key}\ntitle: {{ zh: 事, en: {title} }}\nnumber: \"{{n}}\"\nask: {{ subject: {{ title: {{ zh: 主题, en: Subject }} }} }}\n\
         stages:\n  begun: {{ zh: 始, en: Begun }}\n  done: {{ zh: 终, en: Done, end: yes }}\nactions:\n  \
         finish: {{ title: {{ zh: 办结, en: Finish }}, clause: \"1\", from: begun, by: anyone, to: done }}\n"
    )
}

fn files(parts: &[(&str, String)]) -> Files {
    parts.iter().map(|(path, text)| (*path, text.as_str())).collect()
}

fn library(packs: Vec<(&str, Files)>) -> BTreeMap<String, Files> {
    let mut all: BTreeMap<String, Files> = packs
        .into_iter()
        .map(|(name, files)| (name.to_owned(), files))
        .collect();
    all.entry("house".to_owned())
        .or_insert_with(|| files(&[("regulation.md", regulation("house", ""))]));
    all
}

fn loaded(own: &Files, library: &BTreeMap<String, Files>) -> Pack {
    load(own, library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap()
}

fn mistakes(own: &Files, library: &BTreeMap<String, Files>) -> Vec<String> {
    load(own, library)
        .unwrap_err()
        .into_sorted()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn what_a_pack_states_itself_replaces_what_it_uses() {
    let general = files(&[
        ("regulation.md", regulation("general", "")),
        ("a.yaml", procedure("a", "Theirs")),
        ("b.yaml", procedure("b", "Theirs")),
    ]);
    let own = files(&[
        ("regulation.md", regulation("own", "uses: [general]\n")),
        ("a.yaml", procedure("a", "Ours")),
    ]);
    let pack = loaded(&own, &library(vec![("general", general)]));
    assert_eq!(pack.procedure("a").unwrap().title.en, "Ours");
    assert_eq!(pack.procedure("b").unwrap().title.en, "Theirs");
    assert_eq!(&*pack.procedure("b").unwrap().stated_in, "general");
    assert_eq!(pack.uses, ["general@1", "house@1"]);
    // The same number is a clause of each pack.
    let clause = |key: &str| {
        pack.procedure(key)
            .unwrap()
            .action("finish")
            .unwrap()
            .clause
            .clone()
            .unwrap()
    };
    assert_eq!(
        clause("a"),
        ClauseRef {
            pack: "own".into(),
            clause: "1".into()
        }
    );
    assert_eq!(
        clause("b"),
        ClauseRef {
            pack: "general".into(),
            clause: "1".into()
        }
    );
    assert_eq!(
        pack.clauses
            .iter()
            .map(|clause| clause.id.to_string())
            .collect::<Vec<_>>(),
        ["own.1", "general.1", "house.1"]
    );
}

#[test]
fn two_used_packs_that_state_the_same_name_are_ambiguous_until_one_uses_the_other() {
    let one = |uses: &str| {
        files(&[
            ("regulation.md", regulation("one", uses)),
            ("a.yaml", procedure("a", "One")),
        ])
    };
    let two = files(&[
        ("regulation.md", regulation("two", "")),
        ("a.yaml", procedure("a", "Two")),
    ]);
    let own = files(&[("regulation.md", regulation("own", "uses: [one, two]\n"))]);
    let found = mistakes(&own, &library(vec![("one", one("")), ("two", two.clone())]));
    assert_eq!(
        found,
        [
            "one/a.yaml:1:12: The packs one and two both state \"a\", and neither uses the other. State it in this pack itself, or \
          rename one of them."
        ]
    );
    let pack = loaded(&own, &library(vec![("one", one("uses: [two]\n")), ("two", two)]));
    assert_eq!(pack.procedure("a").unwrap().title.en, "One");
}

#[test]
fn packs_that_use_each_other_are_refused() {
    let one = files(&[("regulation.md", regulation("one", "uses: [own]\n"))]);
    let own = files(&[("regulation.md", regulation("own", "uses: [one]\n"))]);
    let found = mistakes(&own, &library(vec![("one", one), ("own", own.clone())]));
    assert!(
        found[0].contains("use each other in a circle: own → one → own"),
        "{found:?}"
    );
}

#[test]
fn rights_are_part_of_every_procedure_unless_it_has_an_action_of_that_name() {
    let rights = |key: &str| {
        format!(
            "rights:\n  {key}:\n    title: {{ zh: 催, en: Urge }}\n    clause: \"1\"\n    from: any open\n    by: anyone\n    \
             ask: {{ words: {{ title: {{ zh: 话, en: Words }} }} }}\n    sets: {{ urged: \"case.urged + 1\" }}\n"
        )
    };
    let with = |key: &str| {
        let house = files(&[
            ("regulation.md", regulation("house", "")),
            ("rights.yaml", rights(key)),
        ]);
        let own = files(&[
            ("regulation.md", regulation("own", "")),
            ("a.yaml", procedure("a", "Ours")),
        ]);
        loaded(&own, &library(vec![("house", house)]))
    };
    let pack = with("urge");
    let procedure = pack.procedure("a").unwrap();
    assert_eq!(
        procedure
            .actions
            .iter()
            .map(|action| action.key.as_str())
            .collect::<Vec<_>>(),
        ["finish", "urge"]
    );
    assert_eq!(
        procedure
            .action("urge")
            .unwrap()
            .clause
            .as_ref()
            .unwrap()
            .to_string(),
        "house.1"
    );
    assert!(procedure.fields.contains_key("words"));
    let pack = with("finish");
    let procedure = pack.procedure("a").unwrap();
    assert_eq!(procedure.actions.len(), 1);
    assert!(!procedure.fields.contains_key("words"));
    assert_eq!(pack.rights.len(), 1);
}

#[test]
fn facts_tell_the_procedure_they_count_what_to_index() {
    let library = fixture::library(&fixture::fixtures());
    let pack = loaded(&library["hard-cases"], &library);
    let indexed = |key: &str| {
        pack.procedure(key)
            .unwrap()
            .indexed
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        indexed("complaint"),
        [
            "complaint:customer+matter",
            "complaint:area+matter",
            "complaint:area+matter+customer"
        ]
    );
    assert_eq!(indexed("damaged_part"), ["damaged_part:#volume_cm3"]);
    assert_eq!(indexed("swap"), ["swap:person", "swap:person+shift"]);
}

#[test]
fn the_hash_covers_the_used_packs_and_no_line_ends() {
    let own = files(&[
        ("regulation.md", regulation("own", "")),
        ("a.yaml", procedure("a", "Ours")),
    ]);
    let windows = files(&[
        ("regulation.md", regulation("own", "").replace('\n', "\r\n")),
        ("a.yaml", format!("\u{feff}{}", procedure("a", "Ours"))),
    ]);
    let plain = library(Vec::new());
    let other = library(vec![(
        "house",
        files(&[("regulation.md", regulation("house", "").replace("来事", "有事"))]),
    )]);
    let hash = loaded(&own, &plain).hash;
    assert_eq!(hash.len(), 64);
    assert_eq!(loaded(&windows, &plain).hash, hash);
    assert_ne!(loaded(&own, &other).hash, hash);
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let own = files(&[
        ("regulation.md", regulation("own", "")),
        (
            "a.yaml",
            procedure("a", "Ours")
                .replace("to: done", "to: doen")
                .replace("by: anyone", "by: anybdy"),
        ),
        (
            "b.yaml",
            procedure("b", "Ours").replace("clause: \"1\"", "clause: \"2\""),
        ),
        ("c.yaml", "procedure: c\n\ttitle: x\n".to_owned()),
    ]);
    let found = mistakes(&own, &library(Vec::new()));
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(
        found.iter().any(|line| line.starts_with("c.yaml:2:1:")),
        "{found:#?}"
    );
}

#[test]
fn a_scalar_stays_what_is_written() {
    let text = procedure("a", "Ours")
        .replace("number: \"{n}\"", "number: 0037{n}")
        .replace("en: Begun", "en: no");
    let own = files(&[
        ("regulation.md", regulation("own", "").replace("\"1\"", "4.10")),
        ("a.yaml", text),
    ]);
    let pack = loaded(&own, &library(Vec::new()));
    assert_eq!(pack.version, "4.10");
    assert_eq!(pack.procedure("a").unwrap().number.prefix, "0037");
    assert_eq!(pack.procedure("a").unwrap().stages[0].title.en, "no");
}

#[test]
fn a_used_pack_must_call_itself_as_it_is_used() {
    let general = files(&[("regulation.md", regulation("generall", ""))]);
    let own = files(&[("regulation.md", regulation("own", "uses: [general]\n"))]);
    let found = mistakes(&own, &library(vec![("general", general)]));
    assert_eq!(
        found,
        [
            "general/regulation.md:3:7: This pack is used as \"general\" but calls itself \"generall\". Write `pack: general`, or \
          rename its folder."
        ]
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    /// Whatever is torn out of a file or put into it, reading ends, and a pack comes out only without mistakes.
    #[test]
    fn a_torn_file_is_told_and_never_breaks_the_reader(
        which in 0usize..64,
        at in 0.0f64..1.0,
        length in 0usize..40,
        put in "[ -~\n：，投诉{}\\[\\]\"']{0,12}",
    ) {
        let library = fixture::library(&fixture::fixtures());
        let files = &library["hard-cases"];
        let file = files.iter().nth(which % files.len()).unwrap();
        let letters: Vec<char> = file.text.chars().collect();
        let at = (at * letters.len() as f64) as usize;
        let torn: String =
            letters[..at].iter().chain(put.chars().collect::<Vec<_>>().iter()).chain(letters.iter().skip(at + length)).collect();
        let files = fixture::with(files, &file.path, &torn);
        let checked = regulation::check::check(&files, &library);
        proptest::prop_assert_eq!(checked.pack.is_some(), checked.mistakes.is_empty());
        if checked.pack.is_some() {
            proptest::prop_assert!(regulation::trial::run(&files, &library).is_ok());
        }
    }
}
