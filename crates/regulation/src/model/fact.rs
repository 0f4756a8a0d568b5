//! Facts (named questions about other records), questions for people, uniqueness, samples.

use calendar::{DayRule, Limit};

use super::{ClauseRef, Opening, Who};
use crate::expression::Expression;
use crate::source::Said;

/// What a fact measures over the records it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many.
    Count,
    /// How many different customers.
    Customers,
    /// Whether there is any.
    Exists,
    /// The newest one's time.
    Latest,
    /// The sum of a number field.
    Sum(String),
    /// Which they are, by their ids: asked by the engine to link them, no pack writes it.
    Cases,
}

/// Over which stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// Ever.
    Ever,
    /// The last so long.
    Last(Limit),
    /// The calendar month of the act.
    ThisMonth,
    /// The calendar day of the act.
    Today,
}

/// Which records count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// All but void ones.
    All,
    /// Not ended.
    Open,
    /// Ended.
    Ended,
}

/// A named question about other records, answered by the shell.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Key: `facts.raised_before`.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// What is measured.
    pub measure: Measure,
    /// Over cases of this procedure.
    pub of: String,
    /// Alike in these fields: key of the other record, and what it must equal here.
    pub same: Vec<(String, Expression)>,
    /// Over which time.
    pub within: Window,
    /// Which records.
    pub among: Among,
    /// Whether the case itself counts.
    pub with_itself: bool,
    /// Guards an act: evaluated again inside the write and compared (WFM-2).
    pub guarding: bool,
}

/// Why a question is raised.
#[derive(Clone, Debug)]
pub enum Cause {
    /// A condition, usually over facts.
    When(Expression),
    /// Time: this long after the contact reached us, still open.
    After(Limit),
    /// So many customers say alike things at the same time; found outside the engine and brought with the command
    /// *raise*.
    Alike(Alike),
}

/// What makes alike texts a cause (CMP-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Fields that must be equal beside the texts' likeness.
    pub same: Vec<String>,
    /// How many customers, this case's own among them.
    pub customers: u32,
    /// How far apart their contacts may lie.
    pub within: Limit,
}

/// Raised by the engine, answered by a person (CMP-2).
#[derive(Clone, Debug)]
pub struct Question {
    /// Key in the pack.
    pub key: String,
    /// What is asked.
    pub title: Said,
    /// The clause behind it.
    pub clause: ClauseRef,
    /// Who answers.
    pub ask: Vec<Who>,
    /// Raised only while this holds.
    pub only: Option<Expression>,
    /// Each cause raises it at most once per case.
    pub raised_when: Vec<Cause>,
    /// Fields written on yes.
    pub yes_sets: Vec<(String, Expression)>,
    /// Fields written on no.
    pub no_sets: Vec<(String, Expression)>,
    /// On yes, cases that are linked under one joint case.
    pub links: Option<Links>,
}

/// Cases linked under one joint case (CMP-2).
#[derive(Clone, Debug)]
pub struct Links {
    /// The fact that finds the others.
    pub fact: String,
    /// The joint case, opened unless one of them is linked to one already.
    pub joint: Opening,
}

/// Something that may happen only once (MAL-11): the joined, normalised fields are claimed.
#[derive(Clone, Debug)]
pub struct Unique {
    /// Name of the claim, shared across pack versions.
    pub name: String,
    /// The clause behind it.
    pub clause: ClauseRef,
    /// Claimed when this action is done; `None` at opening.
    pub on: Option<String>,
    /// Fields joined.
    pub fields: Vec<String>,
    /// What is said when it is taken.
    pub say: Said,
}

/// A reproducible random draw over ended cases (CMP-6).
#[derive(Clone, Debug)]
pub struct Sample {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// The clause behind it.
    pub clause: ClauseRef,
    /// Which cases form the population.
    pub of: Expression,
    /// Least share in tenths of a percent.
    pub at_least: u32,
    /// Each one drawn opens a case.
    pub opens: Opening,
    /// How long the opened case has, from the end of the sampled one.
    pub within: Limit,
    /// Overrides of the calendar.
    pub day: DayRule,
}
