//! Stopping clocks for reasons that the pack lists, and letting them run again (GEN-7).

use calendar::{Calendar, DayRule, Limit, Moment};

use super::clocks::open_numbers;
use super::levels::shifted_levels;
use super::work::Work;
use super::{Mode, Refusal, say};
use crate::case::{Change, ClockState};
use crate::model::{Action, Deadline};

/// What pauses of a deadline are measured in.
pub(super) fn measure<'d>(deadline: &'d Deadline, limit: Option<&'d Limit>) -> &'d Limit {
    const CLOCK: &Limit = &Limit::AtOnce;
    deadline
        .pauses
        .as_ref()
        .and_then(|pauses| pauses.at_most.as_ref())
        .or(limit)
        .unwrap_or(CLOCK)
}

/// Stops the running clocks that list this reason.
pub(super) fn pause(work: &mut Work<'_>, reason: &str) {
    let now = work.setting.now;
    for no in open_numbers(&work.case) {
        let Some(clock) = work
            .case
            .clock(no)
            .filter(|clock| clock.state == ClockState::Running)
        else {
            continue;
        };
        let Some(pauses) = work
            .procedure
            .deadline(&clock.deadline)
            .and_then(|deadline| deadline.pauses.as_ref())
        else {
            continue;
        };
        if now > clock.due || !pauses.reasons.iter().any(|(known, _)| known == reason) {
            continue;
        }
        let until = pauses
            .at_most
            .as_ref()
            .and_then(|most| work.calendar().runs_out(now, clock.paused_total, most));
        if until.is_some_and(|until| until <= now) {
            continue;
        }
        work.push(Change::ClockPaused {
            no,
            at: now,
            reason: reason.to_owned(),
            until,
        });
    }
}

/// Refuses a resumption of nothing: whoever did it would believe that it counts. An action that does more than resuming
/// is still worth doing.
pub(super) fn something_stands_still(work: &Work<'_>, action: &Action) -> Result<(), Refusal> {
    let only_resumes = action.resumes && action.pauses.is_none() && action.to.is_empty();
    let stopped = work.case.clocks.iter().any(|clock| clock.paused.is_some());
    if !only_resumes || stopped || !by_someone(work) {
        return Ok(());
    }
    Err(Refusal::Settled {
        say: say(
            "没有暂停中的时限，无须恢复",
            "No clock is paused, so there is nothing to resume",
        ),
        at: None,
    })
}

/// Refuses a pause of what is paused already. A reason that stops no clock ("busy") is taken down and stops none. `since`
/// is where the changes of the settlement begin in the event.
pub(super) fn took_effect(work: &Work<'_>, reason: Option<&str>, since: usize) -> Result<(), Refusal> {
    let paused = |change: &Change| matches!(change, Change::ClockPaused { .. });
    let stopped = work.case.clocks.iter().find_map(|clock| clock.paused.as_ref());
    if let (Some(_), Some((at, _))) = (reason, stopped)
        && by_someone(work)
        && !work.event.changes.iter().skip(since).any(paused)
    {
        return Err(Refusal::Settled {
            say: say(
                "时限已在暂停中，恢复计时后才能再次暂停",
                "The clocks are paused already; let them run again first",
            ),
            at: Some(*at),
        });
    }
    Ok(())
}

/// A person acts on an open case now; what is told of the past is taken as it was.
fn by_someone(work: &Work<'_>) -> bool {
    work.setting.mode == Mode::Live && work.setting.actor.person.is_some() && work.case.ended.is_none()
}

/// Lets a stopped clock run again from `at`.
pub(super) fn resume(work: &mut Work<'_>, no: u32, at: Moment) {
    let Some(clock) = work.case.clock(no) else { return };
    let (Some((since, _)), Some(deadline)) = (&clock.paused, work.procedure.deadline(&clock.deadline)) else {
        return;
    };
    let calendar = work.calendar();
    let stopped = calendar
        .length_between(*since, at, measure(deadline, clock.limit.as_ref()))
        .max(0);
    let (due, levels) = match &clock.limit {
        Some(limit) => {
            let due = calendar.resume_by(clock.due, limit, *since, at, &deadline.day).at;
            (
                due,
                shifted_levels(calendar, deadline, clock, limit, *since, at, due),
            )
        }
        // A time of the case itself stands, whatever stops.
        None => (clock.due, clock.levels.clone()),
    };
    let paused_total = clock.paused_total.saturating_add(stopped);
    work.push(Change::ClockResumed {
        no,
        due,
        paused_total,
        levels,
    });
}

/// A due time later by stopped time.
pub(super) fn extended(
    calendar: &Calendar,
    due: Moment,
    stopped: i64,
    measure: &Limit,
    rule: &DayRule,
) -> Moment {
    const DAY: i64 = 86_400_000;
    let count = |unit: i64| u32::try_from(stopped / unit).unwrap_or(u32::MAX);
    match measure.kind() {
        calendar::LimitKind::Clock => due.plus(stopped),
        calendar::LimitKind::Working => calendar.after(due, &Limit::WorkingMinutes(count(60_000)), rule),
        calendar::LimitKind::Days if count(DAY) > 0 => calendar.after(due, &Limit::Days(count(DAY)), rule),
        calendar::LimitKind::Workdays if count(DAY) > 0 => {
            calendar.after(due, &Limit::Workdays(count(DAY)), rule)
        }
        _ => due,
    }
}
