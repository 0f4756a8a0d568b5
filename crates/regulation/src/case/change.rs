//! Changes: the results that an event had, applied in order.

use std::sync::Arc;

use calendar::Moment;
use serde::{Deserialize, Serialize};

use super::{Addressee, Clock, ClockEnd, Fields, Level, Outgoing, PinnedPack, SignerSlot};
use crate::Id;
use crate::model::ClauseRef;

/// One result of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Change {
    /// The case exists from now on.
    Began {
        /// What it is pinned to.
        pack: PinnedPack,
        /// Its procedure.
        procedure: String,
        /// Its number.
        number: String,
        /// When the contact reached us.
        received: Moment,
        /// On which channel.
        channel: String,
        /// Which field names the matter.
        subject: String,
        /// The customer, if known.
        customer: Option<Id>,
        /// Where it was received.
        owning_unit: Id,
        /// Who answers for it now.
        unit: Id,
        /// Who took the first contact (GEN-5).
        first_contact_owner: Option<Id>,
        /// Who registered it.
        registrar: Option<Id>,
        /// The case that opened it.
        parent: Option<Id>,
        /// Key of the imported row, so that nothing is imported twice.
        source: Option<String>,
    },
    /// Fields written besides what was typed. A `null` removes.
    Set {
        /// Values.
        fields: Fields,
        /// Removed keys.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<String>,
    },
    /// Another stage.
    Stage {
        /// Its key.
        stage: String,
        /// Whether it is an end.
        end: bool,
    },
    /// The next round began.
    RoundBegan {
        /// Its number.
        round: u32,
    },
    /// Another handler.
    Handler {
        /// Who.
        person: Option<Id>,
    },
    /// Another first-contact owner, handed over by an act.
    FirstContactOwner {
        /// Who.
        person: Option<Id>,
    },
    /// Another responsible unit.
    Unit {
        /// Which.
        unit: Id,
    },
    /// The customer became known.
    Customer {
        /// Who.
        customer: Option<Id>,
    },
    /// A mark was set on a customer (GEN-12).
    Marked {
        /// The mark.
        mark: String,
        /// On whom.
        customer: Id,
    },
    /// A mark was taken off again.
    Unmarked {
        /// The mark.
        mark: String,
    },
    /// Put under a manager's watch, or no longer.
    Supervised {
        /// On or off.
        on: bool,
    },
    /// Under a legal hold, which stops disposal and erasure, or no longer (GEN-14).
    Held {
        /// On or off.
        on: bool,
    },
    /// Cases whose contents were erased by this approved act; their headers and hashes stay (GEN-14).
    Erased {
        /// Which.
        cases: Vec<Id>,
    },
    /// The customer pressed for progress.
    Urged,
    /// A clock began.
    ClockStarted {
        /// The whole clock.
        clock: Box<Clock>,
    },
    /// A clock stopped for a reason.
    ClockPaused {
        /// Which.
        no: u32,
        /// Since when.
        at: Moment,
        /// The pack's reason key.
        reason: String,
        /// When the longest total is used up and it runs again by itself.
        until: Option<Moment>,
    },
    /// A clock runs again with a new due time.
    ClockResumed {
        /// Which.
        no: u32,
        /// The new due time.
        due: Moment,
        /// Stopped in all so far.
        paused_total: i64,
        /// Steps not yet taken.
        levels: Vec<Level>,
    },
    /// A clock passed its due time undone.
    ClockOverdue {
        /// Which.
        no: u32,
        /// Its due time.
        at: Moment,
        /// Who answers for the delay.
        answers: Option<Id>,
        /// Noticed late (the engine was down, or the act was recorded afterwards).
        late_notice: bool,
    },
    /// A step was taken: exactly one recorded effect per level.
    LevelReached {
        /// Which clock.
        no: u32,
        /// The step.
        step: u32,
        /// The time it stands for.
        at: Moment,
        /// Who is told: words of the pack.
        tell: Vec<String>,
        /// The same, with the units and people they meant then. Events of earlier versions have none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Addressee>,
        /// The next turn of a repeat at set hours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Level>,
        /// Other steps missed while the engine was down, collapsed into this one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        collapsed: Vec<u32>,
    },
    /// Urging brought the next reminder nearer (GEN-7).
    RemindersSet {
        /// Which clock.
        no: u32,
        /// Steps not yet taken.
        levels: Vec<Level>,
    },
    /// An open clock was computed again with another calendar.
    ClockRecomputed {
        /// Which.
        no: u32,
        /// The new due time.
        due: Moment,
        /// Whether it is still provisional.
        provisional: bool,
        /// The calendar's version.
        calendar: String,
        /// Steps not yet taken.
        levels: Vec<Level>,
    },
    /// An agreed time was moved.
    ClockMoved {
        /// Which.
        no: u32,
        /// The new due time.
        due: Moment,
        /// Steps not yet taken.
        levels: Vec<Level>,
    },
    /// A clock ended.
    ClockEnded {
        /// Which.
        no: u32,
        /// How.
        end: ClockEnd,
    },
    /// Signatures were asked for.
    ApprovalAsked {
        /// The approval.
        approval: String,
        /// Its number in the case.
        no: u32,
        /// The clause behind it.
        clause: ClauseRef,
        /// The steps with their signers.
        steps: Vec<(u32, Vec<SignerSlot>)>,
    },
    /// One signature.
    Signature {
        /// Number of the approval.
        no: u32,
        /// Step, from 0.
        step: u32,
        /// Slot within the step, from 0.
        slot: u32,
        /// Agreed or objected.
        agreed: bool,
        /// Signed for whom, by delegation.
        on_behalf_of: Option<Id>,
    },
    /// A slot got another signer.
    SignerReplaced {
        /// Number of the approval.
        no: u32,
        /// Step, from 0.
        step: u32,
        /// Slot, from 0.
        slot: u32,
        /// Who signs now.
        person: Id,
    },
    /// An approval is settled.
    ApprovalEnded {
        /// Number of the approval.
        no: u32,
        /// Granted or refused.
        granted: bool,
    },
    /// The engine must look at the case then, on account of a question that time raises.
    Alarm {
        /// The question.
        question: String,
        /// The cause's index.
        cause: u32,
        /// When.
        at: Moment,
    },
    /// The time of an alarm has come; whether its question is raised hangs on the case from now on.
    AlarmPassed {
        /// The question.
        question: String,
        /// The cause's index.
        cause: u32,
    },
    /// A question was raised.
    QuestionRaised {
        /// Its number in the case.
        no: u32,
        /// Key in the pack, or `fault` for a delay someone answers for.
        question: String,
        /// The clause behind it.
        clause: ClauseRef,
        /// The cause's index; each cause raises a question once.
        cause: u32,
        /// Who answers: words of the pack.
        ask: Vec<String>,
        /// The same, with the units and people they meant then. Events of earlier versions have none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Addressee>,
        /// The person concerned (who answers for a delay).
        about: Option<Id>,
    },
    /// A question was answered.
    QuestionAnswered {
        /// Its number.
        no: u32,
        /// The answer.
        yes: bool,
    },
    /// A sub-case was opened.
    SubcaseOpened {
        /// Its id.
        case: Id,
        /// Its number.
        number: String,
        /// Its procedure.
        procedure: String,
        /// Whether it gates the parent.
        gates: bool,
    },
    /// A sub-case ended.
    SubcaseEnded {
        /// Its id.
        case: Id,
        /// In which stage.
        stage: String,
    },
    /// Merged into another case.
    MergedInto {
        /// Which.
        case: Id,
    },
    /// Linked to a joint case (CMP-2).
    Joined {
        /// Which.
        case: Id,
    },
    /// Void: no result is owed.
    Voided,
    /// Kept so long after the end (GEN-14).
    Retained {
        /// Until when.
        until: Moment,
    },
    /// Found by facts of other cases under this name and key. An empty key takes it out of the index.
    Indexed {
        /// The index: `complaint:customer+matter`.
        name: Arc<str>,
        /// The joined values.
        key: String,
        /// For sums.
        amount: Option<i64>,
    },
    /// Pinned to another version.
    Repinned {
        /// Which.
        pack: PinnedPack,
        /// The stage it stands in now.
        stage: String,
    },
    /// Someone is told something, at once.
    Told {
        /// Who: words of the pack.
        who: Vec<String>,
        /// The same, with the units and people they meant then. Events of earlier versions have none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Addressee>,
        /// What, Chinese.
        zh: String,
        /// What, English.
        en: String,
        /// How it is to go out of the house; without it, it is a notice within.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outgoing: Option<Outgoing>,
    },
}
