//! Moving a running case to another version of its pack (QLT-2): everything that runs must map, or nothing moves.

use super::basis::{self, Basis};
use super::clocks;
use super::levels::levels_of;
use super::scope::Typed;
use super::work::Work;
use super::{Refusal, say};
use crate::Pack;
use crate::case::{ApprovalStatus, Case, Change, ClockState, EventKind, Fields, Level, PinnedPack};
use crate::model::{Deadline, Procedure};
use crate::source::Said;

/// Every reason why the case cannot be moved.
fn reasons(case: &Case, to: &Pack, stage: &str) -> Vec<Said> {
    let Some(procedure) = to.procedure(&case.procedure) else {
        let name = &case.procedure;
        return vec![say(
            format!("新版本没有流程“{name}”"),
            format!("The other version has no procedure “{name}”"),
        )];
    };
    let mut reasons = Vec::new();
    match procedure.stage(stage) {
        None => reasons.push(say(
            format!("新版本没有环节“{stage}”，请指明对应的环节"),
            format!("The other version has no stage “{stage}”; say which one takes its place"),
        )),
        Some(found) if found.end != case.ended.is_some() => reasons.push(say(
            format!("环节“{stage}”在两个版本中一个是终点、一个不是"),
            format!("The stage “{stage}” is an end in one version and not in the other"),
        )),
        Some(_) => {}
    }
    for clock in case.clocks.iter().filter(|clock| !clock.state.ended()) {
        if procedure.deadline(&clock.deadline).is_none() {
            let key = &clock.deadline;
            reasons.push(say(
                format!("时限“{key}”正在计时，新版本没有它"),
                format!("The deadline “{key}” is running; the other version does not have it"),
            ));
        }
    }
    let asked = case
        .approvals
        .iter()
        .filter(|asked| asked.status == ApprovalStatus::Asked && asked.round == case.round);
    for asked in asked {
        let known = procedure
            .approvals
            .iter()
            .find(|approval| approval.key == asked.approval);
        let same = known.is_some_and(|approval| {
            approval.steps.len() == asked.steps.len()
                && approval.steps.iter().zip(&asked.steps).all(|(step, (_, slots))| {
                    slots
                        .iter()
                        .all(|slot| step.signers.iter().any(|who| who.to_string() == slot.who))
                })
        });
        if !same {
            let key = &asked.approval;
            reasons.push(say(
                format!("审批“{key}”正在等待签字，新版本没有同样的签字人"),
                format!(
                    "The approval “{key}” waits for signatures; the other version has not the same signers"
                ),
            ));
        }
    }
    for subcase in case.subcases.iter().filter(|subcase| subcase.ended.is_none()) {
        if to.procedure(&subcase.procedure).is_none() {
            let name = &subcase.procedure;
            reasons.push(say(
                format!("子事项 {} 的流程“{name}”在新版本中不存在", subcase.number),
                format!(
                    "The other version has no procedure “{name}” of the open sub-case {}",
                    subcase.number
                ),
            ));
        }
    }
    let mut questions: Vec<&str> = Vec::new();
    for raised in case.questions.iter().filter(|raised| raised.answer.is_none()) {
        let known = procedure
            .questions
            .iter()
            .any(|question| question.key == raised.question);
        if raised.question != super::questions::FAULT
            && !known
            && !questions.contains(&raised.question.as_str())
        {
            questions.push(&raised.question);
            let key = &raised.question;
            reasons.push(say(
                format!("待核“{key}”尚未答复，新版本没有它"),
                format!("The question “{key}” is not answered yet; the other version does not have it"),
            ));
        }
    }
    reasons
}

/// Moves the case. `work` stands on the new pack and procedure already.
pub(super) fn move_to(work: &mut Work<'_>, stage: String) -> Result<(), Refusal> {
    let to = work.setting.pack;
    let reasons = reasons(&work.case, to, &stage);
    if !reasons.is_empty() {
        return Err(Refusal::Unmovable { reasons });
    }
    work.begin(EventKind::Moved, Fields::new());
    let pack = PinnedPack {
        name: to.name.clone(),
        hash: to.hash.clone(),
    };
    work.push(Change::Repinned { pack, stage });
    reset_by_new_rules(work);
    super::effects::index(work);
    work.finish();
    Ok(())
}

/// Clocks keep their start; one whose limit or due time is another under the new version is re-set with a pointer.
fn reset_by_new_rules(work: &mut Work<'_>) {
    let procedure: &Procedure = work.procedure;
    let open: Vec<u32> = work
        .case
        .clocks
        .iter()
        .filter(|clock| !clock.state.ended())
        .map(|clock| clock.no)
        .collect();
    for no in open {
        let Some(clock) = work.case.clock(no) else {
            continue;
        };
        let Some(deadline) = procedure.deadline(&clock.deadline) else {
            continue;
        };
        let (start, moved) = (clock.start, clock.moved);
        let basis = basis::basis(&work.around(Typed::Nothing), deadline, work.calendar(), start);
        match basis {
            None => clocks::end(
                work,
                no,
                ClockState::Lapsed,
                Some("not_applicable".to_owned()),
                None,
            ),
            Some(basis) => {
                let same = basis.limit == clock.limit
                    && basis.origin == clock.origin
                    && basis.fixed.is_none_or(|fixed| fixed == clock.due)
                    && (clock.paused_total > 0
                        || clock.paused.is_some()
                        || basis::due_of(&basis, work.calendar(), &deadline.day).0 == clock.due);
                if same {
                    keep_steps(work, no, deadline, &basis);
                } else {
                    clocks::replace(work, no, deadline, basis, moved);
                }
            }
        }
    }
}

/// A clock that goes on takes the steps of the new version; those already taken or past are not taken again.
fn keep_steps(work: &mut Work<'_>, no: u32, deadline: &Deadline, basis: &Basis) {
    let Some(clock) = work.case.clock(no) else { return };
    let now = work.setting.now;
    let fresh = levels_of(
        work.calendar(),
        deadline,
        clock.start,
        clock.due,
        basis.limit.as_ref(),
    );
    let levels: Vec<Level> = fresh.into_iter().filter(|level| level.at > now).collect();
    if levels != clock.levels {
        work.push(Change::RemindersSet { no, levels });
    }
}
