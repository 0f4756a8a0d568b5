//! A procedure as its diagram shows it: stages, the ways between them, deadlines with what happens on their way.

use regulation::Pack;
use regulation::decide::say_who;
use regulation::model::{Action, Deadline, Procedure, Start, Step, StepTime, Trigger, Who};

use super::{ClauseTagPlain, DeadlineView, ProcedureView, StageView, WayView};
use crate::http::Language;
use crate::http::wire::{clause_tag, limit_words};
use crate::packs::Library;

/// The view of a procedure.
pub(super) fn procedure_view(
    packs: &Library,
    pack: &Pack,
    procedure: &Procedure,
    language: Language,
) -> ProcedureView {
    ProcedureView {
        key: procedure.key.clone(),
        title: language.say(&procedure.title),
        stated_in: procedure.stated_in.to_string(),
        opened_by: procedure
            .opened_by
            .iter()
            .map(|who| language.say(&say_who(pack, who)))
            .collect(),
        stages: procedure
            .stages
            .iter()
            .map(|stage| StageView {
                key: stage.key.clone(),
                title: language.say(&stage.title),
                end: stage.end,
            })
            .collect(),
        ways: ways(packs, procedure, language),
        deadlines: procedure
            .deadlines
            .iter()
            .map(|deadline| deadline_view(packs, pack, procedure, deadline, language))
            .collect(),
    }
}

/// Every way between two stages, in the order of the procedure; what is open everywhere has none of its own.
fn ways(packs: &Library, procedure: &Procedure, language: Language) -> Vec<WayView> {
    let mut ways: Vec<WayView> = Vec::new();
    let plain = |action: &Action| {
        action.clause.as_ref().map(|clause| {
            let tag = clause_tag(packs, clause, language);
            ClauseTagPlain {
                pack: tag.pack,
                id: tag.id,
                number: tag.number,
            }
        })
    };
    for action in &procedure.actions {
        let Start::Stages(from) = &action.from else {
            continue;
        };
        for start in from {
            for transition in &action.to {
                let Some(to) = &transition.stage else { continue };
                if to == start {
                    continue;
                }
                let way = WayView {
                    from: start.clone(),
                    to: to.clone(),
                    title: language.say(&action.title),
                    clause: plain(action),
                    conditional: transition.when.is_some(),
                    next_round: transition.next_round,
                };
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
        }
    }
    for approval in &procedure.approvals {
        let Some(to) = &approval.refused_to else { continue };
        let gated = procedure.action(&approval.gates);
        let Some(Start::Stages(from)) = gated.map(|action| &action.from) else {
            continue;
        };
        for start in from.iter().filter(|start| *start != to) {
            ways.push(WayView {
                from: start.clone(),
                to: to.clone(),
                title: format!(
                    "{}{}",
                    language.say(&approval.title),
                    language.pick("：不同意", ": objection")
                ),
                clause: None,
                conditional: true,
                next_round: approval.refused_next_round,
            });
        }
    }
    ways
}

fn deadline_view(
    packs: &Library,
    pack: &Pack,
    procedure: &Procedure,
    deadline: &Deadline,
    language: Language,
) -> DeadlineView {
    DeadlineView {
        key: deadline.key.clone(),
        title: language.say(&deadline.title),
        clause: clause_tag(packs, &deadline.clause, language),
        limit: limit_words(deadline, language),
        stage: stage_of(procedure, &deadline.from),
        from: trigger_words(procedure, &deadline.from, language),
        until: deadline
            .until
            .iter()
            .map(|trigger| trigger_words(procedure, trigger, language))
            .collect(),
        steps: deadline
            .steps
            .iter()
            .filter_map(|step| step_words(pack, procedure, step, language))
            .collect(),
    }
}

/// The stage in which a deadline begins.
fn stage_of(procedure: &Procedure, from: &Trigger) -> Option<String> {
    match from {
        Trigger::Received => procedure.stages.first().map(|stage| stage.key.clone()),
        Trigger::Stage(stage) => Some(stage.clone()),
        Trigger::Action(action) => {
            let action = procedure.action(action)?;
            let to = action.to.iter().find_map(|to| to.stage.clone());
            to.or_else(|| match &action.from {
                Start::Stages(from) => from.first().cloned(),
                Start::AnyOpen | Start::Always => None,
            })
        }
        _ => None,
    }
}

fn trigger_words(procedure: &Procedure, trigger: &Trigger, language: Language) -> String {
    let stage = |key: &str| {
        procedure
            .stage(key)
            .map_or_else(|| key.to_owned(), |stage| language.say(&stage.title))
    };
    let action = |key: &str| {
        procedure
            .action(key)
            .map_or_else(|| key.to_owned(), |action| language.say(&action.title))
    };
    let approval = |key: &str| {
        let found = procedure.approvals.iter().find(|approval| approval.key == key);
        found.map_or_else(|| key.to_owned(), |approval| language.say(&approval.title))
    };
    let field = |key: &str| {
        procedure
            .fields
            .get(key)
            .map_or_else(|| key.to_owned(), |field| language.say(&field.title))
    };
    match trigger {
        Trigger::Received => language.pick("受理", "receipt").to_owned(),
        Trigger::Stage(key) => format!("{}{}", language.pick("进入", "stage "), stage(key)),
        Trigger::Action(key) => action(key),
        Trigger::ApprovalAsked(key) => format!("{}{}", approval(key), language.pick("提请", " asked for")),
        Trigger::ApprovalGranted(key) => format!("{}{}", approval(key), language.pick("通过", " granted")),
        Trigger::Field(key) => field(key),
        Trigger::SubcasesEnded => language.pick("子事项全部结束", "all sub-cases ended").to_owned(),
        Trigger::Ended => language.pick("事项结束", "the end of the case").to_owned(),
    }
}

fn step_words(pack: &Pack, procedure: &Procedure, step: &Step, language: Language) -> Option<String> {
    let told: Vec<String> = step
        .tell
        .iter()
        .map(|who| who_words(pack, procedure, who, language))
        .collect();
    let act = step
        .act
        .as_ref()
        .and_then(|key| procedure.action(key))
        .map(|action| language.say(&action.title));
    if told.is_empty() && act.is_none() {
        return None;
    }
    let at = match &step.at {
        StepTime::Percent(percent) => match language {
            Language::Chinese => format!("到{percent}%时"),
            Language::English => format!("at {percent} %"),
        },
        StepTime::After(calendar::Limit::AtOnce) => language.pick("一到期", "when due").to_owned(),
        StepTime::After(limit) => format!(
            "{}{}",
            language.pick("超过", "over by "),
            limit.label(language.calendar())
        ),
    };
    let mut parts = Vec::new();
    if !told.is_empty() {
        parts.push(format!(
            "{}{}",
            language.pick("通知", "tells "),
            told.join(language.pick("、", ", "))
        ));
    }
    if let Some(act) = act {
        parts.push(format!(
            "{}{act}",
            language.pick("系统办理：", "the engine does: ")
        ));
    }
    Some(format!(
        "{at}{}{}",
        language.pick("，", ": "),
        parts.join(language.pick("；", "; "))
    ))
}

/// Who is meant; a person named on the case by the label of the field that names them.
fn who_words(pack: &Pack, procedure: &Procedure, who: &Who, language: Language) -> String {
    if let Who::Field(key) = who
        && let Some(field) = procedure.fields.get(key)
    {
        return language.say(&field.title);
    }
    language.say(&say_who(pack, who))
}
