//! Events: what happened to a case, with the results it had.

use calendar::Moment;
use serde::{Deserialize, Serialize};

use super::{Change, ClockState, Fields};
use crate::Id;
use crate::model::ClauseRef;

/// What happened. The record's chain holds one row per event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The case it happened to.
    #[serde(skip, default = "no_case")]
    pub case: Id,
    /// When it happened.
    #[serde(skip, default)]
    pub happened: Moment,
    /// Who did it; `None` is the engine.
    #[serde(skip, default)]
    pub actor: Option<Id>,
    /// What it was.
    pub kind: EventKind,
    /// What was typed; becomes the case's fields of the same names.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub input: Fields,
    /// The results, applied in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

fn no_case() -> Id {
    Id(0)
}

/// The kinds of event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum EventKind {
    /// The case was opened.
    Opened,
    /// An action was done.
    Acted {
        /// The action's key.
        action: String,
        /// The clause it carries out.
        clause: Option<ClauseRef>,
    },
    /// A clause refused an attempt; nothing else changed (counted, GEN-19).
    Refused {
        /// The action that was wanted.
        action: String,
        /// The clause that forbade it.
        clause: ClauseRef,
    },
    /// A signer agreed or objected.
    Signed {
        /// The approval.
        approval: String,
        /// The step, from 0.
        step: u32,
        /// Agreed, or objected.
        agreed: bool,
        /// The signer's words.
        reason: Option<String>,
    },
    /// A signer was replaced by an act (CMP-9).
    SignerReplaced {
        /// The approval.
        approval: String,
    },
    /// A question was answered.
    Answered {
        /// The question's number in the case.
        question: u32,
        /// The answer.
        yes: bool,
        /// Why.
        reason: String,
    },
    /// Time passed: clocks fell due, steps were taken.
    TimePassed,
    /// A sub-case ended.
    SubcaseEnded,
    /// The calendar changed; open clocks were computed again.
    CalendarChanged,
    /// The customer's record was merged into another, or parted again; the case follows it.
    CustomerMerged,
    /// The case was moved to another version of its pack (QLT-2).
    Moved,
    /// A question was raised from outside the case (alike texts, a draw).
    Raised,
    /// The case was linked to a joint case, or a joint case took one in (CMP-2).
    Linked,
    /// The contents of all events before this one were erased by an approved disposal (GEN-14).
    Disposed {
        /// The case in which the disposal was decided.
        by: Id,
        /// What stays of the case to be counted, in the words of the tables' keeper: with the contents gone, nothing else could
        /// say what these rows must be.
        #[serde(default)]
        stays: String,
    },
}

impl EventKind {
    /// The word kept in the event's header.
    pub fn word(&self) -> &'static str {
        match self {
            EventKind::Opened => "opened",
            EventKind::Acted { .. } => "acted",
            EventKind::Refused { .. } => "refused",
            EventKind::Signed { .. } => "signed",
            EventKind::SignerReplaced { .. } => "signer_replaced",
            EventKind::Answered { .. } => "answered",
            EventKind::TimePassed => "time_passed",
            EventKind::SubcaseEnded => "subcase_ended",
            EventKind::CalendarChanged => "calendar_changed",
            EventKind::CustomerMerged => "customer_merged",
            EventKind::Moved => "moved",
            EventKind::Raised => "raised",
            EventKind::Linked => "linked",
            EventKind::Disposed { .. } => "disposed",
        }
    }
}

/// How a clock ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockEnd {
    /// An end state.
    pub state: ClockState,
    /// When.
    pub at: Moment,
    /// Why exempt or lapsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The clock that takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<u32>,
}
