//! Questions: raised by facts, by time or from outside; answered by a person with a reason (CMP-2).

use super::scope::Typed;
use super::who::{About, addressed, entitled, say_who, words};
use super::work::Work;
use super::{Refusal, clocks, linking, say};
use crate::case::{Case, Change, EventKind, Fields};
use crate::model::{Cause, Procedure, Question, Who};

/// The key of the question whether someone is at fault for a delay.
pub(super) const FAULT: &str = "fault";

pub(super) fn next_number(case: &Case) -> u32 {
    case.questions
        .iter()
        .map(|question| question.no)
        .max()
        .unwrap_or(0)
        + 1
}

/// Sets the alarms of the questions that time raises, at opening.
pub(super) fn set_alarms(work: &mut Work<'_>) {
    let procedure = work.procedure;
    for question in &procedure.questions {
        for (index, cause) in question.raised_when.iter().enumerate() {
            if let Cause::After(limit) = cause {
                let at = work
                    .calendar()
                    .after(work.case.received, limit, &calendar::DayRule::default());
                work.push(Change::Alarm {
                    question: question.key.clone(),
                    cause: index as u32,
                    at,
                });
            }
        }
    }
}

/// Alarms whose time has come are taken off; their questions hang on the case from then on.
pub(super) fn alarms(work: &mut Work<'_>) {
    let now = work.setting.now;
    if work.case.ended.is_some() {
        return;
    }
    let passed: Vec<(String, u32)> = work
        .case
        .alarms
        .iter()
        .filter(|(_, _, at)| *at <= now)
        .map(|(question, cause, _)| (question.clone(), *cause))
        .collect();
    if passed.is_empty() {
        return;
    }
    for (question, cause) in passed {
        work.push(Change::AlarmPassed { question, cause });
    }
    raise_by_time(work);
}

fn raise_by_time(work: &mut Work<'_>) {
    raise_where(work, |cause| matches!(cause, Cause::After(_)));
}

/// Raises the questions whose causes hold now. Each cause raises its question once per case, none while an earlier
/// one of the same question waits for its answer.
pub(super) fn raise(work: &mut Work<'_>) {
    raise_where(work, |_| true);
}

fn raise_where(work: &mut Work<'_>, wanted: impl Fn(&Cause) -> bool) {
    if work.case.ended.is_some() {
        return;
    }
    let procedure = work.procedure;
    for question in &procedure.questions {
        for (index, cause) in question.raised_when.iter().enumerate() {
            let index = index as u32;
            let known = work
                .case
                .questions
                .iter()
                .filter(|raised| raised.question == question.key);
            if !wanted(cause)
                || known
                    .clone()
                    .any(|raised| raised.cause == index || raised.answer.is_none())
            {
                continue;
            }
            let has_come = match cause {
                Cause::When(condition) => work.holds(Some(condition), Typed::Nothing),
                Cause::After(_) => !work
                    .case
                    .alarms
                    .iter()
                    .any(|(known, cause, _)| *known == question.key && *cause == index),
                Cause::Alike(_) => false,
            };
            if has_come && work.holds(question.only.as_ref(), Typed::Nothing) {
                push(work, question, index);
            }
        }
    }
}

fn push(work: &mut Work<'_>, question: &Question, cause: u32) {
    let no = next_number(&work.case);
    work.push(Change::QuestionRaised {
        no,
        question: question.key.clone(),
        clause: question.clause.clone(),
        cause,
        ask: words(&question.ask),
        to: addressed(&work.case, &question.ask),
        about: None,
    });
}

/// Raises a question of the pack from outside.
pub(super) fn raise_from_outside(work: &mut Work<'_>, key: &str, cause: u32) -> Result<(), Refusal> {
    let procedure = work.procedure;
    let Some(question) = procedure.questions.iter().find(|question| question.key == key) else {
        return Err(super::unknown(
            key,
            procedure.questions.iter().map(|question| question.key.as_str()),
        ));
    };
    let known = work
        .case
        .questions
        .iter()
        .any(|raised| raised.question == key && raised.cause == cause);
    let applies = work.case.ended.is_none() && work.holds(question.only.as_ref(), Typed::Nothing);
    if !known && applies {
        work.begin(EventKind::Raised, Fields::new());
        push(work, question, cause);
        work.finish();
    }
    Ok(())
}

/// Who may answer: the pack's words behind the words kept in the case.
fn askers<'p>(procedure: &'p Procedure, key: &str, ask: &[String]) -> Vec<&'p Who> {
    match procedure.questions.iter().find(|question| question.key == key) {
        Some(question) => question.ask.iter().collect(),
        None => {
            let told = procedure
                .deadlines
                .iter()
                .flat_map(|deadline| &deadline.steps)
                .flat_map(|step| &step.tell);
            let mut found: Vec<&Who> = Vec::new();
            for who in told {
                if ask.contains(&who.to_string()) && !found.contains(&who) {
                    found.push(who);
                }
            }
            found
        }
    }
}

/// Takes the answer.
pub(super) fn answer(work: &mut Work<'_>, number: u32, yes: bool, reason: &str) -> Result<(), Refusal> {
    let procedure = work.procedure;
    let Some(asked) = work.case.questions.iter().find(|question| question.no == number) else {
        return Err(Refusal::Unknown {
            name: format!("question {number}"),
            nearest: None,
        });
    };
    if let Some((_, _, at)) = asked.answer {
        return Err(Refusal::Settled {
            say: say("该问题已有答复", "This question has been answered already"),
            at: Some(at),
        });
    }
    let who: Vec<Who> = askers(procedure, &asked.question, &asked.ask)
        .into_iter()
        .cloned()
        .collect();
    if entitled(&work.setting, work.setting.actor, &who, About::case(&work.case)).is_none() {
        return Err(Refusal::Forbidden {
            action: "answer".to_owned(),
            clause: Some(asked.clause.clone()),
            could: who.iter().map(|who| say_who(work.setting.pack, who)).collect(),
        });
    }
    if reason.trim().is_empty() {
        let problem = super::form::problem("", "reason", "请写明理由", "Give the reason of the answer");
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    }
    let key = asked.question.clone();
    work.begin(
        EventKind::Answered {
            question: number,
            yes,
            reason: reason.to_owned(),
        },
        Fields::new(),
    );
    work.push(Change::QuestionAnswered { no: number, yes });
    if let Some(question) = procedure.questions.iter().find(|question| question.key == key) {
        let sets = if yes {
            &question.yes_sets
        } else {
            &question.no_sets
        };
        for (field, expression) in sets {
            let value = work.around(Typed::Nothing).value(expression);
            super::effects::set(work, field, value);
        }
    }
    if let Some(links) = linking::of_question(procedure, &work.case, number).filter(|_| yes) {
        linking::link(work, links)?;
    }
    super::approvals::ask(work);
    clocks::settle(work, &clocks::Endings::default())?;
    raise(work);
    super::effects::index(work);
    work.finish();
    Ok(())
}
