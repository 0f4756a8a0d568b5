//! Steps on the way of a clock: reminders, escalation, what the engine does by itself, repeats at set hours.

use calendar::{Calendar, Limit, Moment, Time};

use super::pauses;
use super::who::{addressed, person_of, words};
use super::work::{ENGINE, Work};
use super::{Mode, act, questions};
use crate::case::{Case, Change, Clock, ClockState, EventKind, Fields, Level};
use crate::model::{Deadline, Repeat, StepTime, Who};

/// Later than this after its time, a step counts as noticed late.
const LATE_NOTICE: i64 = 60_000;
/// Acts of the engine may set off further clocks; so many turns are taken in one command.
const MOST_TURNS: usize = 16;

fn repeat_index(deadline: &Deadline) -> u32 {
    deadline.steps.len() as u32
}

fn urged_index(deadline: &Deadline) -> u32 {
    deadline.steps.len() as u32 + 1
}

/// All steps of a clock with their times.
pub(super) fn levels_of(
    calendar: &Calendar,
    deadline: &Deadline,
    start: Moment,
    due: Moment,
    limit: Option<&Limit>,
) -> Vec<Level> {
    let mut levels = Vec::with_capacity(deadline.steps.len() + 1);
    for (index, step) in deadline.steps.iter().enumerate() {
        let at = match &step.at {
            StepTime::Percent(percent) => {
                calendar.fraction(start, due, limit.unwrap_or(&Limit::AtOnce), *percent)
            }
            StepTime::After(limit) => calendar.after(due, limit, &deadline.day),
        };
        levels.push(Level {
            at,
            step: index as u32,
        });
    }
    if let Some(at) = deadline
        .repeat
        .as_ref()
        .and_then(|repeat| next_turn(calendar, repeat, due, None))
    {
        levels.push(Level {
            at,
            step: repeat_index(deadline),
        });
    }
    sort(&mut levels);
    levels
}

fn sort(levels: &mut [Level]) {
    levels.sort_by_key(|level| (level.at, level.step));
}

/// The steps left after a pause: those before the due time move like it, those after follow the new one.
pub(super) fn shifted_levels(
    calendar: &Calendar,
    deadline: &Deadline,
    clock: &Clock,
    limit: &Limit,
    since: Moment,
    at: Moment,
    due: Moment,
) -> Vec<Level> {
    let fresh = levels_of(calendar, deadline, clock.start, due, Some(limit));
    let mut levels: Vec<Level> = Vec::with_capacity(clock.levels.len());
    for left in &clock.levels {
        let before = match deadline.steps.get(left.step as usize) {
            Some(step) => matches!(step.at, StepTime::Percent(_)),
            None => left.step == urged_index(deadline),
        };
        let moved = if before {
            calendar
                .resume_by(left.at, limit, since, at, &deadline.day)
                .at
                .min(due)
        } else {
            fresh
                .iter()
                .find(|level| level.step == left.step)
                .map_or(left.at, |level| level.at)
        };
        levels.push(Level {
            at: moved,
            step: left.step,
        });
    }
    sort(&mut levels);
    levels
}

/// The next set hour after `after`; not in the half-day of `told`, in which people were told already (LOG-6).
pub(super) fn next_turn(
    calendar: &Calendar,
    repeat: &Repeat,
    after: Moment,
    told: Option<Moment>,
) -> Option<Moment> {
    let half = |moment: Moment| (calendar.date_of(moment), calendar.time_of(moment).hour() >= 12);
    let told = told.map(half);
    let mut date = calendar.date_of(after);
    for _ in 0..60 {
        if !repeat.workdays_only || calendar.is_workday(date) {
            for minutes in &repeat.hours {
                let (hour, minute) = ((minutes / 60) as i8, (minutes % 60) as i8);
                let Ok(time) = Time::new(hour, minute, 0, 0) else {
                    continue;
                };
                let turn = calendar.moment_of(date, time);
                if turn > after && told != Some(half(turn)) {
                    return Some(turn);
                }
            }
        }
        date = date.tomorrow().ok()?;
    }
    None
}

/// The last set hour up to `now`, at or after `first`.
fn last_turn(calendar: &Calendar, repeat: &Repeat, first: Moment, now: Moment) -> Moment {
    let mut last = first;
    // A repeat missed for longer than this is told for its hundredth turn: only the newest matters.
    for _ in 0..100 {
        match next_turn(calendar, repeat, last, None) {
            Some(next) if next <= now => last = next,
            _ => break,
        }
    }
    last
}

/// Brings the handler's next reminder nearer after the customer pressed (GEN-7).
pub(super) fn urged(work: &mut Work<'_>) {
    let now = work.setting.now;
    let procedure = work.procedure;
    let numbers: Vec<u32> = work.case.clocks.iter().map(|clock| clock.no).collect();
    for no in numbers {
        let Some(clock) = work
            .case
            .clock(no)
            .filter(|clock| clock.state == ClockState::Running)
        else {
            continue;
        };
        let Some(deadline) = procedure.deadline(&clock.deadline) else {
            continue;
        };
        let Some(percent) = deadline.urged_reminder.filter(|_| clock.due > now) else {
            continue;
        };
        let limit = clock.limit.unwrap_or(Limit::AtOnce);
        let at = work.calendar().fraction(now, clock.due, &limit, percent);
        let told_sooner = clock.levels.iter().any(|level| {
            level.at <= at
                && deadline
                    .steps
                    .get(level.step as usize)
                    .is_some_and(|step| step.tell.contains(&Who::Handler))
        });
        if told_sooner {
            continue;
        }
        let index = urged_index(deadline);
        let mut levels: Vec<Level> = clock
            .levels
            .iter()
            .filter(|level| level.step != index)
            .cloned()
            .collect();
        levels.push(Level { at, step: index });
        sort(&mut levels);
        work.push(Change::RemindersSet { no, levels });
    }
}

/// Takes every step due by now, as events of their own before whatever else is decided.
pub(super) fn catch_up(work: &mut Work<'_>) {
    let now = work.setting.now;
    for _ in 0..MOST_TURNS {
        if work.case.wakes_at().is_none_or(|at| at > now) {
            return;
        }
        let actor = std::mem::replace(&mut work.setting.actor, &ENGINE);
        work.begin(EventKind::TimePassed, Fields::new());
        let mut acts = Vec::new();
        let mut order: Vec<(Moment, u32)> = work
            .case
            .clocks
            .iter()
            .filter_map(|clock| Some((clock.wakes_at()?, clock.no)))
            .collect();
        order.sort_unstable();
        for (_, no) in order.into_iter().filter(|(at, _)| *at <= now) {
            pass(work, no, &mut acts);
        }
        questions::alarms(work);
        if work.event.changes.is_empty() {
            // A step that the pack does not know (a pack other than the pinned one): no event without content.
            work.case.version -= 1;
            work.setting.actor = actor;
            return;
        }
        work.finish();
        for action in acts {
            act::by_engine(work, &action);
        }
        work.setting.actor = actor;
    }
}

/// Everything one clock owes by now.
fn pass(work: &mut Work<'_>, no: u32, acts: &mut Vec<String>) {
    let now = work.setting.now;
    let procedure = work.procedure;
    if let Some(until) = work
        .case
        .clock(no)
        .and_then(|clock| clock.paused_until)
        .filter(|until| *until <= now)
    {
        pauses::resume(work, no, until);
    }
    let Some(clock) = work.case.clock(no) else { return };
    let Some(deadline) = procedure.deadline(&clock.deadline) else {
        return;
    };
    let due = clock.due;
    if clock.state == ClockState::Running && due < now {
        let answers = deadline.steps.iter().find_map(|step| step.answers.as_ref());
        let answers = answers.and_then(|key| person_of(&work.case, key));
        let late_notice = work.setting.mode == Mode::Live && now.since(due) > LATE_NOTICE;
        work.push(Change::ClockOverdue {
            no,
            at: due,
            answers,
            late_notice,
        });
    }
    take_steps(work, no, deadline, acts);
}

fn take_steps(work: &mut Work<'_>, no: u32, deadline: &Deadline, acts: &mut Vec<String>) {
    let now = work.setting.now;
    let Some(clock) = work.case.clock(no) else { return };
    let (repeat, urged) = (repeat_index(deadline), urged_index(deadline));
    let before = |level: &Level| {
        level.step == urged
            || deadline
                .steps
                .get(level.step as usize)
                .is_some_and(|step| matches!(step.at, StepTime::Percent(_)))
    };
    let open = |level: &&Level| match clock.state {
        ClockState::Overdue => level.at <= now,
        ClockState::Running => level.at <= now && before(level),
        _ => false,
    };
    let due: Vec<Level> = clock.levels.iter().filter(open).cloned().collect();
    // The highest of the steps that were reached; repeats and reminders after urging stand below them all.
    let rank = |level: &Level| match level.step {
        step if step == urged => 0,
        step if step == repeat => 1,
        step => u64::from(step) + 2,
    };
    let Some(chosen) = due.iter().max_by_key(|level| rank(level)).cloned() else {
        return;
    };
    let (mut at, mut next) = (chosen.at, None);
    if let Some(rule) = &deadline.repeat
        && let Some(turn) = due.iter().find(|level| level.step == repeat)
    {
        let calendar = work.calendar();
        next = next_turn(calendar, rule, now, Some(now)).map(|at| Level { at, step: repeat });
        if chosen.step == repeat {
            at = last_turn(calendar, rule, turn.at, now);
        }
    }
    let handler = [Who::Handler];
    let tell: &[Who] = match deadline.steps.get(chosen.step as usize) {
        Some(step) => &step.tell,
        None if chosen.step == repeat => deadline.repeat.as_ref().map_or(&[], |rule| &rule.tell),
        None => &handler,
    };
    let to = addressed(&work.case, tell);
    let collapsed = due
        .iter()
        .map(|level| level.step)
        .filter(|step| *step != chosen.step)
        .collect();
    work.push(Change::LevelReached {
        no,
        step: chosen.step,
        at,
        tell: words(tell),
        to,
        next,
        collapsed,
    });
    // A missed step is told together with the highest; what it asks or does is still owed.
    let mut steps: Vec<u32> = due.iter().map(|level| level.step).collect();
    steps.sort_unstable();
    for step in steps
        .into_iter()
        .filter_map(|index| deadline.steps.get(index as usize))
    {
        if let Some(key) = &step.answers {
            let about = person_of(&work.case, key);
            fault(work, no, deadline, &step.tell, about);
        }
        if let Some(action) = &step.act {
            acts.push(action.clone());
        }
    }
}

/// Someone answers for the delay: a question, never a penalty (CMP-3). One for each clock.
fn fault(work: &mut Work<'_>, no: u32, deadline: &Deadline, ask: &[Who], about: Option<crate::Id>) {
    let asked = |case: &Case| {
        case.questions
            .iter()
            .any(|question| question.question == questions::FAULT && question.cause == no)
    };
    if asked(&work.case) {
        return;
    }
    let number = questions::next_number(&work.case);
    work.push(Change::QuestionRaised {
        no: number,
        question: questions::FAULT.to_owned(),
        clause: deadline.clause.clone(),
        cause: no,
        ask: words(ask),
        to: addressed(&work.case, ask),
        about,
    });
}
