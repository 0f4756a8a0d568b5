//! What loading cannot see: whether the procedures can run and every clause is carried.

mod clauses;
mod closing;
mod graph;
mod messages;
mod procedures;

use std::collections::BTreeSet;

pub use clauses::carried;
pub use graph::{Exploration, explore};

use crate::load::{self, Library};
use crate::model::Pack;
use crate::source::{Files, Mistake, Mistakes};

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The pack, if there is no mistake in it.
    pub pack: Option<Pack>,
    /// Every mistake by file, line and column.
    pub mistakes: Vec<Mistake>,
}

/// Reads, links and checks a pack; every mistake at once.
pub fn check(files: &Files, library: &dyn Library) -> Checked {
    let reading = Mistakes::new();
    let running = Mistakes::new();
    let carrying = Mistakes::new();
    let pack = load::read(files, library, &reading, |pack, all| {
        for (key, outline) in &all.outlines {
            // A used pack is checked by itself.
            if outline.stated.pack.name != pack.name {
                continue;
            }
            if let Some(procedure) = pack.procedures.get(*key) {
                procedures::check(procedure, outline, &running);
                closing::check(procedure, outline, &running);
            }
        }
        messages::check(&pack, all, &running);
        // The program itself carries the house's clauses.
        if *pack.name != *load::HOUSE {
            clauses::check(&pack, all, &carrying);
        }
        pack
    });
    let all = Mistakes::new();
    let reading = reading.into_sorted();
    // Where a file could not be read in full, its procedure is not whole, and what follows from that is no news.
    let torn: BTreeSet<_> = reading.iter().map(|mistake| mistake.place.file.clone()).collect();
    all.extend(
        running
            .into_sorted()
            .into_iter()
            .filter(|mistake| !torn.contains(&mistake.place.file)),
    );
    // What could not be read in full may be what carries a clause.
    if reading.is_empty() {
        all.extend(carrying.into_sorted());
    }
    all.extend(reading);
    let mistakes = all.into_sorted();
    Checked {
        pack: pack.filter(|_| mistakes.is_empty()),
        mistakes,
    }
}
