//! Clocks: what they hang on, how they start, are re-set, moved, stopped and ended (SEMANTICS "Clocks").

use super::basis::{Basis, basis, due_of, start_now};
use super::levels::levels_of;
use super::pauses::{extended, measure, pause, resume};
use super::scope::Typed;
use super::starts::start_all;
use super::work::Work;
use super::{Refusal, say};
use crate::case::{Case, Change, Clock, ClockEnd, ClockState, FieldValue, LimitOrigin};
use crate::model::Deadline;

/// How the clocks of an act end besides by what stops them.
#[derive(Default)]
pub(super) struct Endings {
    /// Deadlines exempted, each with its reason.
    pub(super) exempt: Vec<(String, Option<String>)>,
    /// The case is void or merged: nothing is kept by that, all lapse with this reason.
    pub(super) lapse: Option<String>,
    /// A reason that stops clocks for a while.
    pub(super) pause: Option<String>,
    /// Stopped clocks run again.
    pub(super) resume: bool,
}

/// Ends, resumes, re-sets, starts and stops the clocks after what was done in this event.
pub(super) fn settle(work: &mut Work<'_>, endings: &Endings) -> Result<(), Refusal> {
    exempt(work, endings);
    if endings.lapse.is_none() {
        stop(work);
    }
    if work.case.ended.is_some() {
        let reason = endings.lapse.as_deref().unwrap_or("ended");
        for no in open_numbers(&work.case) {
            end(work, no, ClockState::Lapsed, Some(reason.to_owned()), None);
        }
        return Ok(());
    }
    if endings.resume {
        let now = work.setting.now;
        for no in open_numbers(&work.case) {
            resume(work, no, now);
        }
    }
    reset_changed(work)?;
    start_all(work);
    if let Some(reason) = &endings.pause {
        pause(work, reason);
    }
    Ok(())
}

pub(super) fn open_numbers(case: &Case) -> Vec<u32> {
    case.clocks
        .iter()
        .filter(|clock| !clock.state.ended())
        .map(|clock| clock.no)
        .collect()
}

pub(super) fn end(
    work: &mut Work<'_>,
    no: u32,
    state: ClockState,
    reason: Option<String>,
    replaced_by: Option<u32>,
) {
    let at = work.setting.now;
    work.push(Change::ClockEnded {
        no,
        end: ClockEnd {
            state,
            at,
            reason,
            replaced_by,
        },
    });
}

fn exempt(work: &mut Work<'_>, endings: &Endings) {
    for (deadline, reason) in &endings.exempt {
        for no in open_numbers(&work.case) {
            if work
                .case
                .clock(no)
                .is_some_and(|clock| clock.deadline == *deadline)
            {
                end(work, no, ClockState::Exempt, reason.clone(), None);
            }
        }
    }
}

fn stop(work: &mut Work<'_>) {
    let now = work.setting.now;
    for no in open_numbers(&work.case) {
        let Some(clock) = work.case.clock(no) else {
            continue;
        };
        let Some(deadline) = work.procedure.deadline(&clock.deadline) else {
            continue;
        };
        if deadline.until.iter().any(|until| work.fired.contains(until)) {
            let late =
                clock.state == ClockState::Overdue || clock.state == ClockState::Running && now > clock.due;
            end(
                work,
                no,
                if late {
                    ClockState::KeptLate
                } else {
                    ClockState::Kept
                },
                None,
                None,
            );
        }
    }
}

fn reset_changed(work: &mut Work<'_>) -> Result<(), Refusal> {
    for (no, before) in std::mem::take(&mut work.basis) {
        let Some(clock) = work.case.clock(no).filter(|clock| !clock.state.ended()) else {
            continue;
        };
        let Some(deadline) = work.procedure.deadline(&clock.deadline) else {
            continue;
        };
        let start = start_now(&work.case, deadline, clock);
        let calendar = work.calendar();
        let after = basis(&work.around(Typed::Nothing), deadline, calendar, start);
        match after {
            None => end(
                work,
                no,
                ClockState::Lapsed,
                Some("not_applicable".to_owned()),
                None,
            ),
            Some(after) if after == before => {}
            Some(after) => {
                let agreed = before.origin == LimitOrigin::Agreed && after.origin == LimitOrigin::Agreed;
                let moved = agreed && before.fixed != after.fixed;
                let times = if moved {
                    moved_times(work, no, deadline)?
                } else {
                    clock.moved
                };
                if moved && clock.state != ClockState::Overdue {
                    let (due, _) = due_of(&after, calendar, &deadline.day);
                    let levels = levels_of(calendar, deadline, after.start, due, after.limit.as_ref());
                    work.push(Change::ClockMoved { no, due, levels });
                } else {
                    replace(work, no, deadline, after, times);
                }
            }
        }
    }
    Ok(())
}

/// How often the time will have been moved; refused without consent or once too often (CMP-1).
fn moved_times(work: &Work<'_>, no: u32, deadline: &Deadline) -> Result<u32, Refusal> {
    let moved = work.case.clock(no).map_or(0, |clock| clock.moved);
    let Some(moves) = &deadline.moves else {
        return Ok(moved + 1);
    };
    let refuse = |say| {
        Err(Refusal::Clause {
            action: action_of(work),
            clause: deadline.clause.clone(),
            say,
            on_input: true,
        })
    };
    if let Some(consent) = &moves.consent {
        let given = match work.event.input.get(consent) {
            Some(FieldValue::Flag(flag)) => *flag,
            Some(value) => !value.is_blank(),
            None => false,
        };
        if !given {
            return refuse(say(
                "约定的时间须经客户同意方可更改，请填写同意情况",
                "An agreed time moves only with the customer's consent; record it",
            ));
        }
    }
    match moves.at_most {
        Some(most) if moved >= most => refuse(say(
            format!("约定的时间最多更改 {most} 次"),
            format!("An agreed time may be moved at most {most} times"),
        )),
        _ => Ok(moved + 1),
    }
}

fn action_of(work: &Work<'_>) -> String {
    match &work.event.kind {
        crate::case::EventKind::Acted { action, .. } => action.clone(),
        kind => kind.word().to_owned(),
    }
}

/// Lets a clock lapse and starts its successor from the original start; stopped time is carried over.
pub(super) fn replace(work: &mut Work<'_>, no: u32, deadline: &Deadline, basis: Basis, moved: u32) {
    let Some(old) = work.case.clock(no).cloned() else {
        return;
    };
    let next = next_number(&work.case);
    let mut clock = new_clock(work, next, deadline, &basis);
    clock.round = old.round;
    clock.moved = moved;
    clock.paused_total = old.paused_total;
    let calendar = work.calendar();
    if old.paused_total > 0 && basis.fixed.is_none() {
        clock.due = extended(
            calendar,
            clock.due,
            old.paused_total,
            measure(deadline, basis.limit.as_ref()),
            &deadline.day,
        );
        clock.levels = levels_of(calendar, deadline, clock.start, clock.due, clock.limit.as_ref());
    }
    let now = work.setting.now;
    // A reminder the old setting has given is not given again by the new one.
    clock.levels.retain(|level| {
        level.at > now || old.levels.iter().any(|left| left.step == level.step) || level.at >= clock.due
    });
    end(work, no, ClockState::Lapsed, Some("reset".to_owned()), Some(next));
    work.push(Change::ClockStarted {
        clock: Box::new(clock),
    });
    if let Some((at, reason)) = old.paused {
        work.push(Change::ClockPaused {
            no: next,
            at,
            reason,
            until: old.paused_until,
        });
    }
}

pub(super) fn next_number(case: &Case) -> u32 {
    case.clocks.iter().map(|clock| clock.no).max().unwrap_or(0) + 1
}

pub(super) fn new_clock(work: &Work<'_>, no: u32, deadline: &Deadline, basis: &Basis) -> Clock {
    let calendar = work.calendar();
    let (due, provisional) = due_of(basis, calendar, &deadline.day);
    Clock {
        no,
        deadline: deadline.key.clone(),
        clause: deadline.clause.clone(),
        round: work.case.round,
        state: ClockState::Running,
        start: basis.start,
        due,
        limit: basis.limit,
        origin: basis.origin,
        provisional,
        calendar: calendar.version(),
        paused: None,
        paused_until: None,
        paused_total: 0,
        once_late: false,
        answers: None,
        ended: None,
        reason: None,
        replaced_by: None,
        levels: levels_of(calendar, deadline, basis.start, due, basis.limit.as_ref()),
        moved: 0,
    }
}

/// Computes the open clocks again with the calendar as it is now.
pub(super) fn recompute(work: &mut Work<'_>) {
    let calendar = work.calendar();
    let version = calendar.version();
    let around_clocks: Vec<u32> = open_numbers(&work.case);
    for no in around_clocks {
        let Some(clock) = work
            .case
            .clock(no)
            .filter(|clock| clock.state != ClockState::Overdue)
        else {
            continue;
        };
        let (Some(deadline), Some(limit)) = (work.procedure.deadline(&clock.deadline), clock.limit) else {
            continue;
        };
        let due = calendar.due(clock.start, &limit, &deadline.day);
        let at = match clock.paused_total {
            0 => due.at,
            stopped => extended(
                calendar,
                due.at,
                stopped,
                measure(deadline, Some(&limit)),
                &deadline.day,
            ),
        };
        if at == clock.due && due.provisional == clock.provisional && version == clock.calendar {
            continue;
        }
        let mut levels = levels_of(calendar, deadline, clock.start, at, Some(&limit));
        levels.retain(|level| clock.levels.iter().any(|left| left.step == level.step));
        work.push(Change::ClockRecomputed {
            no,
            due: at,
            provisional: due.provisional,
            calendar: version.clone(),
            levels,
        });
    }
}
