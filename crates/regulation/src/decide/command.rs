//! What can be asked of the engine.

use calendar::Moment;

use crate::case::Fields;
use crate::{Id, Pack};

/// What is known when a case is opened, besides what is typed.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Id given by the shell.
    pub case: Option<Id>,
    /// When the contact reached us; `None` is now. Earlier than now is back-dating, a right of its own.
    pub received: Option<Moment>,
    /// On which channel (`phone`, `walk_in`, …).
    pub channel: String,
    /// The customer, if known.
    pub customer: Option<Id>,
    /// Where it is received.
    pub owning_unit: Option<Id>,
    /// Responsible from the start; the owning unit unless said.
    pub unit: Option<Id>,
    /// Who took the first contact; the actor unless said (GEN-5).
    pub first_contact_owner: Option<Id>,
    /// The case that opens it.
    pub parent: Option<Id>,
    /// Key of the imported row.
    pub source: Option<String>,
}

/// A command to a case.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open a case.
    Open {
        /// Its procedure.
        procedure: String,
        /// What is known.
        opened: Opened,
        /// What was typed on the intake form.
        input: Fields,
    },
    /// Do an action of the procedure, or a right.
    Act {
        /// Its key.
        action: String,
        /// What was typed.
        input: Fields,
        /// The version of the case the person saw; an event by another person since then refuses.
        seen: Option<u64>,
    },
    /// Sign an approval.
    Sign {
        /// Its number in the case.
        approval: u32,
        /// Agree or object.
        agree: bool,
        /// Words; owed with an objection.
        reason: Option<String>,
        /// The version seen.
        seen: Option<u64>,
    },
    /// Name another signer in place of an absent one.
    ReplaceSigner {
        /// Number of the approval.
        approval: u32,
        /// Step, from 0.
        step: u32,
        /// Slot, from 0.
        slot: u32,
        /// Who signs instead.
        person: Id,
        /// Why.
        reason: String,
    },
    /// Answer a question.
    Answer {
        /// Its number in the case.
        question: u32,
        /// Yes or no.
        yes: bool,
        /// Why.
        reason: String,
    },
    /// Raise a question of the pack from outside the case (alike texts, a draw).
    Raise {
        /// Its key.
        question: String,
        /// The cause's index.
        cause: u32,
    },
    /// Time has come: take every step due by now.
    Wake,
    /// A sub-case ended (by the engine).
    SubcaseEnded {
        /// Which.
        case: Id,
        /// In which stage.
        stage: String,
    },
    /// The customer's record was merged into another, or parted again.
    CustomerMerged {
        /// Whose case it is now.
        customer: crate::Id,
    },
    /// Link the case to a joint case (by the engine).
    Link {
        /// The joint case.
        joint: Id,
    },
    /// Take another case into this joint one (by the engine).
    Join {
        /// The other case.
        case: Id,
        /// Its number.
        number: String,
        /// Its procedure.
        procedure: String,
        /// Whether this case cannot end before it.
        gates: bool,
    },
    /// The calendar changed: compute open clocks again.
    CalendarChanged,
    /// Pin to another version of the pack; refused with the reasons where stages, clocks or approvals do not map.
    Move {
        /// The pack to pin to.
        to: std::sync::Arc<Pack>,
        /// Old stage → new stage, where the names differ.
        stages: Vec<(String, String)>,
    },
}
