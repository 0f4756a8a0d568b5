//! A regulation pack after reading and linking: every name resolved, every condition compiled.
//!
//! The files of a pack say it in words (`docs/pack-language.md`); these types are what the words mean.

mod action;
mod deadline;
mod fact;
mod form;
mod message;
mod pack;
mod procedure;
mod who;

pub use action::{Action, Exemption, Guard, Listed, Mark, Opening, Source, Start, Transition};
pub use deadline::{Bound, Deadline, LimitChoice, Moves, Pauses, Repeat, Step, StepTime, Trigger};
pub use fact::{Alike, Among, Cause, Fact, Links, Measure, Question, Sample, Unique, Window};
pub use form::{Field, FieldKind, Form, Given, Required};
pub use message::{Channel, Content, Longest, Message, Part, Piece, Telling};
pub use pack::{
    BackDating, CalendarSpec, Clause, ClauseRef, ControlledDocument, Figure, Figured, Function, Obligation,
    Pack, PhraseGroup, UnusableCalendar,
};
pub use procedure::{Approval, ApprovalStep, NumberTemplate, Procedure, Stage};
pub use who::{UnitOf, Who};
