//! Doing an action: refusals in their order, then effects.

use super::form;
use super::scope::{Truth, Typed};
use super::who::{About, entitled, say_who};
use super::work::Work;
use super::{
    Refusal, approvals, claims, clocks, disposal, effects, linking, merging, needs, open, pauses, questions,
    say, telling,
};
use crate::case::{Case, Change, EventKind, FieldValue, Fields};
use crate::model::{Action, ClauseRef, FieldKind, Start, Transition, Trigger};
use crate::source::Said;

/// The house rule that a case does not end before the sub-cases that gate it (GEN-22).
pub(super) fn subcases_gate() -> ClauseRef {
    ClauseRef {
        pack: "house".into(),
        clause: "subcases_gate".into(),
    }
}

/// What a person's act must pass before it is looked at more closely.
pub(super) fn admitted(
    work: &Work<'_>,
    action: &Action,
    seen: Option<u64>,
    before: &Case,
) -> Result<(), Refusal> {
    // Who lost a race is told who was faster, even where the other's act closed the way.
    fresh(work, before, seen)?;
    not_here(work, action)?;
    may(work, action)
}

pub(super) fn not_here(work: &Work<'_>, action: &Action) -> Result<(), Refusal> {
    let case = &work.case;
    if approvals::open_in(case, action) && (case.ended.is_none() || !matches!(action.from, Start::AnyOpen)) {
        return Ok(());
    }
    let stage_title = |key: &str| {
        work.procedure
            .stage(key)
            .map_or_else(|| say(key, key), |stage| stage.title.clone())
    };
    let open_in = match &action.from {
        Start::Stages(stages) => stages.iter().map(|stage| stage_title(stage)).collect(),
        Start::AnyOpen => vec![say("任何未办结的环节", "any open stage")],
        Start::Always => Vec::new(),
    };
    Err(Refusal::NotHere {
        action: action.key.clone(),
        stage: stage_title(&case.stage),
        open_in,
    })
}

/// An event by another person since the version that was seen refuses; one by the engine or by oneself does not.
pub(super) fn fresh(work: &Work<'_>, before: &Case, seen: Option<u64>) -> Result<(), Refusal> {
    let (Some(seen), me) = (seen, work.setting.actor.person) else {
        return Ok(());
    };
    if seen > before.version {
        let problem = form::problem(
            "",
            "seen",
            &format!(
                "本事项现为第 {} 版，不可能已看到第 {seen} 版，请刷新后再试",
                before.version
            ),
            &format!(
                "This case is at version {}; version {seen} cannot have been seen. Reload it and try again",
                before.version
            ),
        );
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    }
    let others = [&before.last_by_person, &before.last_by_other]
        .into_iter()
        .flatten();
    match others
        .filter(|(version, by, _)| Some(*by) != me && *version > seen)
        .max_by_key(|(version, _, _)| *version)
    {
        Some((_, by, did)) => Err(Refusal::Stale {
            by: *by,
            did: did.clone(),
            version: before.version,
        }),
        None => Ok(()),
    }
}

pub(super) fn may(work: &Work<'_>, action: &Action) -> Result<(), Refusal> {
    let actor = work.setting.actor;
    let did = |key: &String| {
        actor.person.is_some()
            && work
                .case
                .doings
                .iter()
                .any(|doing| doing.action == *key && doing.actor == actor.person)
    };
    let allowed = entitled(&work.setting, actor, &action.by, About::case(&work.case)).is_some();
    if allowed && !action.not_by_doer_of.iter().any(did) {
        return Ok(());
    }
    let mut could: Vec<Said> = action
        .by
        .iter()
        .map(|who| say_who(work.setting.pack, who))
        .collect();
    if allowed {
        could = vec![say(
            "未经手此前步骤的其他人员",
            "someone who did not do the earlier step",
        )];
    }
    Err(Refusal::Forbidden {
        action: action.key.clone(),
        clause: action.clause.clone(),
        could,
    })
}

/// The clause whose condition does not hold.
pub(super) fn guard(work: &Work<'_>, action: &Action, input: Typed<'_>) -> (Option<Refusal>, bool) {
    let around = work.around(input);
    let mut hangs = false;
    for guard in &action.needs {
        match around.truth(&guard.that) {
            Truth::Yes => {}
            Truth::Hangs => hangs = true,
            Truth::No => {
                let unknown = work.around(Typed::Unknown).truth(&guard.that);
                let refusal = Refusal::Clause {
                    action: action.key.clone(),
                    clause: guard.clause.clone(),
                    say: guard.say.clone(),
                    on_input: unknown == Truth::Hangs,
                };
                return (Some(refusal), hangs);
            }
        }
    }
    (None, hangs)
}

/// The engine does an action by itself (MAL-4). Whatever forbids it leaves the case as it was.
pub(super) fn by_engine(work: &mut Work<'_>, key: &str) {
    let procedure = work.procedure;
    let Some(action) = procedure.action(key) else {
        return;
    };
    if not_here(work, action).is_err() {
        return;
    }
    let (case, decision, allotted) = (work.case.clone(), work.decision.clone(), work.allotted.clone());
    if perform(work, action, &Fields::new()).is_err() {
        work.restore(case);
        work.decision = decision;
        work.allotted = allotted;
    }
}

/// Does the action: input, approvals, guards, uniqueness, then everything that follows from it.
pub(super) fn perform(work: &mut Work<'_>, action: &Action, typed: &Fields) -> Result<(), Refusal> {
    let around = work.around(Typed::Nothing);
    let input = form::check(&action.ask, typed, &around, work.setting.mode)
        .map_err(|problems| Refusal::Input { problems })?;
    {
        let seen = Typed::Given(&input, &action.ask);
        if let Some(refusal) = approvals::missing(work, action, seen) {
            return Err(refusal);
        }
        if let (Some(refusal), _) = guard(work, action, seen) {
            return Err(refusal);
        }
    }
    pauses::something_stands_still(work, action)?;
    let merged_into = merging::allowed(work, action, &input)?;
    let joined = linking::named(work, action, &input)?;
    let erased = disposal::allowed(work, action, &input)?;
    needs::note_guards(work, action, &input);
    claims::of_action(work, action, &input);
    let kind = EventKind::Acted {
        action: action.key.clone(),
        clause: action.clause.clone(),
    };
    work.begin(kind, input.clone());
    work.fired.push(Trigger::Action(action.key.clone()));
    let seen = Typed::Given(&input, &action.ask);
    for (key, source) in &action.sets {
        let value = effects::source(work, source, seen);
        effects::set(work, key, value);
    }
    let exempt = exemptions(work, action, seen);
    let lapse = match merged_into {
        Some(into) => Some(format!("merged:{into}")),
        None => action.void.then(|| "void".to_owned()),
    };
    transit(work, action, seen)?;
    if action.void {
        work.push(Change::Voided);
    }
    disposal::erase(work, erased);
    if let Some(joint) = joined {
        linking::link_named(work, joint);
    }
    if let Some(into) = merged_into {
        work.push(Change::MergedInto { case: into });
    }
    if lapse.is_some() && !work.fired.contains(&Trigger::Ended) {
        work.fired.push(Trigger::Ended);
    }
    if lapse.is_some() {
        subcases_allow_end(work, action)?;
    }
    open::subcases(work, action, &input)?;
    effects::marks(work, action);
    telling::tell(work, action, seen)?;
    approvals::ask(work);
    let pause = action
        .pauses
        .as_ref()
        .and_then(|field| input.get(field))
        .and_then(FieldValue::as_text);
    let pause = pause.map(str::to_owned);
    let before = work.event.changes.len();
    clocks::settle(
        work,
        &clocks::Endings {
            exempt,
            lapse,
            pause: pause.clone(),
            resume: action.resumes,
        },
    )?;
    pauses::took_effect(work, pause.as_deref(), before)?;
    effects::ended(work)?;
    questions::raise(work);
    effects::index(work);
    work.finish();
    Ok(())
}

fn exemptions(work: &Work<'_>, action: &Action, input: Typed<'_>) -> Vec<(String, Option<String>)> {
    let holding = action
        .exempt
        .iter()
        .filter(|exemption| work.holds(exemption.when.as_ref(), input));
    holding
        .map(|exemption| {
            (
                exemption.deadline.clone(),
                reason(work, action, exemption.reason.as_ref()),
            )
        })
        .collect()
}

/// The reason as printed; without one of its own, the label of the option that was typed.
fn reason(work: &Work<'_>, action: &Action, said: Option<&Said>) -> Option<String> {
    if let Some(said) = said {
        return Some(said.zh.clone());
    }
    action.ask.iter().find_map(|field| {
        let FieldKind::Choice(options) = &field.kind else {
            return None;
        };
        let chosen = work.event.input.get(&field.key)?.as_text()?;
        options
            .iter()
            .find(|(key, _)| key == chosen)
            .map(|(_, label)| label.zh.clone())
    })
}

/// Takes the first way whose condition holds.
fn transit(work: &mut Work<'_>, action: &Action, input: Typed<'_>) -> Result<(), Refusal> {
    if action.to.is_empty() {
        return Ok(());
    }
    let Some(way) = action.to.iter().find(|way| work.holds(way.when.as_ref(), input)) else {
        return Err(nowhere(work, action));
    };
    if let Some(stage) = &way.stage
        && work.procedure.stage(stage).is_some_and(|stage| stage.end)
    {
        subcases_allow_end(work, action)?;
    }
    if way.next_round {
        let round = work.case.round + 1;
        work.push(Change::RoundBegan { round });
    }
    if let Some(stage) = &way.stage {
        effects::enter(work, stage);
    }
    Ok(())
}

fn nowhere(work: &Work<'_>, action: &Action) -> Refusal {
    let title = |way: &Transition| match &way.stage {
        Some(stage) => work
            .procedure
            .stage(stage)
            .map_or_else(|| say(stage, stage), |stage| stage.title.clone()),
        None => say("留在本环节", "stay"),
    };
    let ways: Vec<Said> = action.to.iter().map(title).collect();
    let zh: Vec<&str> = ways.iter().map(|way| way.zh.as_str()).collect();
    let en: Vec<&str> = ways.iter().map(|way| way.en.as_str()).collect();
    let field = action.ask.first().map_or("", |field| field.key.as_str());
    let problem = form::problem(
        "",
        field,
        &format!("按所填内容没有可去的环节；可去的有：{}", zh.join("、")),
        &format!(
            "What was given leads nowhere; it could lead to: {}",
            en.join(", ")
        ),
    );
    Refusal::Input {
        problems: vec![problem],
    }
}

/// Whether a sub-case that gates this case is still open.
pub(super) fn gated(case: &Case) -> bool {
    case.subcases
        .iter()
        .any(|subcase| subcase.gates && subcase.ended.is_none())
}

pub(super) fn gate_refusal(case: &Case, action: &Action) -> Refusal {
    let open = case
        .subcases
        .iter()
        .filter(|subcase| subcase.gates && subcase.ended.is_none());
    let numbers: Vec<&str> = open.map(|subcase| subcase.number.as_str()).collect();
    Refusal::Clause {
        action: action.key.clone(),
        clause: subcases_gate(),
        say: say(
            format!("子事项 {} 尚未办结，本事项不能办结", numbers.join("、")),
            format!(
                "The sub-cases {} are still open; this case cannot end before them",
                numbers.join(", ")
            ),
        ),
        on_input: false,
    }
}

fn subcases_allow_end(work: &Work<'_>, action: &Action) -> Result<(), Refusal> {
    if gated(&work.case) {
        Err(gate_refusal(&work.case, action))
    } else {
        Ok(())
    }
}
