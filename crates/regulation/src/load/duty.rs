//! Recurring duties, and what a procedure must ask that the engine opens by itself.

use calendar::Limit;

use super::deadline::day_rule;
use super::field::{field_kind, said, text};
use super::here::{Here, Reading};
use super::outline::{Outline, intake};
use super::statements::Stated;
use super::words;
use crate::model::{FieldKind, Obligation};
use crate::source::Place;

/// Recurring duties.
pub(crate) fn obligations(reading: &Reading<'_>) -> Vec<Obligation> {
    let one = |stated: &Stated<'_>| {
        let node = stated.node;
        let beside = Here::beside(reading, stated.pack);
        let procedure = node.get("procedure").and_then(|node| beside.procedure(node));
        // The facts are those of the procedure that a turn runs; there is no case yet, so nothing else of it is known.
        let or_when = node.get("or_when").and_then(|node| {
            let condition = Here::inside(reading, stated.pack, procedure?).condition(Some(node))?;
            if let Some(read) = condition
                .reads()
                .iter()
                .find(|read| !matches!(read.path.first().map(|root| &**root), Some("facts" | "now")))
            {
                let shown = read.path.join(".");
                reading.mistakes.note(
                    &node.place,
                    "obligation.case",
                    (
                        format!("此时还没有事项，不能用 {shown}"),
                        format!("There is no case yet, so {shown} cannot be read here"),
                    ),
                    (
                        "只用 facts 和 now；事实写在所执行的流程里",
                        "Use facts and now only; state the fact in the procedure that a turn runs",
                    ),
                );
            }
            Some(condition)
        });
        if let (Some(outline), Some(named)) = (procedure, node.get("procedure")) {
            opened_by_itself(reading, outline, &named.place, &["turn", "due"]);
        }
        let function = node
            .get("function")
            .and_then(|node| beside.known(node, "function.unknown", &reading.functions));
        Some(Obligation {
            key: stated.key.to_owned(),
            title: said(node, "title"),
            clause: beside.clause_or_none(node, "clause"),
            function: function?,
            every: text(node, "every")?.parse().ok()?,
            due: text(node, "due")?.parse::<Limit>().ok()?,
            day: day_rule(node),
            or_when,
            procedure: procedure?.stated.key.to_owned(),
        })
    };
    reading.all.obligations.iter().filter_map(one).collect()
}

/// Notes a procedure that the engine is to open by itself and that asks at opening what the engine does not know, or
/// does not take the due time.
pub(crate) fn opened_by_itself(reading: &Reading<'_>, outline: &Outline<'_>, place: &Place, typed: &[&str]) {
    let asked = intake(outline.stated.node, reading.all);
    let due = asked
        .iter()
        .any(|(key, node)| key.text == "due" && matches!(field_kind(node), FieldKind::Time { .. }));
    let key = outline.stated.key;
    if !due {
        reading.mistakes.note(
            place,
            "opened.due",
            (
                format!("流程“{key}”受理时没有时间字段 due，无处写期限"),
                format!(
                    "\"{key}\" asks no time field `due` at opening, so there is nowhere to put its limit"
                ),
            ),
            (
                "在该流程的 ask 里加 due: { title: …, kind: time }，并用 at: case.due 作时限",
                "Add `due: { title: …, kind: time }` to its `ask`, and a deadline with `at: case.due`",
            ),
        );
    }
    for (field, node) in asked {
        let optional = text(node, "required").is_some_and(|text| words::flag(text) != Some(true))
            || ["or", "when", "given"].iter().any(|key| node.get(key).is_some());
        if !optional && !typed.contains(&field.text.as_str()) {
            reading.mistakes.note(
                place,
                "opened.required",
                (
                    format!("流程“{key}”由系统开立，却必填“{}”", field.text),
                    format!(
                        "\"{key}\" is opened by the engine, but asks for \"{}\"",
                        field.text
                    ),
                ),
                (
                    "由 fields 给出它，或把它改为 required: no",
                    "Give it under `fields`, or make it `required: no`",
                ),
            );
        }
    }
}
