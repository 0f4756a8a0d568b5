//! Merging a case into another (house rule on merging): only one that is open and of the same kind takes it in.

use super::work::Work;
use super::{Other, Refusal, form, say};
use crate::Id;
use crate::case::{FieldValue, Fields};
use crate::model::{Action, ClauseRef};
use crate::source::Said;

/// The house rule on merging.
fn clause() -> ClauseRef {
    ClauseRef {
        pack: "house".into(),
        clause: "merging".into(),
    }
}

/// The case that this act merges into.
pub(super) fn target(action: &Action, input: &Fields) -> Option<Id> {
    let field = action.merges_into.as_ref()?;
    input.get(field).and_then(FieldValue::as_id)
}

/// The target, if it may take this case in. That it still may is asked again inside the write, so that two merges at
/// the same moment cannot make a circle.
pub(super) fn allowed(work: &Work<'_>, action: &Action, input: &Fields) -> Result<Option<Id>, Refusal> {
    let Some(into) = target(action, input) else {
        return Ok(None);
    };
    let field = action.merges_into.as_deref().unwrap_or("");
    if into == work.case.id {
        let problem = form::problem(
            "",
            field,
            "不能并入本事项自身",
            "A case cannot be merged into itself",
        );
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    }
    let Some(Other {
        number,
        procedure,
        ended,
        ..
    }) = work.facts.others.get(&into)
    else {
        let problem = form::problem("", field, "没有找到这个事项", "There is no such case");
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    };
    let refused = |say: Said| {
        Err(Refusal::Clause {
            action: action.key.clone(),
            clause: clause(),
            say,
            on_input: true,
        })
    };
    if *ended {
        return refused(say(
            format!("事项 {number} 已办结、作废或已并入其他事项，不能再并入它"),
            format!("Case {number} has ended, is void or was itself merged; nothing can be merged into it"),
        ));
    }
    if *procedure != work.case.procedure {
        return refused(say(
            format!("事项 {number} 不是同一种事项，不能并入"),
            format!("Case {number} is of another kind; only cases of one kind are merged"),
        ));
    }
    Ok(Some(into))
}
