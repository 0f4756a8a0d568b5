//! What a clock's due time hangs on: its start, its limit, a time of the case itself.

use calendar::{Calendar, DayRule, Limit, Moment};

use super::scope::{Around, Truth, Typed};
use super::work::Work;
use crate::case::{Case, Clock, FieldValue, LimitOrigin};
use crate::model::{Bound, Deadline, Trigger};

/// What a clock's due time hangs on; when it changes, the clock is re-set from its original start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Basis {
    pub(super) start: Moment,
    pub(super) limit: Option<Limit>,
    pub(super) origin: LimitOrigin,
    /// A time of the case itself.
    pub(super) fixed: Option<Moment>,
}

/// The basis a deadline has for a clock begun at `start`; `None` when it does not apply or its time is not known.
pub(super) fn basis(
    around: &Around<'_>,
    deadline: &Deadline,
    calendar: &Calendar,
    start: Moment,
) -> Option<Basis> {
    if let Some(only) = &deadline.only
        && around.truth(only) != Truth::Yes
    {
        return None;
    }
    let case = around.case?;
    let time = |key: &String| {
        case.fields
            .get(key)
            .and_then(FieldValue::as_number)
            .map(Moment::from_millis)
    };
    if let Some(due) = deadline.replaced_by.as_ref().and_then(time) {
        return Some(Basis {
            start,
            limit: None,
            origin: LimitOrigin::Authority,
            fixed: Some(due),
        });
    }
    let mut found = match &deadline.bound {
        Bound::At(field) => Basis {
            start,
            limit: None,
            origin: LimitOrigin::Agreed,
            fixed: Some(time(field)?),
        },
        Bound::Within(choices) => {
            let around = around.with_start(start);
            let choice = choices.iter().find(|choice| {
                choice
                    .when
                    .as_ref()
                    .is_none_or(|when| around.truth(when) == Truth::Yes)
            })?;
            Basis {
                start,
                limit: Some(choice.limit),
                origin: LimitOrigin::Pack,
                fixed: None,
            }
        }
    };
    if let Some(own) = deadline.tightened_by.iter().filter_map(time).min()
        && own < due_of(&found, calendar, &deadline.day).0
    {
        found = Basis {
            start,
            limit: None,
            origin: LimitOrigin::Customer,
            fixed: Some(own),
        };
    }
    Some(found)
}

/// Due time and whether it is provisional.
pub(super) fn due_of(basis: &Basis, calendar: &Calendar, rule: &DayRule) -> (Moment, bool) {
    match (basis.fixed, &basis.limit) {
        (Some(fixed), _) => (fixed, false),
        (None, Some(limit)) => {
            let due = calendar.due(basis.start, limit, rule);
            (due.at, due.provisional)
        }
        (None, None) => (basis.start, false),
    }
}

/// The bases of all open clocks, to be compared after an act.
pub(super) fn bases(work: &Work<'_>) -> Vec<(u32, Basis)> {
    let around = work.around(Typed::Nothing);
    let calendar = work.calendar();
    let open = work.case.clocks.iter().filter(|clock| !clock.state.ended());
    open.filter_map(|clock| {
        let deadline = work.procedure.deadline(&clock.deadline)?;
        Some((
            clock.no,
            basis(
                &around,
                deadline,
                calendar,
                start_now(&work.case, deadline, clock),
            )?,
        ))
    })
    .collect()
}

/// A clock that starts at a time of the case starts anew when that time is changed.
pub(super) fn start_now(case: &Case, deadline: &Deadline, clock: &Clock) -> Moment {
    match &deadline.from {
        Trigger::Field(key) => case
            .fields
            .get(key)
            .and_then(FieldValue::as_number)
            .map_or(clock.start, Moment::from_millis),
        _ => clock.start,
    }
}
