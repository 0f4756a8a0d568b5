//! Every pack that ships is without a mistake, and every one of its tests in words holds.

#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;

use regulation::check::check;
use regulation::trial::run;

#[test]
fn every_pack_that_ships_is_without_a_mistake() {
    let library = fixture::library(&fixture::packs());
    for name in ["house", "general", "complaints", "hotline", "manufacturer"] {
        assert!(library.contains_key(name), "{name} ships");
    }
    for (name, files) in &library {
        let checked = check(files, &library);
        let mistakes: Vec<String> = checked.mistakes.iter().map(ToString::to_string).collect();
        assert!(mistakes.is_empty(), "{name}: {mistakes:#?}");
        assert!(checked.pack.is_some(), "{name} loads");
    }
}

#[test]
fn every_test_in_words_of_the_packs_holds() {
    let library = fixture::library(&fixture::packs());
    let (mut ran, mut failed) = (0, Vec::new());
    for (name, files) in &library {
        let trials = run(files, &library)
            .map_err(|mistakes| mistakes.into_sorted())
            .unwrap();
        assert!(!trials.is_empty(), "{name} has tests of its own");
        ran += trials.len();
        for trial in &trials {
            let said = trial.failures.iter();
            failed.extend(said.map(|failure| format!("{name}: {}: {failure}", trial.name.en)));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(ran >= 150, "only {ran} tests ran");
}
