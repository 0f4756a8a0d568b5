//! From a start and a limit to a due time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::civil::{
    civil, clamp_day, date_of_day, day_number, days_in_month, millis_of_time, month_after, same_day_after,
};
use crate::{Calendar, Date, Limit, LimitKind, Moment, MonthDay, MonthOf, PointDay, PointTime};

/// Where a limit in days ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayEnd {
    /// At the unit's closing time of that day. A day without hours borrows the closing time of the nearest workday of
    /// the ordinary week at or before it.
    #[default]
    Closing,
    /// At 24:00, the start of the next day; an act at that very moment is kept.
    Midnight,
}

/// What becomes of a last day that is no workday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum OnHoliday {
    /// It stays the last day.
    #[default]
    #[serde(rename = "stay")]
    Stay,
    /// The next workday takes its place.
    #[serde(rename = "next workday")]
    NextWorkday,
}

impl fmt::Display for DayEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Closing => "closing",
            Self::Midnight => "midnight",
        })
    }
}

impl fmt::Display for OnHoliday {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Stay => "stay",
            Self::NextWorkday => "next workday",
        })
    }
}

/// A word that is none of the few that may stand here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not known here; write {accepted}")]
pub struct UnknownWord {
    /// What was given.
    pub given: String,
    /// What may be written.
    pub accepted: &'static str,
}

impl FromStr for DayEnd {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text.trim() {
            "closing" => Ok(Self::Closing),
            "midnight" => Ok(Self::Midnight),
            given => Err(UnknownWord {
                given: given.to_owned(),
                accepted: "`closing` or `midnight`",
            }),
        }
    }
}

impl FromStr for OnHoliday {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text.trim() {
            "stay" => Ok(Self::Stay),
            "next workday" => Ok(Self::NextWorkday),
            given => Err(UnknownWord {
                given: given.to_owned(),
                accepted: "`stay` or `next workday`",
            }),
        }
    }
}

/// What a deadline says otherwise than its calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DayRule {
    /// Where its days end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_ends: Option<DayEnd>,
    /// What becomes of a last day that is no workday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_holiday: Option<OnHoliday>,
}

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    /// The last moment at which it is kept.
    pub at: Moment,
    /// It reaches into a year whose holidays are not known yet and may still move.
    pub provisional: bool,
}

impl Calendar {
    /// When something that started at `start` is due. Never before `start`: a point that lies before it
    /// (`15:00 same day` at 16:00, `25th of the month` on the 26th) is due at once.
    pub fn due(&self, start: Moment, limit: &Limit, rule: &DayRule) -> Due {
        let due = self.reckon(start, limit, rule);
        Due {
            at: due.at.max(start),
            provisional: due.provisional,
        }
    }

    /// The moment a limit after `from`: when an escalation level "after 1 workday" is reached.
    pub fn after(&self, from: Moment, limit: &Limit, rule: &DayRule) -> Moment {
        self.due(from, limit, rule).at
    }

    /// The moment by which `percent` of a limit's length has passed, on the limit's own calendar: working limits in
    /// working time; workdays in workdays, of which a part runs from opening to closing (or midnight to midnight where
    /// the due time is midnight); all others, points too, in clock time. Never outside `start..=due`.
    pub fn fraction(&self, start: Moment, due: Moment, limit: &Limit, percent: u8) -> Moment {
        if percent >= 100 || due <= start {
            return due.max(start);
        }
        if percent == 0 {
            return start;
        }
        let share = |whole: i64| (i128::from(whole) * i128::from(percent) / 100) as i64;
        // A point has no length of its own; what runs towards it is the clock.
        let kind = if limit.length().is_some() {
            limit.kind()
        } else {
            LimitKind::Clock
        };
        let at = match kind {
            LimitKind::Clock | LimitKind::Days => start.plus(share(due.since(start))),
            LimitKind::Working => match share(self.working_millis(start, due)) {
                0 => start,
                part => self.when_worked(self.worked(start) + part),
            },
            LimitKind::Workdays => self.fraction_of_workdays(start, due, i64::from(percent)),
        };
        at.clamp(start, due)
    }

    fn fraction_of_workdays(&self, start: Moment, due: Moment, percent: i64) -> Moment {
        let last = self.last_day(due);
        let first = self.table.day(start);
        let days = self.workdays_after_until(first, last.day);
        if days <= 0 {
            return start.plus((i128::from(due.since(start)) * i128::from(percent) / 100) as i64);
        }
        let (whole, part) = (days * percent / 100, days * percent % 100);
        let end_of = |day| {
            if last.midnight {
                self.table.start_of_day(day + 1)
            } else {
                self.closing_of(day)
            }
        };
        if part == 0 {
            return end_of(self.nth_workday(first, whole));
        }
        let day = self.nth_workday(first, whole + 1);
        let from = if last.midnight {
            self.table.start_of_day(day)
        } else {
            self.opening_of(day)
        };
        from.plus(end_of(day).since(from) * part / 100)
    }

    /// The due time without regard to whether it lies before the start.
    pub(crate) fn reckon(&self, start: Moment, limit: &Limit, rule: &DayRule) -> Due {
        let day = self.table.day(start);
        let exactly = |at| Due {
            at,
            provisional: false,
        };
        match *limit {
            Limit::AtOnce => exactly(start),
            Limit::Minutes(_) | Limit::Hours(_) => exactly(start.plus(limit.length().unwrap_or(0))),
            Limit::WorkingMinutes(_) | Limit::WorkingHours(_) => {
                let at = self.when_worked(self.worked(start).saturating_add(limit.length().unwrap_or(0)));
                self.reached(day, at)
            }
            Limit::NextOpening => self.reached(day, self.next_opening(start)),
            Limit::Workdays(n) => self.end_of_day(day, self.nth_workday(day, i64::from(n)), rule, true),
            Limit::Days(n) => self.end_of_day(day, day + i64::from(n), rule, false),
            Limit::HalfMonth => self.end_of_day(day, day + 15, rule, false),
            Limit::Months(n) => self.end_of_day(day, same_day_after(day, i64::from(n)), rule, false),
            Limit::HalfYear => self.end_of_day(day, same_day_after(day, 6), rule, false),
            Limit::Years(n) => self.end_of_day(day, same_day_after(day, i64::from(n) * 12), rule, false),
            Limit::DayOfMonth { day: which, month } => {
                let (year, of_year, _) = civil(day);
                let (year, of_year) = month_after(year, of_year, i64::from(month == MonthOf::Next));
                let length = days_in_month(year, of_year);
                let of_month = match which {
                    MonthDay::Nth(n) => i64::from(n).clamp(1, length),
                    MonthDay::Last => length,
                };
                self.end_of_day(day, day_number(year, of_year, of_month), rule, false)
            }
            Limit::Point { at, day: which } => {
                let on = match which {
                    PointDay::Same => day,
                    PointDay::Next => day + 1,
                    PointDay::NextWorkday => self.nth_workday(day, 1),
                };
                let last = self.moved(clamp_day(on), rule);
                let needed = match (at, which) {
                    // A fixed time on a fixed day is the same whatever a notice says.
                    (PointTime::Time(_) | PointTime::Midnight, PointDay::Same | PointDay::Next) => {
                        self.rule_on_holiday(rule) == OnHoliday::NextWorkday
                    }
                    _ => true,
                };
                Due {
                    at: self.point_on(last, at),
                    provisional: needed && !self.knows(day.min(last), last),
                }
            }
        }
    }

    fn reached(&self, first: i64, at: Moment) -> Due {
        Due {
            at,
            provisional: !self.knows(first, self.table.day(at).max(first)),
        }
    }

    /// The due time of a limit whose last day is `last`; `counted` when holidays decided which day that is.
    fn end_of_day(&self, first: i64, last: i64, rule: &DayRule, counted: bool) -> Due {
        let last = clamp_day(last);
        let moved = self.moved(last, rule);
        let end = rule.day_ends.unwrap_or(self.day_ends);
        let provisional = if counted {
            !self.knows(first, moved)
        } else {
            let by_notice = (end == DayEnd::Closing && self.closing_varies)
                || self.rule_on_holiday(rule) == OnHoliday::NextWorkday;
            by_notice && !self.knows(last, moved)
        };
        Due {
            at: self.end_on(moved, end),
            provisional,
        }
    }

    fn rule_on_holiday(&self, rule: &DayRule) -> crate::OnHoliday {
        rule.on_holiday.unwrap_or(self.on_holiday)
    }

    /// The last day after the holiday rule has been applied.
    pub(crate) fn moved(&self, day: i64, rule: &DayRule) -> i64 {
        match self.rule_on_holiday(rule) {
            OnHoliday::NextWorkday if !self.works_on(day) => self.nth_workday(day, 1),
            _ => day,
        }
    }

    pub(crate) fn end_on(&self, day: i64, end: DayEnd) -> Moment {
        match end {
            DayEnd::Closing => self.closing_of(day),
            DayEnd::Midnight => self.table.start_of_day(day + 1),
        }
    }

    fn point_on(&self, day: i64, at: PointTime) -> Moment {
        match at {
            PointTime::Time(time) => self.table.moment(day, millis_of_time(time)),
            PointTime::Opening => self.opening_of(day),
            PointTime::Closing => self.closing_of(day),
            PointTime::Midnight => self.table.start_of_day(day + 1),
        }
    }

    /// Closing time of a day, borrowed where it has none.
    pub(crate) fn closing_of(&self, day: i64) -> Moment {
        let spans = self.spans_on(day);
        let spans = if spans.is_empty() {
            self.borrowed_spans(day)
        } else {
            spans
        };
        spans.last().map_or_else(
            || self.table.start_of_day(day + 1),
            |span| self.table.moment(day, span.to),
        )
    }

    fn opening_of(&self, day: i64) -> Moment {
        let spans = self.spans_on(day);
        let spans = if spans.is_empty() {
            self.borrowed_spans(day)
        } else {
            spans
        };
        spans.first().map_or_else(
            || self.table.start_of_day(day),
            |span| self.table.moment(day, span.from),
        )
    }

    /// The last day of a due time: 24:00 belongs to the day it ends.
    pub(crate) fn last_day(&self, due: Moment) -> LastDay {
        let day = self.table.day(due);
        if self.table.start_of_day(day) == due {
            LastDay {
                day: clamp_day(day - 1),
                midnight: true,
            }
        } else {
            LastDay { day, midnight: false }
        }
    }

    /// The last day on which something is still kept: the day that a due time at midnight ends.
    pub fn last_date(&self, due: Moment) -> Date {
        date_of_day(self.last_day(due).day)
    }
}

/// The day a due time ends, and whether it ends it at 24:00.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastDay {
    pub(crate) day: i64,
    pub(crate) midnight: bool,
}
