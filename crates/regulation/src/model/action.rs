//! What people (or a deadline) can do to a case.

use super::{ClauseRef, Field, Telling, Who};
use crate::expression::Expression;
use crate::source::Said;

/// From which stages an action is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// These stages.
    Stages(Vec<String>),
    /// Every stage that is not an end (rights, GEN-19).
    AnyOpen,
    /// Every stage, ends too.
    Always,
}

/// A condition with the sentence of its refusal.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The clause that forbids.
    pub clause: ClauseRef,
    /// Must hold.
    pub that: Expression,
    /// What is said when it does not.
    pub say: Said,
}

/// Where an action leads; the first whose condition holds is taken.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The stage to go to; `None` stays.
    pub stage: Option<String>,
    /// Taken when this holds; `None` always.
    pub when: Option<Expression>,
    /// Begins the next round (a changed plan, CMP-3).
    pub next_round: bool,
}

/// A deadline satisfied without the act, with a reason (CMP-4).
#[derive(Clone, Debug)]
pub struct Exemption {
    /// The deadline's key.
    pub deadline: String,
    /// When.
    pub when: Option<Expression>,
    /// The reason as printed; the field's option label is used where `None`.
    pub reason: Option<Said>,
}

/// Where a value written by an action comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Who acts.
    Actor,
    /// The time of the act.
    Now,
    /// An expression over `case`, `input`, `facts`.
    Value(Expression),
}

/// Cases that an action opens (GEN-22, CMP-2).
#[derive(Clone, Debug)]
pub struct Opening {
    /// The procedure of the new case.
    pub procedure: String,
    /// One per row of this `Rows` field; `None` opens one.
    pub each: Option<String>,
    /// The parent cannot reach an end stage while it is open.
    pub gates: bool,
    /// Opened only when this holds.
    pub when: Option<Expression>,
    /// Fields of the new case. Inside rows, `input` is the row.
    pub fields: Vec<(String, Source)>,
}

/// A mark on a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its key.
    pub mark: String,
    /// The field that holds the customer.
    pub customer: String,
}

/// Where a case lists other cases: in a field, or in a column of a field's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The field of the case.
    pub field: String,
    /// The column of its rows.
    pub column: Option<String>,
}

/// An action of a procedure, or a right open on every case.
#[derive(Clone, Debug)]
pub struct Action {
    /// Key in the pack.
    pub key: String,
    /// The button: verb and object.
    pub title: Said,
    /// The clause it carries out.
    pub clause: Option<ClauseRef>,
    /// Where it is open.
    pub from: Start,
    /// Who may.
    pub by: Vec<Who>,
    /// Not by whoever did one of these actions on this case (WTR-10: handler ≠ closer).
    pub not_by_doer_of: Vec<String>,
    /// What is asked, in order.
    pub ask: Vec<Field>,
    /// Conditions with their refusals.
    pub needs: Vec<Guard>,
    /// Where it leads. Empty stays.
    pub to: Vec<Transition>,
    /// Values it writes besides what is typed. Known case keys: `handler`, `first_contact_owner`, `unit`,
    /// `supervised`, `urged`, `customer`.
    pub sets: Vec<(String, Source)>,
    /// Deadlines it exempts.
    pub exempt: Vec<Exemption>,
    /// Cases it opens.
    pub opens: Vec<Opening>,
    /// Stops the clocks that list the typed reason (GEN-7); names the `Choice` field that holds it.
    pub pauses: Option<String>,
    /// Lets stopped clocks run again.
    pub resumes: bool,
    /// Merges this case into the case named by this field; its clocks lapse with a pointer.
    pub merges_into: Option<String>,
    /// Links this case to the joint case named by this field (CMP-2).
    pub joins: Option<String>,
    /// Who is told, and what.
    pub tell: Vec<Telling>,
    /// Names released by this act (a reversal frees what it had claimed).
    pub releases: Vec<String>,
    /// Sets this mark on the customer that the named field of the case holds (GEN-12).
    pub marks: Option<Mark>,
    /// Takes this mark of the case's off again.
    pub unmarks: Option<String>,
    /// Erases the contents of the cases listed there (GEN-14).
    pub erases: Option<Listed>,
    /// Ends the case as void: running clocks lapse and no result is owed.
    pub void: bool,
}
