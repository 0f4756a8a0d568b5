//! No case of a customer ends without a result and a reply (GEN-6), whatever a pack forgets.
//!
//! What is surely written is followed from the opening over every action: a stage may be reached with or without a
//! result, with or without a reply. An action by a person that ends the case must then write what may still be missing,
//! or carry the guard `house.result_and_reply`. Voiding and merging owe nothing, nor does what the engine does.

use std::collections::BTreeSet;

use crate::load::outline::{Outline, entries};
use crate::model::{Action, Field, Given, Procedure, Required, Start, Who};
use crate::source::Mistakes;

const RESULT: u8 = 1;
const REPLY: u8 = 2;
const BOTH: u8 = RESULT | REPLY;

/// Notes every action that may end a customer's case without a result and a reply.
pub(super) fn check(procedure: &Procedure, outline: &Outline<'_>, mistakes: &Mistakes) {
    if !procedure.customer {
        return;
    }
    let reached = reached(procedure);
    for action in procedure.actions.iter().filter(|action| owes(action)) {
        let ends = action.to.iter().filter_map(|way| way.stage.as_deref());
        let is_end = |stage: &str| procedure.stage(stage).is_some_and(|stage| stage.end);
        if !ends.clone().any(is_end) {
            continue;
        }
        let written = written(action);
        let before = reached
            .iter()
            .filter(|(stage, _)| open_in(procedure, action, stage));
        let Some(missing) = before
            .map(|(_, known)| BOTH & !(known | written))
            .find(|missing| *missing != 0)
        else {
            continue;
        };
        let (zh, en) = match missing {
            RESULT => ("处理结果", "a result"),
            REPLY => ("给客户的答复", "a reply to the customer"),
            _ => ("处理结果和给客户的答复", "a result and a reply to the customer"),
        };
        let stated = entries(outline.stated.node, "actions");
        let place = stated.iter().find(|(key, _)| key.text == action.key);
        mistakes.note(
            place.map_or(outline.stated.place, |(key, _)| &key.place),
            "action.closes_without_reply",
            (
                format!("操作“{}”可在没有{zh}时办结客户事项", action.key),
                format!("The action \"{}\" may end a customer's case without {en}", action.key),
            ),
            (
                "在 ask 中要求 result 与 reply，用 sets 写明，或加 clause 为 house.result_and_reply 的 needs",
                "Ask for `result` and `reply`, write them with `sets`, or add a need with the clause house.result_and_reply",
            ),
        );
    }
}

/// Whether an end by this action owes a result and a reply.
fn owes(action: &Action) -> bool {
    !action.void && action.merges_into.is_none() && action.by.iter().any(|who| *who != Who::Engine)
}

/// Every stage with what is surely written when it is entered.
fn reached(procedure: &Procedure) -> BTreeSet<(String, u8)> {
    let mut reached = BTreeSet::new();
    let Some(first) = procedure.stages.first() else {
        return reached;
    };
    let mut open = vec![(first.key.clone(), asked(&procedure.intake_fields))];
    while let Some((stage, known)) = open.pop() {
        if !reached.insert((stage.clone(), known)) {
            continue;
        }
        for action in &procedure.actions {
            if !open_in(procedure, action, &stage) {
                continue;
            }
            let now = known | written(action);
            // An act that stays writes too, but nobody need do it: it secures nothing.
            for to in action.to.iter().filter_map(|way| way.stage.clone()) {
                open.push((to, now));
            }
        }
        let objected = procedure.approvals.iter().filter(|approval| {
            let gated = procedure.action(&approval.gates);
            gated.is_some_and(|action| open_in(procedure, action, &stage))
        });
        open.extend(objected.filter_map(|approval| Some((approval.refused_to.clone()?, known))));
    }
    reached
}

fn open_in(procedure: &Procedure, action: &Action, stage: &str) -> bool {
    match &action.from {
        Start::Stages(stages) => stages.iter().any(|known| known == stage),
        Start::AnyOpen => procedure.stage(stage).is_some_and(|stage| !stage.end),
        Start::Always => true,
    }
}

/// What is surely there once the action is done.
fn written(action: &Action) -> u8 {
    let is_guarded = action.needs.iter().any(|guard| {
        &*guard.clause.pack == crate::load::HOUSE && &*guard.clause.clause == "result_and_reply"
    });
    if is_guarded {
        return BOTH;
    }
    let sets = action.sets.iter().map(|(key, _)| bit(key));
    sets.fold(asked(&action.ask), |all, one| all | one)
}

/// What a form surely asks for.
fn asked(fields: &[Field]) -> u8 {
    let surely = fields.iter().filter(|field| {
        let is_owed = match &field.required {
            Required::Yes => true,
            // One of the two is given, and either will do where both are replies.
            Required::Or(other) => bit(other) == bit(&field.key),
            Required::No | Required::When(_) => false,
        };
        is_owed && field.when.is_none() && field.given == Given::Typed
    });
    surely.fold(0, |all, field| all | bit(&field.key))
}

fn bit(key: &str) -> u8 {
    match key {
        "result" => RESULT,
        "reply" | "reason_none_possible" => REPLY,
        _ => 0,
    }
}
