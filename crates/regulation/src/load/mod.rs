//! From files to a [`Pack`]: every name resolved, every condition compiled, every mistake at once.
//!
//! A pack is linked with the packs it uses by name: what it states itself replaces theirs of the same name, and so do
//! theirs what they use; there is no other inheritance. The house pack is used by every other one without saying so.

mod action;
mod approval;
mod beside;
mod conform;
mod deadline;
mod duty;
pub(crate) mod field;
pub(crate) mod gather;
pub(crate) mod here;
mod inquiry;
mod message;
mod named;
pub(crate) mod outline;
mod procedure;
mod scope;
mod statements;
pub(crate) mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use gather::{HOUSE, LANGUAGE};
pub use scope::field_type;

use gather::{SourcePack, Sources};
use here::{Here, Reading};
use outline::{Outline, outline};
use statements::{Stated, Statements};

use crate::model::{Action, BackDating, Pack, Procedure, Who};
use crate::source::{Files, Mistakes, Node, content_hash};

/// The files of packs that another one uses.
pub trait Library {
    /// The files of a pack by its name.
    fn files(&self, pack: &str) -> Option<Files>;
    /// The names of all packs, for suggestions.
    fn names(&self) -> Vec<String>;
}

impl Library for BTreeMap<String, Files> {
    fn files(&self, pack: &str) -> Option<Files> {
        self.get(pack).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

/// Reads and links a pack.
///
/// # Errors
/// Every mistake in its files and in those of the packs it uses.
pub fn load(files: &Files, library: &dyn Library) -> Result<Pack, Mistakes> {
    let mistakes = Mistakes::new();
    let pack = read(files, library, &mistakes, |pack, _| pack);
    match pack {
        Some(pack) if mistakes.is_empty() => Ok(pack),
        _ => Err(mistakes),
    }
}

/// Reads and links a pack, noting mistakes, and shows it with the files it came from.
pub(crate) fn read<R>(
    files: &Files,
    library: &dyn Library,
    mistakes: &Mistakes,
    then: impl FnOnce(Pack, &Reading<'_>) -> R,
) -> Option<R> {
    let sources = gather::gather(files, library, mistakes);
    let own = sources.own()?;
    let all = sources.statements(mistakes);
    let outlines: BTreeMap<&str, Outline<'_>> = all
        .procedures
        .iter()
        .map(|stated| (stated.key, outline(*stated, &all, mistakes)))
        .collect();
    let clauses = sources
        .packs
        .iter()
        .map(|pack| (pack.name.clone(), ids(pack)))
        .collect();
    let functions = all.functions.iter().map(|stated| stated.key).collect();
    let reading = Reading {
        mistakes,
        all: &all,
        own,
        outlines,
        functions,
        clauses,
    };
    let pack = link(&sources, own, &reading);
    Some(then(pack, &reading))
}

fn ids(pack: &SourcePack) -> BTreeSet<String> {
    pack.text.clauses().map(|(id, ..)| id.to_owned()).collect()
}

fn link(sources: &Sources, own: &SourcePack, reading: &Reading<'_>) -> Pack {
    let beside = Here::beside(reading, own);
    let mut procedures: BTreeMap<String, Procedure> = reading
        .outlines
        .iter()
        .map(|(key, outline)| ((*key).to_owned(), procedure::procedure(reading, outline)))
        .collect();
    index(&mut procedures);
    Pack {
        name: own.name.clone(),
        title: own.title.clone(),
        version: own.version.clone(),
        hash: content_hash(&sources.all).into(),
        effective: own.effective,
        language: own.language,
        uses: sources
            .packs
            .iter()
            .skip(1)
            .map(|pack| format!("{}@{}", pack.name, pack.version))
            .collect(),
        regulation: own.text.clone(),
        clauses: beside::clauses(sources, reading),
        document: beside::document(reading.all, own),
        calendars: beside::calendars(reading.all, reading.mistakes),
        functions: beside::functions(reading.all, reading.mistakes),
        forms: beside::forms(reading),
        procedures: procedures
            .into_iter()
            .map(|(key, procedure)| (key, Arc::new(procedure)))
            .collect(),
        rights: rights(own, reading),
        back_dating: back_dating(reading),
        obligations: duty::obligations(reading),
        figures: beside::figures(reading),
        phrases: beside::phrases(reading),
        readers: readers(sources, own, &beside),
    }
}

/// The pack's own readers, then those that the house names for every pack.
fn readers(sources: &Sources, own: &SourcePack, beside: &Here<'_, '_>) -> Vec<Who> {
    let mut readers = beside.people(&own.text.front, "readers");
    let house = sources
        .packs
        .iter()
        .find(|pack| &*pack.name == "house" && pack.name != own.name);
    if let Some(house) = house {
        for who in beside.people(&house.text.front, "readers") {
            if !readers.contains(&who) {
                readers.push(who);
            }
        }
    }
    readers
}

/// Who may back-date: as the pack itself says, or the first of those it uses.
fn back_dating(reading: &Reading<'_>) -> Option<BackDating> {
    let (pack, node) = reading.all.back_dating.first()?;
    let here = Here::beside(reading, pack);
    Some(BackDating {
        clause: here.clause(node, "clause")?,
        by: here.people(node, "by"),
    })
}

/// The rights by themselves, as a procedure without stages would have them.
fn rights(own: &SourcePack, reading: &Reading<'_>) -> Vec<Action> {
    let nothing = Node::empty_map(own.text.front.place.clone());
    let all: &Statements<'_> = reading.all;
    let place = &own.text.front.place;
    let key = "rights";
    // Stated nowhere: only the names of the rights themselves are known to them.
    let bare = Stated {
        pack: own,
        key,
        place,
        node: &nothing,
    };
    rights_of(bare, all, reading)
}

fn rights_of<'a>(bare: Stated<'a>, all: &Statements<'a>, reading: &Reading<'a>) -> Vec<Action> {
    let outline = outline(bare, all, &Mistakes::new());
    let here = Here::inside(reading, bare.pack, &outline);
    outline
        .rights
        .iter()
        .map(|right| here.stated_in(right.pack).action(right.key, right.node))
        .collect()
}

/// Writes at each procedure which facts count its cases.
fn index(procedures: &mut BTreeMap<String, Procedure>) {
    let mut wanted: Vec<(String, String, Vec<String>)> = Vec::new();
    for fact in procedures.values().flat_map(|procedure| &procedure.facts) {
        let fields = fact.same.iter().map(|(key, _)| key.clone()).collect();
        let entry = (fact.of.clone(), crate::decide::index_name(fact), fields);
        let customers = crate::decide::index_of_customers(fact);
        let customers = customers.map(|(name, fields)| (fact.of.clone(), name, fields));
        for entry in std::iter::once(entry).chain(customers) {
            if !wanted.contains(&entry) {
                wanted.push(entry);
            }
        }
    }
    for (procedure, name, fields) in wanted {
        if let Some(procedure) = procedures.get_mut(&procedure) {
            procedure.indexed.push((name, fields));
        }
    }
}
