//! Finer points of deciding, said in `fixtures/deciding` and run: facts that count the case itself, ranks, certificates,
//! signatures of the owning unit.

#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;

use regulation::check::check;
use regulation::trial::run;

#[test]
fn every_test_in_words_of_the_pack_deciding_holds() {
    let library = fixture::library(&fixture::fixtures());
    let checked = check(&library["deciding"], &library);
    let mistakes: Vec<String> = checked.mistakes.iter().map(ToString::to_string).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let trials = run(&library["deciding"], &library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap();
    let mut failed = Vec::new();
    for trial in &trials {
        failed.extend(trial.failures.iter().map(|failure| format!("{}: {failure}", trial.name.en)));
    }
    assert!(failed.is_empty(), "{failed:#?}");
    for rule in ["CMP-2", "CMP-7", "CMP-9", "PRP-5", "MAL-7", "STK-9"] {
        let is_shown = trials.iter().any(|trial| trial.rules.iter().any(|known| known == rule));
        assert!(is_shown, "{rule} has a test");
    }
}
