//! A pack's own tests in words, run against the engine in a small world in memory.

mod expect;
mod given;
mod openings;
mod refused;
mod steps;
mod typed;
mod world;

use std::sync::Arc;

use crate::load::field::said;
use crate::load::{self, Library};
use crate::model::Pack;
use crate::source::{Files, Mistake, Mistakes, Node, Place, Said};

/// How one test came out.
#[derive(Debug)]
pub struct Trial {
    /// What it shows.
    pub name: Said,
    /// The rules it proves.
    pub rules: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// What came out otherwise, by file, line and column; empty: it holds.
    pub failures: Vec<Mistake>,
}

impl Trial {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Runs the tests of a pack (`tests/*.yaml`).
///
/// # Errors
/// Every mistake, if the pack does not load.
pub fn run(files: &Files, library: &dyn Library) -> Result<Vec<Trial>, Mistakes> {
    let mistakes = Mistakes::new();
    let trials = load::read(files, library, &mistakes, |pack, reading| {
        if !mistakes.is_empty() {
            return Vec::new();
        }
        let pack: Arc<Pack> = Arc::new(pack);
        let tests = reading
            .all
            .tests
            .iter()
            .filter_map(|file| file.get("tests"))
            .flat_map(Node::one_or_many);
        tests.map(|test| one(&pack, test)).collect()
    });
    match trials {
        Some(trials) if mistakes.is_empty() => Ok(trials),
        _ => Err(mistakes),
    }
}

fn one(pack: &Arc<Pack>, test: &Node) -> Trial {
    let failures = Mistakes::new();
    steps::run(pack, test, &failures);
    let rules = test.get("rules").map(Node::one_or_many).unwrap_or_default();
    Trial {
        name: said(test, "name"),
        rules: rules
            .iter()
            .filter_map(|node| node.as_text().map(str::to_owned))
            .collect(),
        place: test.place.clone(),
        failures: failures.into_sorted(),
    }
}
