//! Disposal of records whose time is over (GEN-14): what is listed is erased by an approved act, unless its time is not
//! over, or a legal hold stops it.

use super::work::Work;
use super::{Refusal, form, say};
use crate::Id;
use crate::case::{Case, Change, FieldValue, Fields};
use crate::model::{Action, ClauseRef};
use crate::source::Said;

fn house(clause: &str) -> ClauseRef {
    ClauseRef {
        pack: "house".into(),
        clause: clause.into(),
    }
}

/// The cases that this act erases, each once.
pub(super) fn listed(action: &Action, case: &Case, input: &Fields) -> Vec<Id> {
    let Some(list) = &action.erases else {
        return Vec::new();
    };
    let value = input.get(&list.field).or_else(|| case.fields.get(&list.field));
    let mut found: Vec<Id> = match (value, &list.column) {
        (Some(FieldValue::List(rows)), Some(column)) => rows
            .iter()
            .filter_map(|row| match row {
                FieldValue::Row(cells) => cells.get(column)?.as_id(),
                _ => None,
            })
            .collect(),
        (Some(value), None) => value.as_id().into_iter().collect(),
        _ => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether everything that is listed may be erased.
pub(super) fn allowed(work: &Work<'_>, action: &Action, input: &Fields) -> Result<Vec<Id>, Refusal> {
    let listed = listed(action, &work.case, input);
    let calendar = work.calendar();
    let refused = |clause: &str, say: Said| {
        Err(Refusal::Clause {
            action: action.key.clone(),
            clause: house(clause),
            say,
            on_input: false,
        })
    };
    for id in &listed {
        let Some(other) = work.facts.others.get(id) else {
            let field = action.erases.as_ref().map_or("", |list| list.field.as_str());
            let problem = form::problem(
                "",
                field,
                &format!("清单中的事项 {id} 不存在，或内容已经销毁"),
                &format!("Case {id} on the list does not exist, or its contents are erased already"),
            );
            return Err(Refusal::Input {
                problems: vec![problem],
            });
        };
        let number = &other.number;
        if other.held {
            return refused(
                "legal_hold",
                say(
                    format!("事项 {number} 已列为法定保全，解除之前不得销毁"),
                    format!(
                        "Case {number} is under a legal hold; it is not disposed of before that is lifted"
                    ),
                ),
            );
        }
        match other.retained_until {
            Some(until) if until <= work.setting.now => {}
            Some(until) => {
                let date = calendar.date_of(until);
                return refused(
                    "disposal",
                    say(
                        format!("事项 {number} 须保存至 {date}，未到期不得销毁"),
                        format!("Case {number} is kept until {date}; it is not disposed of before"),
                    ),
                );
            }
            None => {
                return refused(
                    "disposal",
                    say(
                        format!("事项 {number} 尚未办结，或规程没有写明保存期限，不得销毁"),
                        format!(
                            "Case {number} has not ended, or no clause says how long it is kept; it is not disposed of"
                        ),
                    ),
                );
            }
        }
    }
    Ok(listed)
}

/// Erases them with this act.
pub(super) fn erase(work: &mut Work<'_>, listed: Vec<Id>) {
    if listed.is_empty() {
        return;
    }
    work.push(Change::Erased {
        cases: listed.clone(),
    });
    work.decision.erasures.extend(listed);
}
