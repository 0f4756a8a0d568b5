//! A procedure: the written way one kind of case runs.

use calendar::Limit;

use super::{Action, ClauseRef, Deadline, Fact, Field, Question, Sample, Unique, Who};
use crate::expression::Expression;
use crate::source::Said;

/// A stage of a procedure; the first one is where a case begins.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// Whether a case ends here.
    pub end: bool,
}

/// `TS{date}-{n:4}`: text, the day, a running number with a least width. `n` starts anew with each text before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberTemplate {
    /// Text before the number; may hold `{date}` (yyyyMMdd), `{yymmdd}`, `{month}` (yyyyMM), `{year}`.
    pub prefix: String,
    /// Least width of the running number.
    pub width: u8,
    /// Text after it.
    pub suffix: String,
}

/// One step of an approval: one or several signers.
#[derive(Clone, Debug)]
pub struct ApprovalStep {
    /// Who signs; each is one signature.
    pub signers: Vec<Who>,
    /// How many of them are enough.
    pub need: u32,
    /// How long a signer may hand the right to a deputy (CMP-7).
    pub may_delegate: Option<Limit>,
}

/// Signatures that an action waits for.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// The clause behind it.
    pub clause: ClauseRef,
    /// The action that waits. The approval is asked for when the case enters a stage where the action is open.
    pub gates: String,
    /// Needed only when this holds.
    pub when: Option<Expression>,
    /// In order.
    pub steps: Vec<ApprovalStep>,
    /// Where an objection leads; `None` stays.
    pub refused_to: Option<String>,
    /// Whether an objection begins the next round.
    pub refused_next_round: bool,
    /// Who may name another signer in place of an absent one.
    pub replaced_by: Vec<Who>,
    /// What is said to whoever wants the gated action before the signatures are there.
    pub say: Said,
}

/// A procedure of a pack, linked: its actions include the rights open on every case.
#[derive(Debug)]
pub struct Procedure {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// The pack whose file states it (a used pack keeps its own name here).
    pub stated_in: std::sync::Arc<str>,
    /// How cases are numbered.
    pub number: NumberTemplate,
    /// The intake form's key and the clause that asks for it.
    pub intake: Option<String>,
    /// The clause of the intake.
    pub intake_clause: Option<ClauseRef>,
    /// Asked at opening, in the form's order.
    pub intake_fields: Vec<Field>,
    /// Which intake field names the matter in lists; `subject` unless said.
    pub subject: String,
    /// Who may open one by hand; empty: only the engine or another case.
    pub opened_by: Vec<Who>,
    /// Whether a customer stands behind it (an internal case's requester is a department, GEN-21).
    pub customer: bool,
    /// The printed form.
    pub document: Option<String>,
    /// How long after its end it is kept (GEN-14).
    pub retain: Option<Limit>,
    /// In order; the first is the beginning.
    pub stages: Vec<Stage>,
    /// Every field that a case of it can have (intake, actions, sets), by key.
    pub fields: std::collections::BTreeMap<String, Field>,
    /// The pack's own actions in order, then rights.
    pub actions: Vec<Action>,
    /// Signatures.
    pub approvals: Vec<Approval>,
    /// Deadlines in the order of the text.
    pub deadlines: Vec<Deadline>,
    /// Facts that its conditions read.
    pub facts: Vec<Fact>,
    /// Questions that it raises.
    pub questions: Vec<Question>,
    /// What may happen only once.
    pub unique: Vec<Unique>,
    /// Draws over its ended cases.
    pub samples: Vec<Sample>,
    /// Facts of other procedures that count cases of this one: name and fields to index.
    pub indexed: Vec<(String, Vec<String>)>,
}

impl Procedure {
    /// The stage with this key.
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    /// The action with this key.
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.key == key)
    }

    /// The deadline with this key.
    pub fn deadline(&self, key: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| deadline.key == key)
    }
}
