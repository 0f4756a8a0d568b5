//! What recurs: turns of obligations (CMP-8, GEN-8, GEN-15, STK-9, STK-10).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::civil::{civil, clamp_day, date_of_day, day_number, day_of_date, month_after, weekday_index};
use crate::lang::Sentence;
use crate::{Calendar, Date, DayRule, Lang, Limit, LimitKind, Moment};

/// How often something recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schedule {
    /// `every workday`: from one workday to the next.
    Workday,
    /// `every day`, `every 15 days`: counted from the anchor.
    Days(u32),
    /// `every week`: from Monday; several weeks are counted from the anchor's.
    Weeks(u32),
    /// `every month`: of the calendar; several months are counted from the anchor's.
    Months(u32),
    /// `every quarter` of the calendar.
    Quarter,
    /// `every half-year` of the calendar.
    HalfYear,
    /// `every year`: of the calendar; several years are counted from the anchor's.
    Years(u32),
}

/// One turn of something that recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Name of the turn, unique within its schedule and sorting by time: `2026-11`, `2026-Q4`, `2026-H2`, `2026`, or
    /// the first day, `2026-11-05`.
    pub key: String,
    /// The turn's first moment.
    pub from: Moment,
    /// The next turn's first moment.
    pub to: Moment,
    /// The last moment at which the turn's work is kept.
    pub due: Moment,
    /// The due time may move with a coming holiday notice.
    pub provisional: bool,
}

impl Calendar {
    /// The turn in which `at` lies. Lengths (`3 workdays`) run from the turn's end, its last day not counted; points
    /// are seen from its last day: `25th of the month` is that month's, `5th of next month` lies after the turn.
    pub fn turn_at(
        &self,
        schedule: &Schedule,
        due: &Limit,
        rule: &DayRule,
        anchor: Date,
        at: Moment,
    ) -> Turn {
        let (key, first, next) = self.turn_days(*schedule, day_of_date(anchor), self.table.day(at));
        let (from, to) = (self.table.start_of_day(first), self.table.start_of_day(next));
        let start = match due.kind() {
            LimitKind::Clock | LimitKind::Working => to,
            // The last day as a whole; only its date matters here.
            LimitKind::Days | LimitKind::Workdays => to.plus(-1),
        };
        let due = self.reckon(start, due, rule);
        Turn {
            key,
            from,
            to,
            due: due.at.max(from),
            provisional: due.provisional,
        }
    }

    /// The turn after another.
    pub fn next_turn(
        &self,
        schedule: &Schedule,
        due: &Limit,
        rule: &DayRule,
        anchor: Date,
        after: &Turn,
    ) -> Turn {
        self.turn_at(schedule, due, rule, anchor, after.to)
    }

    /// Key, first day and the next turn's first day.
    fn turn_days(&self, schedule: Schedule, anchor: i64, day: i64) -> (String, i64, i64) {
        // Start of the run of `every` units that holds `index`, counted from `anchor`.
        let run = |index: i64, anchor: i64, every: i64| anchor + (index - anchor).div_euclid(every) * every;
        let (year, month, _) = civil(day);
        let month_index = year * 12 + month - 1;
        let first_of = |index: i64| {
            let (year, month) = month_after(0, 1, index);
            day_number(year, month, 1)
        };
        let months = |index: i64, every: i64| (first_of(index), first_of(index + every));
        let (key, (first, next)) = match schedule {
            Schedule::Workday => {
                let next = self.nth_workday(day, 1);
                let first = if self.works_on(day) {
                    day
                } else {
                    self.workdays.find(self.workdays.before(day) - 1)
                };
                (date_of_day(first).to_string(), (first, next))
            }
            Schedule::Days(n) => {
                let first = run(day, anchor, i64::from(n.max(1)));
                (
                    date_of_day(first).to_string(),
                    (first, first + i64::from(n.max(1))),
                )
            }
            Schedule::Weeks(n) => {
                let monday = anchor - weekday_index(anchor) as i64;
                let every = 7 * i64::from(n.max(1));
                let first = run(day, monday, every);
                (date_of_day(first).to_string(), (first, first + every))
            }
            Schedule::Months(n) => {
                let (anchor_year, anchor_month, _) = civil(anchor);
                let every = i64::from(n.max(1));
                let first = run(month_index, anchor_year * 12 + anchor_month - 1, every);
                let (year, month) = month_after(0, 1, first);
                (format!("{year:04}-{month:02}"), months(first, every))
            }
            Schedule::Quarter => (
                format!("{year:04}-Q{}", (month - 1) / 3 + 1),
                months(run(month_index, 0, 3), 3),
            ),
            Schedule::HalfYear => (
                format!("{year:04}-H{}", (month - 1) / 6 + 1),
                months(run(month_index, 0, 6), 6),
            ),
            Schedule::Years(n) => {
                let every = i64::from(n.max(1));
                let first = run(year, civil(anchor).0, every);
                (format!("{first:04}"), months(first * 12, every * 12))
            }
        };
        (key, clamp_day(first), clamp_day(next))
    }
}

const FORMS: &str = "every day · every workday · every week · every month · every quarter · every half-year · every year · every 15 days · every 2 weeks · every 2 months";

impl FromStr for Schedule {
    type Err = ScheduleError;

    /// Reads the words with or without `every` before them.
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let lower = text.to_lowercase();
        let mut words: Vec<&str> = lower.split_whitespace().collect();
        if words.first() == Some(&"every") {
            words.remove(0);
        }
        let wrong = |word: &str| ScheduleError::new(text, word);
        let (n, unit) = match words.as_slice() {
            [unit] => (1, *unit),
            [number, unit] => match number.parse::<u32>() {
                Ok(n @ 1..=1_000) => (n, *unit),
                _ => return Err(wrong(number)),
            },
            [_, _, extra, ..] => return Err(wrong(extra)),
            [] => return Err(wrong("")),
        };
        Ok(match (n, unit) {
            (1, "workday") => Self::Workday,
            (_, "day" | "days") => Self::Days(n),
            (_, "week" | "weeks") => Self::Weeks(n),
            (_, "month" | "months") => Self::Months(n),
            (1, "quarter") => Self::Quarter,
            (1, "half-year") => Self::HalfYear,
            (_, "year" | "years") => Self::Years(n),
            _ => return Err(wrong(unit)),
        })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |out: &mut fmt::Formatter<'_>, n: u32, unit: &str| match n {
            1 => write!(out, "every {unit}"),
            _ => write!(out, "every {n} {unit}s"),
        };
        match *self {
            Self::Workday => out.write_str("every workday"),
            Self::Days(n) => counted(out, n, "day"),
            Self::Weeks(n) => counted(out, n, "week"),
            Self::Months(n) => counted(out, n, "month"),
            Self::Quarter => out.write_str("every quarter"),
            Self::HalfYear => out.write_str("every half-year"),
            Self::Years(n) => counted(out, n, "year"),
        }
    }
}

impl Schedule {
    /// The words as people read them.
    pub fn label(&self, lang: Lang) -> String {
        let counted = |n: u32, one: &str, many: &str| {
            if n == 1 {
                one.to_owned()
            } else {
                format!("每 {n} {many}")
            }
        };
        match (lang, *self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Zh, Self::Workday) => "每个工作日".to_owned(),
            (Lang::Zh, Self::Days(n)) => counted(n, "每天", "天"),
            (Lang::Zh, Self::Weeks(n)) => counted(n, "每周", "周"),
            (Lang::Zh, Self::Months(n)) => counted(n, "每月", "个月"),
            (Lang::Zh, Self::Quarter) => "每季度".to_owned(),
            (Lang::Zh, Self::HalfYear) => "每半年".to_owned(),
            (Lang::Zh, Self::Years(n)) => counted(n, "每年", "年"),
        }
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// A text that is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .said.en)]
pub struct ScheduleError {
    /// What was given.
    pub input: String,
    /// The word that does not fit; empty when one is missing.
    pub word: String,
    said: Sentence,
}

impl ScheduleError {
    fn new(text: &str, word: &str) -> Self {
        Self {
            input: text.to_owned(),
            word: word.to_owned(),
            said: Sentence::new(
                format!("`{text}` is not a schedule: `{word}` does not fit here. Accepted: {FORMS}"),
                format!("“{text}”不是周期:“{word}”不合写法。可用写法:{FORMS}"),
            ),
        }
    }

    /// What is wrong and what may be written.
    pub fn text(&self, lang: Lang) -> &str {
        self.said.text(lang)
    }
}
