//! The regulation: a company's written service rules as data, and the decisions that follow from them.
//!
//! Knows: the pack language (source files with places, the typed model, the checks), the state of a case, the
//! events that make it, and `needs`/`decide`, which turn a command into events or a refusal.
//!
//! Never: reads a clock, draws a random number, opens a file, a socket or a database, or knows an industry.
//! Time, seeds, facts about other records and the organisation come in as arguments.
//!
//! The way through: `source` (text with places) → `load` (files → [`model::Pack`], every mistake at once) →
//! [`needs`] (what must be asked of other records) → [`decide()`] (events or [`Refusal`]) → [`Case::apply`].
//! Beside it: `schema` (what a file may hold), `check` (whether a pack can run), `trial` (its own tests in words).
//!
//! Carries the mechanisms behind GEN-2…8, GEN-11…15, GEN-19…25, CMP-1…19, QLT-1…6; the rules themselves stand in
//! packs.

pub mod case;
pub mod check;
pub mod decide;
pub mod expression;
pub mod id;
pub mod load;
pub mod message;
pub mod model;
pub mod schema;
pub mod source;
pub mod trial;

pub use case::{Case, Change, Clock, ClockState, Event, EventKind, FieldValue, Fields};
pub use decide::{
    Actor, Command, Decision, Facts, Holding, Needs, Organisation, Refusal, Setting, decide, needs,
};
pub use id::Id;
pub use model::Pack;
pub use source::Said;
