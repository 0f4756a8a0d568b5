//! Pauses: what they do to a due time, and how long they have been (GEN-7).

use crate::civil::DAY_MS;
use crate::deadline::LastDay;
use crate::{Calendar, DayEnd, DayRule, Due, Limit, LimitKind, Moment};

impl Calendar {
    /// The new due time after a pause, by the calendar's own day rules. See [`Calendar::resume_by`].
    pub fn resume(&self, due: Moment, limit: &Limit, paused_at: Moment, resumed_at: Moment) -> Moment {
        self.resume_by(due, limit, paused_at, resumed_at, &DayRule::default())
            .at
    }

    /// The new due time after a pause from `paused_at` to `resumed_at`. Clock limits move by the pause; working limits
    /// keep the working time that was left; limits in days move by the days, in workdays by the workdays, that began
    /// within the pause. A pause that is empty, or began when the time was already up, changes nothing; none ever
    /// brings a due time forward.
    pub fn resume_by(
        &self,
        due: Moment,
        limit: &Limit,
        paused_at: Moment,
        resumed_at: Moment,
        rule: &DayRule,
    ) -> Due {
        if resumed_at <= paused_at || paused_at >= due {
            return Due {
                at: due,
                provisional: false,
            };
        }
        let at = match (limit, limit.kind()) {
            (Limit::NextOpening, _) => self.next_opening(resumed_at),
            (_, LimitKind::Clock) => due.plus(resumed_at.since(paused_at)),
            (_, LimitKind::Working) => {
                let left = self.working_millis(paused_at, due);
                self.when_worked(self.worked(resumed_at).saturating_add(left))
            }
            (_, LimitKind::Days | LimitKind::Workdays) => {
                self.later_day(due, limit, self.days_begun(paused_at, resumed_at, limit), rule)
            }
        };
        let at = at.max(due);
        let by_notice = !matches!(limit.kind(), LimitKind::Clock);
        let (first, last) = (self.table.day(paused_at), self.last_day(at).day);
        Due {
            at,
            provisional: by_notice && !self.knows(first, last.max(first)),
        }
    }

    /// A due time moved by whole (work)days; it keeps the way its day ends.
    fn later_day(&self, due: Moment, limit: &Limit, days: i64, rule: &DayRule) -> Moment {
        if days == 0 {
            return due;
        }
        let LastDay { day, midnight } = self.last_day(due);
        let target = match limit.kind() {
            LimitKind::Workdays => self.nth_workday(day, days),
            _ => day.saturating_add(days),
        };
        let target = self.moved(crate::civil::clamp_day(target), rule);
        if midnight {
            self.end_on(target, DayEnd::Midnight)
        } else if self.closing_of(day) == due {
            self.closing_of(target)
        } else {
            let wall = self.table.wall(due).rem_euclid(DAY_MS);
            self.table.moment(target, wall)
        }
    }

    /// Number of (work)days whose start falls in `a..b`.
    fn days_begun(&self, a: Moment, b: Moment, limit: &Limit) -> i64 {
        // Days begun before a moment: its own day has, unless the moment is its very start.
        let first_after = |moment: Moment| {
            let day = self.table.day(moment);
            if self.table.start_of_day(day) < moment {
                day + 1
            } else {
                day
            }
        };
        let (from, to) = (first_after(a), first_after(b));
        match limit.kind() {
            LimitKind::Workdays => self.workdays.before(to) - self.workdays.before(from),
            _ => to - from,
        }
    }

    /// Length of `a..b` in the limit's own measure: clock or working milliseconds, or the (work)days begun in it as
    /// milliseconds of 24 h. Negative when `b` is earlier.
    pub fn length_between(&self, a: Moment, b: Moment, limit: &Limit) -> i64 {
        match limit.kind() {
            LimitKind::Clock => b.since(a),
            LimitKind::Working => self.working_millis(a, b),
            LimitKind::Days | LimitKind::Workdays => self.days_begun(a, b, limit).saturating_mul(DAY_MS),
        }
    }

    /// Whether lengths that add up to `spent` (see [`Calendar::length_between`]) exceed a limit. A point has no length
    /// and is never exceeded.
    pub fn exceeds(&self, spent: i64, limit: &Limit) -> bool {
        limit.length().is_some_and(|length| spent > length)
    }

    /// The last moment at which what runs since `from`, with `spent` used before, does not yet exceed the limit: when
    /// a pause with a longest total has to end. Nothing for a point, which has no length.
    pub fn runs_out(&self, from: Moment, spent: i64, limit: &Limit) -> Option<Moment> {
        let left = limit.length()?.saturating_sub(spent);
        if left < 0 {
            return Some(from);
        }
        Some(match limit.kind() {
            LimitKind::Clock => from.plus(left),
            // While the unit is closed nothing is used up, so the time runs on to the next opening.
            LimitKind::Working => self
                .next_opening(self.when_worked(self.worked(from).saturating_add(left)))
                .max(from),
            kind @ (LimitKind::Days | LimitKind::Workdays) => {
                // The first (work)day start that would be one too many.
                let day = self.table.day(from);
                let before = if self.table.start_of_day(day) == from {
                    day - 1
                } else {
                    day
                };
                let one_more = left / DAY_MS + 1;
                let day = match kind {
                    LimitKind::Workdays => self.nth_workday(before, one_more),
                    _ => before.saturating_add(one_more),
                };
                self.table.start_of_day(crate::civil::clamp_day(day))
            }
        })
    }
}
