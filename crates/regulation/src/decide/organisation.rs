//! What a decision knows about people, units and other records.

use std::collections::BTreeMap;

use calendar::{Calendar, Moment};

use super::Other;
use crate::case::FieldValue;
use crate::{Id, Pack};

/// Units as a tree, and the working time of each.
pub trait Organisation: Sync {
    /// Whether `unit` is `above` or lies inside it.
    fn within(&self, unit: Id, above: Id) -> bool;
    /// The working time of a unit under this pack: its own or the pack's default.
    fn calendar(&self, pack: &Pack, unit: Option<Id>) -> &Calendar;
}

/// A function held in a unit at the moment of the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The function's key.
    pub function: String,
    /// Where.
    pub unit: Id,
    /// Held for someone absent: his id (delegation with dates, CMP-7).
    pub on_behalf_of: Option<Id>,
}

/// Who acts.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The person; `None` is the engine.
    pub person: Option<Id>,
    /// Functions held now.
    pub holdings: Vec<Holding>,
    /// Certificates valid now (MAL-7).
    pub certificates: Vec<String>,
}

/// Whether what is decided is sent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As it happens.
    Live,
    /// Imports and demo data: events and clause records, nothing sent; the act's own time is taken as given.
    Historic,
}

/// Everything around a decision.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The pack: the case's pinned one, or the one in force for an opening.
    pub pack: &'a Pack,
    /// Units and working time.
    pub organisation: &'a dyn Organisation,
    /// Who acts.
    pub actor: &'a Actor,
    /// When it happens.
    pub now: Moment,
    /// For draws.
    pub seed: u64,
    /// Live or historic.
    pub mode: Mode,
}

/// Answers of the shell, by [`super::FactQuery::id`], and what it allots.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Values by query id; times as milliseconds.
    pub values: BTreeMap<String, FieldValue>,
    /// Running numbers by series, in the order asked.
    pub numbers: BTreeMap<String, Vec<i64>>,
    /// Ids for new cases.
    pub ids: Vec<Id>,
    /// The other cases that were asked for and exist.
    pub others: BTreeMap<Id, Other>,
}
