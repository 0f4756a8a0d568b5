//! Deciding: `needs` says what must be asked of other records, `decide` turns a command into events or a refusal.
//!
//! Both are pure. The shell answers the facts between the two, commits the events with the decision's conditions as
//! one batch, and on a conflict reads and decides again.

mod command;
mod organisation;
mod outcome;
mod refusal;

pub use command::{Command, Opened};
pub use organisation::{Actor, Facts, Holding, Mode, Organisation, Setting};
pub use outcome::{Decision, FactQuery, Followup, Needs, NumberNeed, Claim};
pub use refusal::{FieldProblem, Refusal};
