//! Mistakes in how a procedure runs: stages, actions, clocks.

use std::collections::BTreeSet;

use super::graph::{Graph, takeable};
use crate::load::outline::{Outline, entries};
use crate::model::{FieldKind, Procedure, Trigger};
use crate::source::{Mistakes, Node, Place};

/// Where something of a procedure is stated.
fn place<'a>(outline: &Outline<'a>, table: &str, key: &str) -> &'a Place {
    let found = entries(outline.stated.node, table)
        .iter()
        .find(|(known, _)| known.text == key);
    found.map_or(outline.stated.place, |(key, _)| &key.place)
}

fn node<'a>(outline: &Outline<'a>, table: &str, key: &str) -> Option<&'a Node> {
    entries(outline.stated.node, table)
        .iter()
        .find(|(known, _)| known.text == key)
        .map(|(_, node)| node)
}

/// Notes every mistake in how the procedure runs.
pub(super) fn check(procedure: &Procedure, outline: &Outline<'_>, mistakes: &Mistakes) {
    let graph = Graph::of(procedure);
    stages(procedure, outline, &graph, mistakes);
    actions(procedure, outline, mistakes);
    objections(procedure, outline, &graph, mistakes);
    clocks(procedure, outline, &graph, mistakes);
    pauses(procedure, outline, mistakes);
    marks(procedure, outline, mistakes);
}

/// No mark on a customer without a confirmation (GEN-12): an approval gates the action that sets it, and the field it names
/// holds a customer.
fn marks(procedure: &Procedure, outline: &Outline<'_>, mistakes: &Mistakes) {
    for action in &procedure.actions {
        let Some(mark) = &action.marks else { continue };
        let here = place(outline, "actions", &action.key);
        if !procedure
            .approvals
            .iter()
            .any(|approval| approval.gates == action.key)
        {
            mistakes.note(
                here,
                "mark.unconfirmed",
                (
                    format!("操作“{}”给客户加标注，却不需要任何人确认", action.key),
                    format!(
                        "The action \"{}\" marks a customer and nobody confirms it",
                        action.key
                    ),
                ),
                (
                    "请在 approvals 中加一项 gates 此操作的签批",
                    "Add an approval that `gates` this action",
                ),
            );
        }
        let holds = mark.customer == "customer"
            || procedure
                .fields
                .get(&mark.customer)
                .is_some_and(|field| matches!(field.kind, FieldKind::Customer));
        if !holds {
            mistakes.note(
                here,
                "mark.customer",
                (
                    format!("标注所指的“{}”不是客户字段", mark.customer),
                    format!("\"{}\" holds no customer", mark.customer),
                ),
                (
                    "请写 customer，或一个 kind: customer 的字段",
                    "Name `customer`, or a field of kind customer",
                ),
            );
        }
    }
}

fn stages(procedure: &Procedure, outline: &Outline<'_>, graph: &Graph<'_>, mistakes: &Mistakes) {
    if !procedure.stages.iter().any(|stage| stage.end) {
        return mistakes.note(
            outline.stated.place,
            "stage.no_end",
            (
                format!("流程“{}”没有终点", procedure.key),
                format!("The procedure \"{}\" has no end", procedure.key),
            ),
            (
                "给办结的环节加 end: yes",
                "Give the stage in which a case is finished `end: yes`",
            ),
        );
    }
    let found = graph.explore();
    for stage in &found.unreached {
        mistakes.note(
            place(outline, "stages", stage),
            "stage.unreached",
            (
                format!("没有操作通向环节“{stage}”"),
                format!("No action leads to the stage \"{stage}\""),
            ),
            (
                "让某个操作的 to 写上它，或删去它",
                "Name it in the `to` of an action, or take it away",
            ),
        );
    }
    for stage in &found.stuck {
        mistakes.note(
            place(outline, "stages", stage),
            "stage.stuck",
            (
                format!("进入环节“{stage}”后再也出不来"),
                format!("Nobody can leave the stage \"{stage}\""),
            ),
            (
                "加一个 from 此环节的操作，或加 end: yes",
                "Add an action `from` it, or give it `end: yes`",
            ),
        );
    }
    for stage in &found.hopeless {
        mistakes.note(
            place(outline, "stages", stage),
            "stage.hopeless",
            (
                format!("从环节“{stage}”到不了任何终点"),
                format!("From the stage \"{stage}\" no end can be reached"),
            ),
            (
                "让它之后的某个操作通向有 end: yes 的环节",
                "Let an action after it lead to a stage with `end: yes`",
            ),
        );
    }
}

fn actions(procedure: &Procedure, outline: &Outline<'_>, mistakes: &Mistakes) {
    for action in &procedure.actions {
        let own = node(outline, "actions", &action.key);
        if let (Some(node), false) = (own, takeable(procedure, action)) {
            // Without a `by` the reader has already complained.
            if node.get("by").is_some() && !action.by.is_empty() {
                mistakes.note(
                    place(outline, "actions", &action.key),
                    "action.nobody",
                    (
                        format!("操作“{}”只能由系统进行，却没有时限用到它", action.key),
                        format!(
                            "The action \"{}\" is left to the engine, but no deadline does it",
                            action.key
                        ),
                    ),
                    (
                        format!("在某时限的 late 里写 do: {}，或改 by", action.key),
                        format!(
                            "Write `do: {}` in the `late` of a deadline, or change `by`",
                            action.key
                        ),
                    ),
                );
            }
        }
    }
}

/// Approvals of which a refusal leaves the case where no end can be reached any more: they are asked for again only on
/// entering the stage again.
fn objections(procedure: &Procedure, outline: &Outline<'_>, graph: &Graph<'_>, mistakes: &Mistakes) {
    let is_end = |stage: &str| procedure.stage(stage).is_some_and(|stage| stage.end);
    for approval in procedure
        .approvals
        .iter()
        .filter(|approval| approval.refused_to.is_none())
    {
        let barred = Graph::without(procedure, &approval.gates);
        let waits = graph.reached().into_iter().find(|stage| {
            graph.open_in_any(&approval.gates, &BTreeSet::from([*stage]))
                && !is_end(stage)
                && !barred.after(stage).into_iter().any(is_end)
        });
        if let Some(stage) = waits {
            mistakes.note(
                place(outline, "approvals", &approval.key),
                "approval.dead_end",
                (
                    format!("审批“{}”一旦不同意，事项就永远停在“{stage}”", approval.key),
                    format!(
                        "Once someone objects to \"{}\", the case stays in \"{stage}\" for good",
                        approval.key
                    ),
                ),
                (
                    "写 refused: { to: 退回的环节 }；退回同一环节即重新请批",
                    "Write `refused: { to: … }`; going back to the same stage asks for it anew",
                ),
            );
        }
    }
}

fn clocks(procedure: &Procedure, outline: &Outline<'_>, graph: &Graph<'_>, mistakes: &Mistakes) {
    for deadline in &procedure.deadlines {
        let at = place(outline, "deadlines", &deadline.key);
        let Some(starts) = graph.starting_stages(&deadline.from) else {
            continue;
        };
        if starts.is_empty() {
            mistakes.note(
                at,
                "deadline.no_start",
                (
                    format!("没有什么会启动时限“{}”", deadline.key),
                    format!("Nothing starts the deadline \"{}\"", deadline.key),
                ),
                (
                    "from 应是能到达的环节或能进行的操作",
                    "Let `from` be a stage that is reached, or an action that can be done",
                ),
            );
            continue;
        }
        let mut later: BTreeSet<&str> = starts.iter().flat_map(|stage| graph.after(stage)).collect();
        let stage_start = matches!(deadline.from, Trigger::Stage(_));
        // An act in the very stage in which the clock began stops it too; entering that stage again only by a way back,
        // except that a contact reaches us before the first stage is entered.
        let during: BTreeSet<&str> = later.iter().copied().chain(starts.iter().copied()).collect();
        if !stage_start {
            later.extend(starts.iter().copied());
        }
        let is_end = |stage: &&str| procedure.stage(stage).is_some_and(|stage| stage.end);
        let stops = deadline.until.iter().any(|until| match until {
            Trigger::Received => false,
            Trigger::Stage(stage) => later.contains(stage.as_str()),
            Trigger::Action(action) => graph.open_in_any(action, &during),
            Trigger::ApprovalAsked(approval) | Trigger::ApprovalGranted(approval) => {
                let gates = procedure
                    .approvals
                    .iter()
                    .find(|known| known.key == *approval)
                    .map(|known| &known.gates);
                gates.is_some_and(|action| graph.open_in_any(action, &during))
            }
            Trigger::Field(_) => true,
            Trigger::SubcasesEnded => procedure.actions.iter().any(|action| !action.opens.is_empty()),
            Trigger::Ended => later.iter().any(is_end),
        });
        if !stops {
            mistakes.note(
                at,
                "deadline.no_stop",
                (
                    format!("时限“{}”启动后没有什么会使它停止", deadline.key),
                    format!("Once started, nothing stops the deadline \"{}\"", deadline.key),
                ),
                (
                    "until 应是其后能到达的环节或能进行的操作",
                    "Let `until` name a stage that is reached afterwards, or an action that can be done",
                ),
            );
        }
    }
}

/// Reasons that a deadline lists and nobody can give.
fn pauses(procedure: &Procedure, outline: &Outline<'_>, mistakes: &Mistakes) {
    let offered: BTreeSet<&str> = procedure
        .actions
        .iter()
        .filter_map(|action| {
            action
                .ask
                .iter()
                .find(|field| Some(&field.key) == action.pauses.as_ref())
        })
        .flat_map(|field| match &field.kind {
            FieldKind::Choice(options) => options.iter().map(|(key, _)| key.as_str()).collect(),
            _ => Vec::new(),
        })
        .collect();
    for deadline in &procedure.deadlines {
        let reasons = deadline.pauses.iter().flat_map(|pauses| &pauses.reasons);
        for (reason, _) in reasons.filter(|(reason, _)| !offered.contains(reason.as_str())) {
            let node = node(outline, "deadlines", &deadline.key).and_then(|node| node.get("pauses"));
            let at = node.and_then(|node| {
                entries(node, "reasons")
                    .iter()
                    .find(|(key, _)| key.text == *reason)
            });
            let (zh, en) = match crate::source::nearest(reason, offered.iter().copied()) {
                Some(near) => (
                    format!("是否应为“{near}”？"),
                    format!("Did you mean \"{near}\"? "),
                ),
                None => (String::new(), String::new()),
            };
            mistakes.note(
                at.map_or(outline.stated.place, |(key, _)| &key.place),
                "pause.nobody",
                (
                    format!("没有操作能以“{reason}”为由暂停"),
                    format!("No action pauses for the reason \"{reason}\""),
                ),
                (
                    format!("{zh}在写有 pauses 的操作的选项里加上它"),
                    format!("{en}Add it to the options of an action with `pauses`"),
                ),
            );
        }
    }
}
