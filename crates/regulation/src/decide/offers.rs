//! What can be done now: every action with whether it is possible, why not, who could, and what it asks.

use super::scope::{Truth, Typed};
use super::sight::Sight;
use super::who::say_who;
use super::work::Work;
use super::{Facts, Refusal, Setting, act, approvals, itself, pauses};
use crate::case::Case;
use crate::model::{Action, ClauseRef, Field};
use crate::source::Said;

/// Whether an action is possible.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Possible now, whatever is typed.
    Possible,
    /// Refused now, whatever is typed.
    Refused(Refusal),
    /// Hangs on what is typed; a dry run tells while typing.
    HangsOnInput,
}

/// One action as offered to the actor.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    /// Its key.
    pub key: &'a str,
    /// The button.
    pub title: &'a Said,
    /// The clause it carries out.
    pub clause: Option<&'a ClauseRef>,
    /// What it asks, in order.
    pub ask: &'a [Field],
    /// Whether it is possible.
    pub standing: Standing,
    /// Who may do it, as people say it.
    pub who: Vec<Said>,
    /// Whether it may lead to an end of the case.
    pub ends: bool,
    /// A right open on every case rather than a step of the procedure.
    pub right: bool,
}

/// Every action in the pack's order, rights last, with what is known before anything is typed.
pub fn offers<'a>(setting: &Setting<'a>, case: &Case, facts: &Facts) -> Vec<Offer<'a>> {
    let pack = setting.pack;
    let Some(procedure) = pack.procedure(&case.procedure) else {
        return Vec::new();
    };
    let facts = itself::counted(setting, Some(Sight::before_typing(procedure, case)), facts);
    let work = Work::new(*setting, procedure, &facts, case.clone());
    let offer = |action: &'a Action| {
        let (may_end, must_end) = ends(&work, action);
        Offer {
            key: &action.key,
            title: &action.title,
            clause: action.clause.as_ref(),
            ask: &action.ask,
            standing: standing(&work, action, must_end),
            who: action.by.iter().map(|who| say_who(pack, who)).collect(),
            ends: may_end,
            right: pack.rights.iter().any(|right| right.key == action.key),
        }
    };
    let mut all: Vec<Offer<'a>> = procedure.actions.iter().map(offer).collect();
    all.sort_by_key(|offer| offer.right);
    all
}

fn standing(work: &Work<'_>, action: &Action, must_end: bool) -> Standing {
    if let Err(refusal) = act::not_here(work, action).and_then(|()| act::may(work, action)) {
        return Standing::Refused(refusal);
    }
    if let Some(refusal) = approvals::missing(work, action, Typed::Unknown) {
        return Standing::Refused(refusal);
    }
    let (refusal, hangs) = act::guard(work, action, Typed::Unknown);
    match refusal {
        Some(refusal) => Standing::Refused(refusal),
        None if must_end && act::gated(&work.case) => {
            Standing::Refused(act::gate_refusal(&work.case, action))
        }
        // What is erased hangs on other records, which nobody has asked yet.
        None if hangs || !action.ask.is_empty() || action.erases.is_some() => Standing::HangsOnInput,
        None => match pauses::something_stands_still(work, action) {
            Ok(()) => Standing::Possible,
            Err(refusal) => Standing::Refused(refusal),
        },
    }
}

/// Whether the action may, and whether it must, lead to an end.
fn ends(work: &Work<'_>, action: &Action) -> (bool, bool) {
    if action.void || action.merges_into.is_some() {
        return (true, action.void);
    }
    let around = work.around(Typed::Unknown);
    let (mut may, mut must) = (false, !action.to.is_empty());
    for way in &action.to {
        let truth = way.when.as_ref().map_or(Truth::Yes, |when| around.truth(when));
        // What the act itself writes may turn a condition on the case, so only "certainly not" by input is left out.
        if truth == Truth::No && way.when.as_ref().is_some_and(|when| !when.reads_from("case")) {
            continue;
        }
        let end = way
            .stage
            .as_ref()
            .and_then(|stage| work.procedure.stage(stage))
            .is_some_and(|stage| stage.end);
        may |= end;
        must &= end;
        if way.when.is_none() {
            break;
        }
    }
    (may, must)
}
