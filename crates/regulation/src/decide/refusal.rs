//! Every way in which the engine says no. Each says what was wrong, where, and what to do, in both languages.

use calendar::Moment;
use serde::Serialize;

use crate::Id;
use crate::model::ClauseRef;
use crate::source::Said;

/// One field that cannot be taken as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// Its key; `tasks[2].due` inside rows.
    pub field: String,
    /// What is wrong and how to mend it.
    pub say: Said,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// The pack knows no such procedure, action, approval or question.
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest known name.
        nearest: Option<String>,
    },
    /// Known, but not in this stage.
    NotHere {
        /// The action.
        action: String,
        /// Where the case stands.
        stage: Said,
        /// Where the action is open.
        open_in: Vec<Said>,
    },
    /// The actor may not; these could.
    Forbidden {
        /// The action.
        action: String,
        /// The clause that says who may.
        clause: Option<ClauseRef>,
        /// Who could, as people say it.
        could: Vec<Said>,
    },
    /// A clause forbids it.
    Clause {
        /// The action.
        action: String,
        /// The clause.
        clause: ClauseRef,
        /// Its sentence.
        say: Said,
        /// Whether it hangs on what is typed.
        on_input: bool,
    },
    /// Signatures are missing.
    Unapproved {
        /// The action.
        action: String,
        /// The approval.
        approval: String,
        /// The clause.
        clause: ClauseRef,
        /// What is said.
        say: Said,
        /// Who signs next.
        waiting_for: Vec<Said>,
    },
    /// Fields are missing or wrong.
    Input {
        /// Which and why.
        problems: Vec<FieldProblem>,
    },
    /// Someone else acted since the version that was seen.
    Stale {
        /// Who.
        by: Id,
        /// What he did.
        did: String,
        /// The version now.
        version: u64,
    },
    /// A name that may be taken only once is taken.
    Taken {
        /// The clause.
        clause: ClauseRef,
        /// What is said.
        say: Said,
        /// The case that holds it, if known.
        by: Option<Id>,
    },
    /// Already answered, signed or settled.
    Settled {
        /// What is said.
        say: Said,
        /// When.
        at: Option<Moment>,
    },
    /// A running case cannot be moved to the other version.
    Unmovable {
        /// Every reason.
        reasons: Vec<Said>,
    },
}

impl Refusal {
    /// The clause behind the refusal; attempts refused by a clause are counted in its report.
    pub fn clause(&self) -> Option<&ClauseRef> {
        match self {
            Refusal::Clause { clause, .. }
            | Refusal::Unapproved { clause, .. }
            | Refusal::Taken { clause, .. } => Some(clause),
            Refusal::Forbidden { clause, .. } => clause.as_ref(),
            _ => None,
        }
    }
}
