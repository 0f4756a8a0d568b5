//! What must be asked of other records, and allotted, before a command can be decided.

use std::collections::BTreeMap;

use calendar::{Calendar, Date, Limit, Moment};

use super::keys::{index_name, join_key};
use super::numbers::series;
use super::scope::Around;
use super::sight::{Sight, sight};
use super::work::Work;
use super::{Command, FactQuery, Needs, NumberNeed, Setting, itself, open};
use crate::Id;
use crate::case::{Case, FieldValue, Fields};
use crate::expression::Expression;
use crate::model::{
    Action, Bound, Cause, Fact, Field, FieldKind, Opening, Procedure, Required, Source, Window,
};

static NONE: BTreeMap<String, FieldValue> = BTreeMap::new();

/// What `command` needs. Numbers are asked for every sub-case that may be opened; those not used leave gaps.
pub(super) fn needs(setting: &Setting<'_>, case: Option<&Case>, command: &Command) -> Needs {
    let mut needs = Needs::default();
    match command {
        Command::Open {
            procedure, opened, ..
        } => {
            let Some(procedure) = setting.pack.procedure(procedure) else {
                return needs;
            };
            let (unit, _) = open::units(setting, opened);
            let calendar = setting.organisation.calendar(setting.pack, unit);
            add_number(&mut needs, series(&procedure.number, calendar, setting.now));
            needs.ids = u32::from(opened.case.is_none());
            let known = following(procedure)
                .chain(of_fields(&procedure.intake_fields))
                .collect();
            if let Some(sight) = sight(setting, case, command) {
                needs.facts = queries(setting, &sight, &known);
            }
        }
        Command::Act { action, input, .. } => {
            let Some((case, procedure)) = known(setting, case) else {
                return needs;
            };
            let Some(action) = procedure.action(action) else {
                return needs;
            };
            let all = of_action(action)
                .into_iter()
                .chain(following(procedure))
                .collect();
            if let Some(sight) = sight(setting, Some(case), command) {
                needs.facts = queries(setting, &sight, &all);
            }
            for opening in &action.opens {
                let count = open::rows(opening, input).len();
                add_opening(setting, &mut needs, case, opening, count as u32);
            }
            add_engine_acts(setting, &mut needs, case, procedure);
            needs
                .others
                .extend(super::linking::target(action, input).map(|(_, joint)| joint));
            needs.others.extend(super::merging::target(action, input));
            needs.others.extend(super::disposal::listed(action, case, input));
        }
        Command::Sign { .. }
        | Command::Answer { .. }
        | Command::SubcaseEnded { .. }
        | Command::Raise { .. } => {
            let Some((case, procedure)) = known(setting, case) else {
                return needs;
            };
            let all = following(procedure).collect();
            if let Some(sight) = sight(setting, Some(case), command) {
                needs.facts = queries(setting, &sight, &all);
            }
            if let Command::Answer {
                question, yes: true, ..
            } = command
                && let Some(links) = super::linking::of_question(procedure, case, *question)
                && let Some(sight) = sight(setting, Some(case), command)
            {
                needs.facts.extend(super::linking::asked(setting, &sight, links));
                add_opening(setting, &mut needs, case, &links.joint, 1);
            }
            add_engine_acts(setting, &mut needs, case, procedure);
        }
        Command::Wake => {
            let Some((case, procedure)) = known(setting, case) else {
                return needs;
            };
            let acts = engine_acts(procedure, case);
            let all = following(procedure)
                .chain(acts.iter().flat_map(|action| of_action(action)))
                .collect();
            if let Some(sight) = sight(setting, Some(case), command) {
                needs.facts = queries(setting, &sight, &all);
            }
            add_engine_acts(setting, &mut needs, case, procedure);
        }
        Command::ReplaceSigner { .. }
        | Command::CalendarChanged
        | Command::CustomerMerged { .. }
        | Command::Link { .. }
        | Command::Join { .. }
        | Command::Move { .. } => {
            let Some((case, procedure)) = known(setting, case) else {
                return needs;
            };
            add_engine_acts(setting, &mut needs, case, procedure);
        }
    }
    needs
}

/// The facts that any action now open may read, asked in one go. A fact that is asked with a typed value is left out:
/// it hangs on input.
pub fn needs_of_offers(setting: &Setting<'_>, case: &Case) -> Needs {
    let Some(procedure) = setting.pack.procedure(&case.procedure) else {
        return Needs::default();
    };
    let open = procedure
        .actions
        .iter()
        .filter(|action| super::approvals::open_in(case, action));
    let all: Vec<&Expression> = open.flat_map(of_action).chain(following(procedure)).collect();
    let mut facts = queries(setting, &Sight::before_typing(procedure, case), &all);
    facts.retain(|query| {
        let key = itself::fact_of(query);
        let fact = procedure.facts.iter().find(|fact| fact.key == key);
        fact.is_some_and(|fact| !fact.same.iter().any(|(_, value)| value.reads_from("input")))
    });
    Needs {
        facts,
        ..Needs::default()
    }
}

pub(super) fn known<'a>(setting: &Setting<'a>, case: Option<&'a Case>) -> Option<(&'a Case, &'a Procedure)> {
    let case = case?;
    Some((case, setting.pack.procedure(&case.procedure)?))
}

fn add_number(needs: &mut Needs, series: String) {
    match needs.numbers.iter_mut().find(|need| need.series == series) {
        Some(need) => need.count += 1,
        None => needs.numbers.push(NumberNeed { series, count: 1 }),
    }
}

fn add_opening(setting: &Setting<'_>, needs: &mut Needs, case: &Case, opening: &Opening, count: u32) {
    let Some(procedure) = setting.pack.procedure(&opening.procedure) else {
        return;
    };
    let calendar = setting.organisation.calendar(setting.pack, Some(case.unit));
    for _ in 0..count {
        add_number(needs, series(&procedure.number, calendar, setting.now));
    }
    needs.ids += count;
}

/// Actions that a step due by now lets the engine do.
fn engine_acts<'p>(procedure: &'p Procedure, case: &Case) -> Vec<&'p Action> {
    let open = case.clocks.iter().filter(|clock| !clock.state.ended());
    let steps = open
        .filter_map(|clock| procedure.deadline(&clock.deadline))
        .flat_map(|deadline| &deadline.steps);
    steps
        .filter_map(|step| procedure.action(step.act.as_ref()?))
        .collect()
}

fn add_engine_acts(setting: &Setting<'_>, needs: &mut Needs, case: &Case, procedure: &Procedure) {
    if case.wakes_at().is_none_or(|at| at > setting.now) {
        return;
    }
    for action in engine_acts(procedure, case) {
        for opening in &action.opens {
            add_opening(setting, needs, case, opening, u32::from(opening.each.is_none()));
        }
    }
}

fn of_field(field: &Field) -> Vec<&Expression> {
    let mut all: Vec<&Expression> = field.when.iter().collect();
    if let Required::When(condition) = &field.required {
        all.push(condition);
    }
    if let FieldKind::Rows(columns) = &field.kind {
        all.extend(columns.iter().flat_map(of_field));
    }
    all
}

fn of_fields(fields: &[Field]) -> impl Iterator<Item = &Expression> {
    fields.iter().flat_map(of_field)
}

fn of_source(source: &Source) -> Option<&Expression> {
    match source {
        Source::Value(value) => Some(value),
        Source::Actor | Source::Now => None,
    }
}

/// All that an action's own conditions read.
fn of_action(action: &Action) -> Vec<&Expression> {
    let opens = action.opens.iter().flat_map(|opening| {
        opening
            .when
            .iter()
            .chain(opening.fields.iter().filter_map(|(_, source)| of_source(source)))
    });
    of_fields(&action.ask)
        .chain(action.needs.iter().map(|guard| &guard.that))
        .chain(action.to.iter().filter_map(|way| way.when.as_ref()))
        .chain(action.sets.iter().filter_map(|(_, source)| of_source(source)))
        .chain(
            action
                .exempt
                .iter()
                .filter_map(|exemption| exemption.when.as_ref()),
        )
        .chain(opens)
        .collect()
}

/// What is looked at after every act: questions, approvals, deadlines.
fn following(procedure: &Procedure) -> impl Iterator<Item = &Expression> {
    let questions = procedure.questions.iter().flat_map(|question| {
        let causes = question.raised_when.iter().filter_map(|cause| match cause {
            Cause::When(condition) => Some(condition),
            Cause::After(_) | Cause::Alike(_) => None,
        });
        question.only.iter().chain(causes)
    });
    let deadlines = procedure.deadlines.iter().flat_map(|deadline| {
        let choices = match &deadline.bound {
            Bound::Within(choices) => choices.as_slice(),
            Bound::At(_) => &[],
        };
        deadline
            .only
            .iter()
            .chain(choices.iter().filter_map(|choice| choice.when.as_ref()))
    });
    questions.chain(deadlines).chain(
        procedure
            .approvals
            .iter()
            .filter_map(|approval| approval.when.as_ref()),
    )
}

pub(super) fn queries(
    setting: &Setting<'_>,
    sight: &Sight<'_>,
    expressions: &Vec<&Expression>,
) -> Vec<FactQuery> {
    let reads = |fact: &&Fact| {
        expressions
            .iter()
            .any(|read| read.names_under("facts").any(|name| name == fact.key))
    };
    let found = sight.procedure.facts.iter().filter(reads);
    found
        .flat_map(|fact| {
            let values = values(setting, sight, fact);
            itself::asked(fact, query(setting, sight, fact), values, &sight.case)
        })
        .collect()
}

/// What a fact asks of the other records.
pub(super) fn query(setting: &Setting<'_>, sight: &Sight<'_>, fact: &Fact) -> FactQuery {
    let case = &sight.case;
    let calendar = setting.organisation.calendar(setting.pack, Some(case.unit));
    FactQuery {
        id: fact.key.clone(),
        index: index_name(fact),
        key: join_key(values(setting, sight, fact)),
        measure: fact.measure.clone(),
        among: fact.among,
        since: since(calendar, &fact.within, setting.now),
        except: Some(case.id).filter(|id| *id != Id(0)),
        guarding: fact.guarding,
    }
}

fn values(setting: &Setting<'_>, sight: &Sight<'_>, fact: &Fact) -> Vec<Option<FieldValue>> {
    let around = Around::case(setting, sight.procedure, &sight.case, &NONE, sight.typed);
    fact.same.iter().map(|(_, value)| around.value(value)).collect()
}

/// Facts that guard this act are compared again inside the write (WFM-2).
pub(super) fn note_guards(work: &mut Work<'_>, action: &Action, input: &Fields) {
    let procedure = work.procedure;
    if !procedure.facts.iter().any(|fact| fact.guarding) {
        return;
    }
    let all: Vec<&Expression> = of_action(action);
    let sight = Sight::of_act(&work.setting, procedure, &work.case, action, input);
    let found = queries(&work.setting, &sight, &all);
    for query in found.into_iter().filter(|query| query.guarding) {
        let value = work.facts.values.get(&query.id).cloned();
        work.decision.guards.push((query, value));
    }
}

fn since(calendar: &Calendar, window: &Window, now: Moment) -> Option<Moment> {
    let today = calendar.date_of(now);
    match window {
        Window::Ever => None,
        Window::Today => Some(calendar.start_of_day(today)),
        Window::ThisMonth => Some(calendar.start_of_month(today)),
        Window::Last(limit) => before(calendar, limit, now),
    }
}

/// The moment a limit before `now`.
fn before(calendar: &Calendar, limit: &Limit, now: Moment) -> Option<Moment> {
    let months = |n: u32| {
        let today = calendar.date_of(now);
        let count = i64::from(today.year()) * 12 + i64::from(today.month()) - 1 - i64::from(n);
        let (year, month) = (
            i16::try_from(count.div_euclid(12)).ok()?,
            count.rem_euclid(12) as i8 + 1,
        );
        let first = Date::new(year, month, 1).ok()?;
        let date = Date::new(year, month, today.day().min(first.days_in_month())).ok()?;
        Some(calendar.moment_of(date, calendar.time_of(now)))
    };
    match limit {
        Limit::Months(n) => months(*n),
        Limit::HalfYear => months(6),
        Limit::Years(n) => months(n.saturating_mul(12)),
        Limit::Workdays(n) => {
            let mut date = calendar.date_of(now);
            let mut left = (*n).min(3_000);
            while left > 0 {
                date = date.yesterday().ok()?;
                left -= u32::from(calendar.is_workday(date));
            }
            Some(calendar.moment_of(date, calendar.time_of(now)))
        }
        other => other.length().map(|length| now.plus(-length)),
    }
}
