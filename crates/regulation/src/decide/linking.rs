//! Linking cases that are one matter under a joint case (CMP-2): by a question answered yes, or by hand.

use super::needs::query;
use super::sight::Sight;
use super::work::{ENGINE, Work};
use super::{FactQuery, Followup, Other, Refusal, Setting, form, open, say};
use crate::Id;
use crate::case::{Case, Change, EventKind, FieldValue, Fields};
use crate::model::{Action, Links, Measure, Procedure};

/// Behind the key of a fact: which cases it counts.
const CASES: &str = "#cases";

/// What must be asked to know the cases that belong together.
pub(super) fn asked(setting: &Setting<'_>, sight: &Sight<'_>, links: &Links) -> Option<FactQuery> {
    let fact = sight.procedure.facts.iter().find(|fact| fact.key == links.fact)?;
    Some(FactQuery {
        id: format!("{}{CASES}", fact.key),
        measure: Measure::Cases,
        guarding: false,
        ..query(setting, sight, fact)
    })
}

/// What a question links when it is answered yes.
pub(super) fn of_question<'p>(procedure: &'p Procedure, case: &Case, number: u32) -> Option<&'p Links> {
    let asked = case.questions.iter().find(|asked| asked.no == number)?;
    procedure
        .questions
        .iter()
        .find(|question| question.key == asked.question)?
        .links
        .as_ref()
}

/// Links this case and the others under one joint case: the one that any of them is linked to already, else a new one.
pub(super) fn link(work: &mut Work<'_>, links: &Links) -> Result<(), Refusal> {
    let found = match work.facts.values.get(&format!("{}{CASES}", links.fact)) {
        Some(FieldValue::List(ids)) => ids.iter().filter_map(FieldValue::as_id).collect(),
        _ => Vec::new(),
    };
    let others: Vec<(Id, &Other)> = found
        .into_iter()
        .filter(|id| *id != work.case.id)
        .filter_map(|id| Some((id, work.facts.others.get(&id)?)))
        .collect();
    let known = work
        .case
        .joint
        .or_else(|| others.iter().find_map(|(_, other)| other.joint));
    let own = (
        work.case.id,
        work.case.number.clone(),
        work.case.procedure.clone(),
    );
    let own = work.case.joint.is_none().then_some(own);
    let members: Vec<(Id, String, String)> = own
        .into_iter()
        .chain(
            others
                .iter()
                .filter(|(_, other)| other.joint.is_none())
                .map(|(id, other)| (*id, other.number.clone(), other.procedure.clone())),
        )
        .collect();
    let gates = links.joint.gates;
    let joint = match known {
        Some(joint) => {
            for (case, number, procedure) in &members {
                work.decision.followups.push(Followup::Join {
                    joint,
                    case: *case,
                    number: number.clone(),
                    procedure: procedure.clone(),
                    gates,
                });
            }
            joint
        }
        None => {
            let taken = members
                .iter()
                .map(|(case, number, procedure)| Change::SubcaseOpened {
                    case: *case,
                    number: number.clone(),
                    procedure: procedure.clone(),
                    gates,
                });
            open::joint(work, &links.joint, taken.collect())?
        }
    };
    for (case, ..) in members {
        if case == work.case.id {
            work.push(Change::Joined { case: joint });
        } else {
            work.decision.followups.push(Followup::Link { case, joint });
        }
    }
    Ok(())
}

/// The joint case that this act names, if it may take this case in.
pub(super) fn named(work: &Work<'_>, action: &Action, input: &Fields) -> Result<Option<Id>, Refusal> {
    let Some((field, joint)) = target(action, input) else {
        return Ok(None);
    };
    let wrong = |zh: &str, en: &str| {
        Err(Refusal::Input {
            problems: vec![form::problem("", field, zh, en)],
        })
    };
    if joint == work.case.id {
        return wrong("不能归入本事项自身", "A case cannot be linked to itself");
    }
    if work.case.joint == Some(joint) {
        return wrong("本事项已归入这个合并事项", "This case is linked to it already");
    }
    let Some(other) = work.facts.others.get(&joint) else {
        return wrong("没有找到这个事项", "There is no such case");
    };
    if other.ended {
        return wrong("这个合并事项已经办结", "That joint case has ended");
    }
    let joints: Vec<&str> = work
        .procedure
        .questions
        .iter()
        .filter_map(|question| Some(question.links.as_ref()?.joint.procedure.as_str()))
        .collect();
    if !joints.is_empty() && !joints.contains(&other.procedure.as_str()) {
        return wrong(
            "这不是合并事项，请选择集体事项的主件",
            "That is no joint case; choose the one under which the cases are linked",
        );
    }
    Ok(Some(joint))
}

/// The field of an act that names a joint case, with what is typed there.
pub(super) fn target<'a>(action: &'a Action, input: &Fields) -> Option<(&'a str, Id)> {
    let field = action.joins.as_deref()?;
    Some((field, input.get(field).and_then(FieldValue::as_id)?))
}

/// Links this case to the joint case named by hand.
pub(super) fn link_named(work: &mut Work<'_>, joint: Id) {
    work.push(Change::Joined { case: joint });
    work.decision.followups.push(Followup::Join {
        joint,
        case: work.case.id,
        number: work.case.number.clone(),
        procedure: work.case.procedure.clone(),
        gates: work
            .procedure
            .questions
            .iter()
            .filter_map(|question| question.links.as_ref())
            .any(|links| links.joint.gates),
    });
}

/// The engine links this case to a joint case.
pub(super) fn linked(work: &mut Work<'_>, joint: Id) {
    if work.case.joint == Some(joint) {
        return;
    }
    work.setting.actor = &ENGINE;
    work.begin(EventKind::Linked, Fields::new());
    work.push(Change::Joined { case: joint });
    work.finish();
}

/// This joint case takes another one in.
pub(super) fn join(
    work: &mut Work<'_>,
    case: Id,
    (number, procedure, gates): (&str, &str, bool),
) -> Result<(), Refusal> {
    if work.case.subcases.iter().any(|known| known.case == case) {
        return Ok(());
    }
    if work.case.ended.is_some() {
        return Err(Refusal::Settled {
            say: say(
                "合并事项已经办结，不能再归入",
                "The joint case has ended; nothing can be linked to it any more",
            ),
            at: work.case.ended,
        });
    }
    work.setting.actor = &ENGINE;
    work.begin(EventKind::Linked, Fields::new());
    work.push(Change::SubcaseOpened {
        case,
        number: number.to_owned(),
        procedure: procedure.to_owned(),
        gates,
    });
    work.finish();
    Ok(())
}
