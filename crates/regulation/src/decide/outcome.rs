//! What a decision asks for and what it yields.

use calendar::Moment;

use super::Command;
use crate::Id;
use crate::case::{Case, Event, FieldValue};
use crate::model::{Among, Measure};

/// A question about other records, answered by the shell before `decide`.
#[derive(Clone, Debug, PartialEq)]
pub struct FactQuery {
    /// Names the answer in [`super::Facts::values`]: the fact's key.
    pub id: String,
    /// The index it is looked up in: `complaint:customer+matter`.
    pub index: String,
    /// The joined values; `None` when a needed value is missing: the answer is then "none".
    pub key: Option<String>,
    /// What is measured.
    pub measure: Measure,
    /// Which records.
    pub among: Among,
    /// Not earlier than (by the time the contact reached us).
    pub since: Option<Moment>,
    /// Not this case.
    pub except: Option<Id>,
    /// Compared again inside the write.
    pub guarding: bool,
}

/// A running number the decision needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberNeed {
    /// The text before the number, worked out: a series of its own.
    pub series: String,
    /// How many.
    pub count: u32,
}

/// What `decide` must be given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// Facts.
    pub facts: Vec<FactQuery>,
    /// Numbers.
    pub numbers: Vec<NumberNeed>,
    /// New ids.
    pub ids: u32,
    /// Other cases that the command speaks of by their ids.
    pub others: Vec<Id>,
}

/// What must be known of another case that a command speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its number.
    pub number: String,
    /// Its procedure.
    pub procedure: String,
    /// Whether it has ended.
    pub ended: bool,
    /// Under a legal hold.
    pub held: bool,
    /// Until when it is kept; none while it has not ended, or where no clause says how long.
    pub retained_until: Option<Moment>,
    /// The joint case it is linked to.
    pub joint: Option<Id>,
}

impl Other {
    /// What a decision about another case may know of this one.
    pub fn of(case: &Case) -> Self {
        Other {
            number: case.number.clone(),
            procedure: case.procedure.clone(),
            ended: case.ended.is_some(),
            held: case.held,
            retained_until: case.retained_until,
            joint: case.joint,
        }
    }
}

/// A name that may be taken only once, across pack versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Name of the uniqueness rule.
    pub name: String,
    /// Normalised key.
    pub key: String,
    /// The case that holds it.
    pub case: Id,
}

/// What the shell must decide on another case in the same batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followup {
    /// Tell the parent that this case ended.
    Parent {
        /// The parent.
        parent: Id,
        /// The case that ended.
        case: Id,
        /// In which stage.
        stage: String,
    },
    /// Link a case to a joint case (CMP-2).
    Link {
        /// The case.
        case: Id,
        /// The joint case.
        joint: Id,
    },
    /// Let a joint case take in another one (CMP-2).
    Join {
        /// The joint case.
        joint: Id,
        /// The case that was linked.
        case: Id,
        /// Its number.
        number: String,
        /// Its procedure.
        procedure: String,
        /// Whether the joint case cannot end before it.
        gates: bool,
    },
}

impl Followup {
    /// The case it is for, and the command to it; the engine gives it.
    pub fn command(self) -> (Id, Command) {
        match self {
            Followup::Parent { parent, case, stage } => (parent, Command::SubcaseEnded { case, stage }),
            Followup::Link { case, joint } => (case, Command::Link { joint }),
            Followup::Join {
                joint,
                case,
                number,
                procedure,
                gates,
            } => (
                joint,
                Command::Join {
                    case,
                    number,
                    procedure,
                    gates,
                },
            ),
        }
    }
}

/// Events and the conditions under which they may be committed.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// Events of the case itself, in order.
    pub events: Vec<Event>,
    /// New cases with their events.
    pub opened: Vec<(Id, Vec<Event>)>,
    /// Facts that must still have these values at commit.
    pub guards: Vec<(FactQuery, Option<FieldValue>)>,
    /// Names taken.
    pub claims: Vec<Claim>,
    /// Names freed.
    pub releases: Vec<Claim>,
    /// Cases whose contents are erased, in the same write.
    pub erasures: Vec<Id>,
    /// What follows for other cases.
    pub followups: Vec<Followup>,
}
