//! A unit's calendar: when it works, and the sums of working time everything else is reckoned with.

use std::fmt;
use std::sync::Arc;

use crate::civil::{
    DAY_MS, clamp_day, date_of_day, day_number, day_of_date, millis_of_time, time_of_millis, weekday_index,
};
use crate::hours::Span;
use crate::tally::Tally;
use crate::zone::ZoneTable;
use crate::{Date, DayEnd, DayKind, Holidays, Moment, OnHoliday, Time, WeeklyHours, Zone};

/// When a unit works, and how its regulation counts days. Built once, never changed; share it in an [`Arc`].
#[derive(Clone)]
pub struct Calendar {
    pub(crate) zone: Zone,
    pub(crate) table: ZoneTable,
    pub(crate) hours: WeeklyHours,
    /// Hours of a make-up day: those of an ordinary weekday, Monday's where it is open.
    pub(crate) ordinary: Vec<Span>,
    pub(crate) workweek: [bool; 7],
    /// Closing times differ between weekdays, so that a notice can change a day's.
    pub(crate) closing_varies: bool,
    pub(crate) holidays: Option<Arc<Holidays>>,
    /// Days on which `facts` begins.
    pub(crate) first: i64,
    pub(crate) facts: Vec<Option<DayKind>>,
    /// Runs of days whose year's holidays are known; none where the calendar has no holidays to know.
    pub(crate) known: Option<Vec<(i64, i64)>>,
    pub(crate) workdays: Tally,
    pub(crate) working: Tally,
    /// Days whose working time differs from the wall's because the clock is changed, as running sums.
    pub(crate) bends: Vec<(i64, i64)>,
    pub(crate) day_ends: DayEnd,
    pub(crate) on_holiday: OnHoliday,
    pub(crate) version: String,
}

/// Without the tables, which are derived from what is shown.
impl fmt::Debug for Calendar {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Calendar")
            .field("zone", &self.zone.iana_name())
            .field("hours", &self.hours.to_string())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Calendar {
    /// Hash of everything that can change a due time: zone, hours, workdays, holidays, day's end, holiday rule.
    pub fn version(&self) -> String {
        self.version.clone()
    }

    /// The unit's time zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The weekly hours.
    pub fn hours(&self) -> &WeeklyHours {
        &self.hours
    }

    /// The public holidays, where the calendar has them.
    pub fn holidays(&self) -> Option<&Arc<Holidays>> {
        self.holidays.as_ref()
    }

    /// Where a limit in days ends unless a deadline says otherwise.
    pub fn day_ends(&self) -> DayEnd {
        self.day_ends
    }

    /// What becomes of a last day that is no workday, unless a deadline says otherwise.
    pub fn on_holiday(&self) -> OnHoliday {
        self.on_holiday
    }

    /// The date of a moment in the unit's zone.
    pub fn date_of(&self, moment: Moment) -> Date {
        date_of_day(self.table.day(moment))
    }

    /// What the wall clock shows, to the millisecond.
    pub fn time_of(&self, moment: Moment) -> Time {
        time_of_millis(self.table.wall(moment).rem_euclid(DAY_MS))
    }

    /// The moment at which the wall shows a date and time. A time the clock jumps over is the moment of the jump; of
    /// a time that comes twice, the first.
    pub fn moment_of(&self, date: Date, time: Time) -> Moment {
        self.table.moment(day_of_date(date), millis_of_time(time))
    }

    /// The first moment of a date.
    pub fn start_of_day(&self, date: Date) -> Moment {
        self.table.start_of_day(day_of_date(date))
    }

    /// The first moment of the month a date lies in.
    pub fn start_of_month(&self, date: Date) -> Moment {
        self.table
            .start_of_day(day_number(i64::from(date.year()), i64::from(date.month()), 1))
    }

    /// Whether a date is a workday: its weekday counts and it is no holiday, or it is a make-up day.
    pub fn is_workday(&self, date: Date) -> bool {
        self.works_on(day_of_date(date))
    }

    /// Number of workdays from `from` up to but without `to`; negative when `to` is earlier.
    pub fn workdays_between(&self, from: Date, to: Date) -> i64 {
        self.workdays.before(day_of_date(to)) - self.workdays.before(day_of_date(from))
    }

    /// The `n`-th workday after a date, that date not counted; the date itself for 0.
    pub fn workday_after(&self, date: Date, n: u32) -> Date {
        date_of_day(self.nth_workday(day_of_date(date), i64::from(n)))
    }

    /// Whether the unit is open at a moment.
    pub fn is_open(&self, moment: Moment) -> bool {
        let day = self.table.day(moment);
        self.spans_on(day).iter().any(|span| {
            let (from, to) = self.span(day, *span);
            from <= moment && moment < to
        })
    }

    /// The moment itself when the unit is open, else the next moment at which it opens.
    pub fn next_opening(&self, moment: Moment) -> Moment {
        let mut day = self.table.day(moment);
        loop {
            for span in self.spans_on(day) {
                let (from, to) = self.span(day, *span);
                if moment < to && from < to {
                    return from.max(moment);
                }
            }
            let next = self.working.find(self.working.before(clamp_day(day + 1)));
            if next <= day {
                // The end of the calendar, in the year 9999.
                return moment;
            }
            day = next;
        }
    }

    /// When the unit opens on a date; nothing when it is closed all day.
    pub fn opening(&self, date: Date) -> Option<Moment> {
        let day = day_of_date(date);
        self.spans_on(day)
            .first()
            .map(|span| self.table.moment(day, span.from))
    }

    /// When the unit closes on a date for the day; nothing when it is closed all day.
    pub fn closing(&self, date: Date) -> Option<Moment> {
        let day = day_of_date(date);
        self.spans_on(day)
            .last()
            .map(|span| self.table.moment(day, span.to))
    }

    /// Working time from `a` to `b` in milliseconds; negative when `b` is earlier.
    pub fn working_millis(&self, a: Moment, b: Moment) -> i64 {
        self.worked(b) - self.worked(a)
    }

    pub(crate) fn fact(&self, day: i64) -> Option<DayKind> {
        let index = usize::try_from(day - self.first).ok()?;
        self.facts.get(index).copied().flatten()
    }

    pub(crate) fn works_on(&self, day: i64) -> bool {
        match self.fact(day) {
            Some(kind) => kind == DayKind::Work,
            None => self.workweek[weekday_index(day)],
        }
    }

    pub(crate) fn spans_on(&self, day: i64) -> &[Span] {
        let weekday = weekday_index(day);
        match self.fact(day) {
            Some(DayKind::Off) => &[],
            // Saturday's own short hours do not hold on a Saturday that stands in for a weekday.
            Some(DayKind::Work) if weekday >= 5 || self.hours.spans(weekday).is_empty() => &self.ordinary,
            _ => self.hours.spans(weekday),
        }
    }

    fn span(&self, day: i64, span: Span) -> (Moment, Moment) {
        (self.table.moment(day, span.from), self.table.moment(day, span.to))
    }

    /// Real length of a span on a day, in milliseconds.
    pub(crate) fn span_length(&self, day: i64, span: Span) -> i64 {
        let (from, to) = self.span(day, span);
        to.since(from)
    }

    /// The `n`-th workday after `day`; `day` itself for `n` = 0.
    pub(crate) fn nth_workday(&self, day: i64, n: i64) -> i64 {
        if n == 0 {
            day
        } else {
            self.workdays
                .find(self.workdays.before(day + 1).saturating_add(n - 1))
        }
    }

    /// Workdays in the days after `a` up to and with `b`.
    pub(crate) fn workdays_after_until(&self, a: i64, b: i64) -> i64 {
        self.workdays.before(b + 1) - self.workdays.before(a + 1)
    }

    /// Working time before the start of a day.
    fn worked_before(&self, day: i64) -> i64 {
        let bent = self.bends.partition_point(|(bend, _)| *bend < day);
        let more = if bent == 0 { 0 } else { self.bends[bent - 1].1 };
        self.working.before(day) + more
    }

    /// Working time before a moment.
    pub(crate) fn worked(&self, moment: Moment) -> i64 {
        let day = self.table.day(moment);
        let mut sum = self.worked_before(day);
        for span in self.spans_on(day) {
            let (from, to) = self.span(day, *span);
            if moment <= from {
                break;
            }
            sum += moment.min(to).since(from);
        }
        sum
    }

    /// The first moment by which `sum` of working time has passed: a full day's work ends at its closing, not at the
    /// next opening.
    pub(crate) fn when_worked(&self, sum: i64) -> Moment {
        let mut day = self.working.find(sum.saturating_sub(1));
        if !self.bends.is_empty() {
            while self.worked_before(day) >= sum && clamp_day(day - 1) < day {
                day -= 1;
            }
            while self.worked_before(day + 1) < sum && clamp_day(day + 1) > day {
                day += 1;
            }
        }
        let mut rest = sum - self.worked_before(day);
        let mut at = self.table.start_of_day(day);
        for span in self.spans_on(day) {
            let (from, to) = self.span(day, *span);
            let length = to.since(from);
            if rest <= length {
                return from.plus(rest.max(0));
            }
            rest -= length;
            at = to;
        }
        at
    }
}
