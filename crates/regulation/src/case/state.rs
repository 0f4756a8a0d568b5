//! The state of a case: all that a decision may look at.

use std::sync::Arc;

use calendar::Moment;
use serde::{Deserialize, Serialize};

use super::{Clock, Fields};
use crate::Id;
use crate::model::ClauseRef;

/// The version of a pack that a case began with and stays on (QLT-2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PinnedPack {
    /// The pack's name.
    pub name: Arc<str>,
    /// Hash of its files.
    pub hash: Arc<str>,
}

/// What a round left behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Round {
    /// The fields at its end.
    pub fields: Fields,
    /// Stages reached in it.
    pub reached: Vec<String>,
}

/// Someone did an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Doing {
    /// The action.
    pub action: String,
    /// Who; `None` is the engine.
    pub actor: Option<Id>,
    /// When.
    pub at: Moment,
    /// In which round.
    pub round: u32,
}

/// Who must sign one slot: words of the pack, or a person named in place of an absent one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerSlot {
    /// `general_manager`, `department_head of case.department`.
    pub who: String,
    /// The unit meant, worked out when it was asked.
    pub unit: Option<Id>,
    /// A person named instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Id>,
}

/// A signature given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Step, from 0.
    pub step: u32,
    /// Slot, from 0.
    pub slot: u32,
    /// Who signed.
    pub person: Option<Id>,
    /// When.
    pub at: Moment,
    /// Agreed or objected.
    pub agreed: bool,
}

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalStatus {
    /// Waiting for signatures.
    Asked,
    /// All needed signatures are there.
    Granted,
    /// Someone objected.
    Refused,
}

/// An approval asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalState {
    /// Number within the case, from 1.
    pub no: u32,
    /// Key in the pack.
    pub approval: String,
    /// The clause.
    pub clause: ClauseRef,
    /// The round it was asked in.
    pub round: u32,
    /// Steps: how many signatures are enough, and the slots.
    pub steps: Vec<(u32, Vec<SignerSlot>)>,
    /// Given so far.
    pub signatures: Vec<Signature>,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// When it was asked.
    pub asked: Moment,
}

impl ApprovalState {
    /// The step now waiting, if any.
    pub fn waiting_step(&self) -> Option<u32> {
        if self.status != ApprovalStatus::Asked {
            return None;
        }
        self.steps
            .iter()
            .enumerate()
            .map(|(index, (need, _))| (index as u32, *need))
            .find_map(|(index, need)| {
                let agreed = self
                    .signatures
                    .iter()
                    .filter(|given| given.step == index && given.agreed)
                    .count();
                (agreed < need as usize).then_some(index)
            })
    }
}

/// A question raised.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionState {
    /// Number within the case, from 1.
    pub no: u32,
    /// Key in the pack, or `fault`.
    pub question: String,
    /// The clause.
    pub clause: ClauseRef,
    /// The cause's index.
    pub cause: u32,
    /// Who answers: words of the pack.
    pub ask: Vec<String>,
    /// The person concerned.
    pub about: Option<Id>,
    /// When it was raised.
    pub raised: Moment,
    /// The answer, who gave it, when.
    pub answer: Option<(bool, Option<Id>, Moment)>,
}

/// A case opened by this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Subcase {
    /// Its id.
    pub case: Id,
    /// Its number.
    pub number: String,
    /// Its procedure.
    pub procedure: String,
    /// Whether this case cannot end before it.
    pub gates: bool,
    /// The stage it ended in.
    pub ended: Option<String>,
}

/// A case merged into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Into which.
    pub into: Id,
    /// When.
    pub at: Moment,
}

/// The state of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: Id,
    /// Number of its events; the version a screen has seen.
    pub version: u64,
    /// The last event by a person (not the engine, not a refusal): sequence, who, kind.
    pub last_by_person: Option<(u64, Id, String)>,
    /// The last event by a person other than that one, so that a stale sight is noticed whoever acted last.
    pub last_by_other: Option<(u64, Id, String)>,
    /// What it is pinned to.
    pub pack: PinnedPack,
    /// Its procedure.
    pub procedure: String,
    /// Its number.
    pub number: String,
    /// When the contact reached us.
    pub received: Moment,
    /// When it was opened (happened).
    pub opened: Moment,
    /// On which channel.
    pub channel: String,
    /// Which field names the matter.
    pub subject: String,
    /// The customer.
    pub customer: Option<Id>,
    /// Where it was received.
    pub owning_unit: Id,
    /// Who is responsible now.
    pub unit: Id,
    /// Who took the first contact.
    pub first_contact_owner: Option<Id>,
    /// Who registered it.
    pub registrar: Option<Id>,
    /// Who works on it.
    pub handler: Option<Id>,
    /// The case that opened it.
    pub parent: Option<Id>,
    /// Key of the imported row.
    pub source: Option<String>,
    /// The stage it stands in.
    pub stage: String,
    /// Since when.
    pub since: Moment,
    /// When it ended, if it has.
    pub ended: Option<Moment>,
    /// The round, from 1.
    pub round: u32,
    /// Earlier rounds.
    pub rounds: Vec<Round>,
    /// Stages reached in this round.
    pub reached: Vec<String>,
    /// Free fields.
    pub fields: Fields,
    /// Under a manager's watch.
    pub supervised: bool,
    /// Under a legal hold: neither disposed of nor erased until it is lifted.
    pub held: bool,
    /// How often the customer pressed.
    pub urged: u32,
    /// All clocks, ended ones too.
    pub clocks: Vec<Clock>,
    /// Approvals asked for.
    pub approvals: Vec<ApprovalState>,
    /// Questions raised.
    pub questions: Vec<QuestionState>,
    /// Times at which a question may be raised: question, cause, when.
    pub alarms: Vec<(String, u32, Moment)>,
    /// Sub-cases.
    pub subcases: Vec<Subcase>,
    /// Who did what.
    pub doings: Vec<Doing>,
    /// Marks set on customers: mark, customer, since when, by whom.
    pub marks: Vec<(String, Id, Moment, Option<Id>)>,
    /// The joint case it is linked to.
    pub joint: Option<Id>,
    /// Merged into.
    pub merged: Option<Merged>,
    /// Void.
    pub void: bool,
    /// Kept until.
    pub retained_until: Option<Moment>,
    /// Index entries: name, key, amount.
    pub indexed: Vec<(Arc<str>, String, Option<i64>)>,
    /// Refusals: clause, action, who, when, number of the event.
    pub refusals: Vec<(ClauseRef, String, Option<Id>, Moment, u64)>,
}

impl Case {
    /// The next time the engine must look at the case; `None` once nothing is pending.
    pub fn wakes_at(&self) -> Option<Moment> {
        let alarms = self
            .alarms
            .iter()
            .filter(|_| self.ended.is_none())
            .map(|(_, _, at)| *at);
        self.clocks.iter().filter_map(Clock::wakes_at).chain(alarms).min()
    }

    /// The nearest due time of a clock that still runs or is overdue.
    pub fn nearest_due(&self) -> Option<Moment> {
        self.clocks
            .iter()
            .filter(|clock| !clock.state.ended() && clock.paused.is_none())
            .map(|clock| clock.due)
            .min()
    }

    /// What the case is about, for lists.
    pub fn subject_text(&self) -> &str {
        self.fields
            .get(&self.subject)
            .and_then(super::FieldValue::as_text)
            .unwrap_or("")
    }

    /// The clock with this number.
    pub fn clock(&self, no: u32) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.no == no)
    }
}
