//! Approvals: asked for when the gated action comes open, signed in order, refused with a reason (CMP-7, CMP-9).

use super::scope::Typed;
use super::who::{About, Entitled, entitled, entitled_as, say_who};
use super::work::Work;
use super::{Refusal, clocks, effects, form, questions, say};
use crate::Id;
use crate::case::{ApprovalState, ApprovalStatus, Case, Change, EventKind, Fields, SignerSlot};
use crate::model::{Action, Approval, Start, Trigger, Who};
use crate::source::Said;

/// Whether an action is open in the stage the case stands in.
pub(super) fn open_in(case: &Case, action: &Action) -> bool {
    match &action.from {
        Start::Stages(stages) => stages.contains(&case.stage),
        Start::AnyOpen => case.ended.is_none(),
        Start::Always => true,
    }
}

/// Asks for the approvals whose action has come open.
pub(super) fn ask(work: &mut Work<'_>) {
    if work.case.ended.is_some() {
        return;
    }
    let procedure = work.procedure;
    for approval in &procedure.approvals {
        let Some(action) = procedure.action(&approval.gates) else {
            continue;
        };
        let asked = work.case.approvals.iter().any(|asked| {
            asked.approval == approval.key
                && asked.round == work.case.round
                && asked.status != ApprovalStatus::Refused
        });
        if asked || !open_in(&work.case, action) || !work.holds(approval.when.as_ref(), Typed::Nothing) {
            continue;
        }
        let steps = approval.steps.iter().map(|step| {
            let slots = step.signers.iter().map(|who| SignerSlot {
                who: who.to_string(),
                unit: unit(work, who),
                person: None,
            });
            (step.need, slots.collect())
        });
        let steps = steps.collect();
        let no = work
            .case
            .approvals
            .iter()
            .map(|asked| asked.no)
            .max()
            .unwrap_or(0)
            + 1;
        work.push(Change::ApprovalAsked {
            approval: approval.key.clone(),
            no,
            clause: approval.clause.clone(),
            steps,
        });
        work.fired.push(Trigger::ApprovalAsked(approval.key.clone()));
    }
}

fn unit(work: &Work<'_>, who: &Who) -> Option<Id> {
    match who {
        Who::Function { of: Some(of), .. } | Who::MembersOf(of) => About::case(&work.case).unit_of(of),
        // Without `of`, held for the responsible or the owning unit, as with `by`: no one unit is meant.
        _ => None,
    }
}

/// The approval that an action still waits for.
pub(super) fn missing(work: &Work<'_>, action: &Action, input: Typed<'_>) -> Option<Refusal> {
    let waiting = work
        .procedure
        .approvals
        .iter()
        .filter(|approval| approval.gates == action.key);
    for approval in waiting {
        if !work.holds(approval.when.as_ref(), input) {
            continue;
        }
        let mut of_round = work
            .case
            .approvals
            .iter()
            .filter(|asked| asked.approval == approval.key && asked.round == work.case.round);
        if of_round
            .clone()
            .any(|asked| asked.status == ApprovalStatus::Granted)
        {
            continue;
        }
        let asked = of_round.find(|asked| asked.status == ApprovalStatus::Asked);
        return Some(Refusal::Unapproved {
            action: action.key.clone(),
            approval: approval.key.clone(),
            clause: approval.clause.clone(),
            say: approval.say.clone(),
            waiting_for: waiting_for(work, approval, asked),
        });
    }
    None
}

fn waiting_for(work: &Work<'_>, approval: &Approval, asked: Option<&ApprovalState>) -> Vec<Said> {
    let step = asked.and_then(ApprovalState::waiting_step).unwrap_or(0);
    let Some(rule) = approval.steps.get(step as usize) else {
        return Vec::new();
    };
    let free = rule
        .signers
        .iter()
        .enumerate()
        .filter(|(slot, _)| !asked.is_some_and(|asked| is_signed(asked, step, *slot as u32)));
    free.map(|(_, who)| say_who(work.setting.pack, who)).collect()
}

fn is_signed(asked: &ApprovalState, step: u32, slot: u32) -> bool {
    asked
        .signatures
        .iter()
        .any(|given| given.step == step && given.slot == slot)
}

/// The approval by number with its rule, if it still waits in this round.
fn waiting<'w>(work: &'w Work<'_>, number: u32) -> Result<(&'w ApprovalState, &'w Approval, u32), Refusal> {
    let Some(asked) = work.case.approvals.iter().find(|asked| asked.no == number) else {
        return Err(Refusal::Unknown {
            name: format!("approval {number}"),
            nearest: None,
        });
    };
    let Some(rule) = work
        .procedure
        .approvals
        .iter()
        .find(|rule| rule.key == asked.approval)
    else {
        return Err(Refusal::Unknown {
            name: asked.approval.clone(),
            nearest: None,
        });
    };
    let settled = |zh: &str, en: &str| {
        Err(Refusal::Settled {
            say: say(zh, en),
            at: asked.signatures.last().map(|given| given.at),
        })
    };
    match asked.waiting_step() {
        Some(_) if asked.round != work.case.round || work.case.ended.is_some() => settled(
            "该审批已随上一轮失效",
            "This approval lapsed with an earlier round or the end of the case",
        ),
        Some(step) => Ok((asked, rule, step)),
        None => settled("该审批已有结论", "This approval is settled already"),
    }
}

/// Signs, or objects with a reason.
pub(super) fn sign(
    work: &mut Work<'_>,
    number: u32,
    agree: bool,
    reason: Option<&str>,
) -> Result<(), Refusal> {
    let (asked, rule, step) = waiting(work, number)?;
    let actor = work.setting.actor;
    if asked
        .signatures
        .iter()
        .any(|given| given.step == step && given.person == actor.person)
    {
        return Err(Refusal::Settled {
            say: say("您在这一步已经签过", "You have signed in this step already"),
            at: asked.signatures.last().map(|given| given.at),
        });
    }
    let Some((slot, right)) = free_slot(work, asked, rule, step) else {
        return Err(Refusal::Forbidden {
            action: rule.key.clone(),
            clause: Some(rule.clause.clone()),
            could: waiting_for(work, rule, Some(asked)),
        });
    };
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if !agree && reason.is_none() {
        let problem = form::problem("", "reason", "不同意须写明理由", "An objection needs its reason");
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    }
    let key = rule.key.clone();
    let (refused_to, next_round) = (rule.refused_to.clone(), rule.refused_next_round);
    let kind = EventKind::Signed {
        approval: key.clone(),
        step,
        agreed: agree,
        reason: reason.map(str::to_owned),
    };
    work.begin(kind, Fields::new());
    work.push(Change::Signature {
        no: number,
        step,
        slot,
        agreed: agree,
        on_behalf_of: right.on_behalf_of,
    });
    if agree {
        let all = work
            .case
            .approvals
            .iter()
            .any(|asked| asked.no == number && asked.waiting_step().is_none());
        if all {
            work.push(Change::ApprovalEnded {
                no: number,
                granted: true,
            });
            work.fired.push(Trigger::ApprovalGranted(key));
        }
    } else {
        work.push(Change::ApprovalEnded {
            no: number,
            granted: false,
        });
        if next_round {
            let round = work.case.round + 1;
            work.push(Change::RoundBegan { round });
        }
        if let Some(stage) = &refused_to {
            effects::enter(work, stage);
        }
        if refused_to.is_some() || next_round {
            ask(work);
        }
    }
    clocks::settle(work, &clocks::Endings::default())?;
    effects::ended(work)?;
    questions::raise(work);
    work.finish();
    Ok(())
}

/// The first free slot of the step that the actor may sign; a right of one's own goes before a delegated one.
fn free_slot(work: &Work<'_>, asked: &ApprovalState, rule: &Approval, step: u32) -> Option<(u32, Entitled)> {
    let (_, slots) = asked.steps.get(step as usize)?;
    let of_step = rule.steps.get(step as usize)?;
    let actor = work.setting.actor;
    let mut delegated = None;
    for (index, slot) in slots.iter().enumerate() {
        if is_signed(asked, step, index as u32) {
            continue;
        }
        let right = match slot.person {
            Some(person) => (actor.person == Some(person)).then_some(Entitled { on_behalf_of: None }),
            None => {
                let who = of_step.signers.iter().find(|who| who.to_string() == slot.who);
                who.and_then(|who| entitled_as(&work.setting, actor, who, About::case(&work.case), slot.unit))
            }
        };
        match right {
            Some(Entitled { on_behalf_of: None }) => {
                return Some((index as u32, Entitled { on_behalf_of: None }));
            }
            Some(right) if of_step.may_delegate.is_some() => {
                delegated = delegated.or(Some((index as u32, right)))
            }
            _ => {}
        }
    }
    delegated
}

/// Names another signer in place of an absent one (CMP-9).
pub(super) fn replace_signer(
    work: &mut Work<'_>,
    number: u32,
    place: (u32, u32),
    person: Id,
    reason: &str,
) -> Result<(), Refusal> {
    let (asked, rule, _) = waiting(work, number)?;
    if entitled(
        &work.setting,
        work.setting.actor,
        &rule.replaced_by,
        About::case(&work.case),
    )
    .is_none()
    {
        return Err(Refusal::Forbidden {
            action: rule.key.clone(),
            clause: Some(rule.clause.clone()),
            could: rule
                .replaced_by
                .iter()
                .map(|who| say_who(work.setting.pack, who))
                .collect(),
        });
    }
    let (step, slot) = place;
    if asked
        .steps
        .get(step as usize)
        .is_none_or(|(_, slots)| slots.get(slot as usize).is_none())
    {
        return Err(Refusal::Unknown {
            name: format!("signer {step}/{slot}"),
            nearest: None,
        });
    }
    if is_signed(asked, step, slot) {
        return Err(Refusal::Settled {
            say: say(
                "这一签已经签过，不能换人",
                "This slot is signed already; its signer cannot be replaced",
            ),
            at: asked.signatures.last().map(|given| given.at),
        });
    }
    if reason.trim().is_empty() {
        let problem = form::problem(
            "",
            "reason",
            "请写明换人的理由",
            "Give the reason for another signer",
        );
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    }
    let approval = rule.key.clone();
    let mut input = Fields::new();
    input.insert(
        "replaced_signer_reason".to_owned(),
        crate::case::FieldValue::Text(reason.trim().to_owned()),
    );
    work.begin(EventKind::SignerReplaced { approval }, input);
    work.push(Change::SignerReplaced {
        no: number,
        step,
        slot,
        person,
    });
    work.finish();
    Ok(())
}
