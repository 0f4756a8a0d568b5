//! When clocks begin: by what happened in this event, or from what happened before for a deadline that applies only now.

use calendar::Moment;

use super::basis::basis;
use super::clocks::{end, new_clock, next_number};
use super::scope::Typed;
use super::work::Work;
use crate::case::{ApprovalStatus, Case, Change, Clock, ClockState};
use crate::model::{Deadline, Trigger};

/// Starts every clock that begins now.
pub(super) fn start_all(work: &mut Work<'_>) {
    let procedure = work.procedure;
    for deadline in &procedure.deadlines {
        let fired = work.fired.contains(&deadline.from);
        let Some(start) = start_of(work, deadline, fired) else {
            continue;
        };
        let same = |clock: &&Clock| clock.deadline == deadline.key;
        let mut clocks = work.case.clocks.iter().filter(same);
        let mut superseded = None;
        if deadline.each_round {
            if clocks.any(|clock| clock.round == work.case.round && clock.state != ClockState::Lapsed) {
                continue;
            }
            let open = work
                .case
                .clocks
                .iter()
                .filter(same)
                .find(|clock| !clock.state.ended());
            superseded = open.map(|clock| clock.no);
        } else if clocks.any(|clock| {
            !clock.state.ended() || !fired && clock.start == start && clock.state != ClockState::Lapsed
        }) {
            continue;
        }
        if !fired && done_since(&work.case, deadline, start) {
            continue;
        }
        let Some(basis) = basis(&work.around(Typed::Nothing), deadline, work.calendar(), start) else {
            continue;
        };
        let no = next_number(&work.case);
        let clock = new_clock(work, no, deadline, &basis);
        if let Some(old) = superseded {
            end(
                work,
                old,
                ClockState::Lapsed,
                Some("next_round".to_owned()),
                Some(no),
            );
        }
        let due = clock.due;
        work.push(Change::ClockStarted {
            clock: Box::new(clock),
        });
        let at_once = fired
            && deadline
                .until
                .iter()
                .any(|until| *until != deadline.from && work.fired.contains(until));
        if at_once {
            let late = work.setting.now > due;
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

/// When a deadline begins: now, if what starts it happened in this event; else when it happened before, for one that
/// applies only now (its class became known, its time was agreed).
fn start_of(work: &Work<'_>, deadline: &Deadline, fired: bool) -> Option<Moment> {
    let case = &work.case;
    let now = work.setting.now;
    match &deadline.from {
        Trigger::Received => (case.round == 1 || !deadline.each_round).then_some(case.received),
        Trigger::Field(key) => {
            let value = case.fields.get(key)?;
            let old = deadline.each_round
                && case
                    .rounds
                    .last()
                    .is_some_and(|last| last.fields.get(key) == Some(value));
            value.as_number().filter(|_| !old).map(Moment::from_millis)
        }
        _ if fired => Some(now),
        Trigger::Stage(stage) => (case.stage == *stage).then_some(case.since),
        Trigger::Action(action) => {
            let mut doings = case.doings.iter().rev();
            doings
                .find(|doing| doing.action == *action && doing.round == case.round)
                .map(|doing| doing.at)
        }
        Trigger::ApprovalAsked(key) => case
            .approvals
            .iter()
            .rev()
            .find(|asked| asked.approval == *key && asked.round == case.round)
            .map(|asked| asked.asked),
        Trigger::ApprovalGranted(key) => granted_at(case, key),
        Trigger::SubcasesEnded | Trigger::Ended => None,
    }
}

fn granted_at(case: &Case, key: &str) -> Option<Moment> {
    let granted = case.approvals.iter().rev().find(|asked| {
        asked.approval == key && asked.round == case.round && asked.status == ApprovalStatus::Granted
    })?;
    granted.signatures.last().map(|signature| signature.at)
}

/// Whether what ends a deadline has happened since `start`.
fn done_since(case: &Case, deadline: &Deadline, start: Moment) -> bool {
    deadline
        .until
        .iter()
        .filter(|until| **until != deadline.from)
        .any(|until| match until {
            Trigger::Stage(stage) => {
                let earlier = || case.rounds.iter().any(|round| round.reached.contains(stage));
                case.reached.contains(stage) || !deadline.each_round && earlier()
            }
            Trigger::Action(action) => case.doings.iter().any(|doing| {
                doing.action == *action
                    && doing.at >= start
                    && (!deadline.each_round || doing.round == case.round)
            }),
            Trigger::ApprovalGranted(key) => granted_at(case, key).is_some_and(|at| at >= start),
            Trigger::SubcasesEnded => {
                !case.subcases.is_empty() && case.subcases.iter().all(|subcase| subcase.ended.is_some())
            }
            Trigger::Ended => case.ended.is_some(),
            _ => false,
        })
}
