//! A limit: how long something may take, or the point by which it must be done.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Lang, Time};

/// A length or a point, as a regulation words it. [`FromStr`](std::str::FromStr) reads it, `Display` writes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// `at once`: due the moment it starts.
    AtOnce,
    /// `10 minutes` of clock time.
    Minutes(u32),
    /// `72 hours` of clock time.
    Hours(u32),
    /// `30 working minutes`, counted while the unit is open.
    WorkingMinutes(u32),
    /// `2 working hours`, counted while the unit is open.
    WorkingHours(u32),
    /// `3 days` of the calendar; the first day is not counted.
    Days(u32),
    /// `2 workdays`; the first day is not counted.
    Workdays(u32),
    /// `half a month`: 15 days.
    HalfMonth,
    /// `3 months`: the same day of the third month after, or its last day.
    Months(u32),
    /// `half a year`: 6 months.
    HalfYear,
    /// `1 year`.
    Years(u32),
    /// `15:00 same day`, `closing next workday` …
    Point {
        /// When on that day.
        at: PointTime,
        /// Which day, seen from the start.
        day: PointDay,
    },
    /// `next opening`: the moment itself when the unit is open.
    NextOpening,
    /// `5th of next month`, `last day of the month`: that day is included.
    DayOfMonth {
        /// Which day; in a shorter month its last.
        day: MonthDay,
        /// Which month, seen from the start.
        month: MonthOf,
    },
}

/// When on a day a point lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointTime {
    /// A time on the wall, to the minute.
    Time(Time),
    /// When the unit opens.
    Opening,
    /// When the unit closes.
    Closing,
    /// 24:00, the end of the day.
    Midnight,
}

/// The day of a point, seen from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointDay {
    /// The day of the start itself.
    Same,
    /// The day after, whatever it is.
    Next,
    /// The first workday after the day of the start.
    NextWorkday,
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MonthDay {
    /// 1 to 31; in a shorter month its last day.
    Nth(u8),
    /// The month's last day.
    Last,
}

/// A month, seen from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MonthOf {
    /// The month of the start.
    This,
    /// The month after it.
    Next,
}

/// What a limit's length is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// Clock time, nights and holidays included.
    Clock,
    /// Time in which the unit is open.
    Working,
    /// Days of the calendar (months and years too).
    Days,
    /// Workdays.
    Workdays,
}

impl Limit {
    /// What the length is measured in; a point counts by the kind of day it names.
    pub const fn kind(&self) -> LimitKind {
        match self {
            Self::AtOnce | Self::Minutes(_) | Self::Hours(_) => LimitKind::Clock,
            Self::WorkingMinutes(_) | Self::WorkingHours(_) | Self::NextOpening => LimitKind::Working,
            Self::Workdays(_)
            | Self::Point {
                day: PointDay::NextWorkday,
                ..
            } => LimitKind::Workdays,
            _ => LimitKind::Days,
        }
    }

    /// The length in its own measure: milliseconds of clock or working time, or (work)days as milliseconds of 24 h.
    /// A month counts as 30 days and a year as 365, the Supreme Court's reading for time that is not continuous.
    /// Points have no length.
    pub const fn length(&self) -> Option<i64> {
        const MINUTE: i64 = 60_000;
        const DAY: i64 = crate::civil::DAY_MS;
        Some(match *self {
            Self::AtOnce => 0,
            Self::Minutes(n) | Self::WorkingMinutes(n) => n as i64 * MINUTE,
            Self::Hours(n) | Self::WorkingHours(n) => n as i64 * 60 * MINUTE,
            Self::Days(n) | Self::Workdays(n) => n as i64 * DAY,
            Self::HalfMonth => 15 * DAY,
            Self::Months(n) => (n as i64).saturating_mul(30 * DAY),
            Self::HalfYear => 180 * DAY,
            Self::Years(n) => (n as i64).saturating_mul(365 * DAY),
            Self::Point { .. } | Self::NextOpening | Self::DayOfMonth { .. } => return None,
        })
    }

    /// The limit as people read it.
    pub fn label(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => self.zh(),
        }
    }

    fn zh(&self) -> String {
        match *self {
            Self::AtOnce => "立即".to_owned(),
            Self::Minutes(n) => format!("{n}分钟"),
            Self::Hours(n) => format!("{n}小时"),
            Self::WorkingMinutes(n) => format!("{n}分钟（工作时间）"),
            Self::WorkingHours(n) => format!("{n}小时（工作时间）"),
            Self::Days(n) => format!("{n}天"),
            Self::Workdays(n) => format!("{n}个工作日"),
            Self::HalfMonth => "半个月".to_owned(),
            Self::Months(n) => format!("{n}个月"),
            Self::HalfYear => "半年".to_owned(),
            Self::Years(n) => format!("{n}年"),
            Self::Point { at, day } => {
                let day = match day {
                    PointDay::Same => "当天",
                    PointDay::Next => "次日",
                    PointDay::NextWorkday => "下一工作日",
                };
                match at {
                    PointTime::Time(time) => format!("{day}{:02}:{:02}前", time.hour(), time.minute()),
                    PointTime::Opening => format!("{day}上班时"),
                    PointTime::Closing => format!("{day}下班前"),
                    PointTime::Midnight => format!("{day}24:00前"),
                }
            }
            Self::NextOpening => "下次上班时".to_owned(),
            Self::DayOfMonth { day, month } => {
                let month = match month {
                    MonthOf::This => "当月",
                    MonthOf::Next => "次月",
                };
                match day {
                    MonthDay::Nth(n) => format!("{month}{n}日前（含当日）"),
                    MonthDay::Last => format!("{month}最后一天前（含当日）"),
                }
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |out: &mut fmt::Formatter<'_>, n: u32, unit: &str| {
            write!(out, "{n} {unit}{}", if n == 1 { "" } else { "s" })
        };
        match *self {
            Self::AtOnce => out.write_str("at once"),
            Self::Minutes(n) => counted(out, n, "minute"),
            Self::Hours(n) => counted(out, n, "hour"),
            Self::WorkingMinutes(n) => counted(out, n, "working minute"),
            Self::WorkingHours(n) => counted(out, n, "working hour"),
            Self::Days(n) => counted(out, n, "day"),
            Self::Workdays(n) => counted(out, n, "workday"),
            Self::HalfMonth => out.write_str("half a month"),
            Self::Months(n) => counted(out, n, "month"),
            Self::HalfYear => out.write_str("half a year"),
            Self::Years(n) => counted(out, n, "year"),
            Self::Point { at, day } => {
                match at {
                    PointTime::Time(time) => write!(out, "{:02}:{:02}", time.hour(), time.minute())?,
                    PointTime::Opening => out.write_str("opening")?,
                    PointTime::Closing => out.write_str("closing")?,
                    PointTime::Midnight => out.write_str("midnight")?,
                }
                out.write_str(match day {
                    PointDay::Same => " same day",
                    PointDay::Next => " next day",
                    PointDay::NextWorkday => " next workday",
                })
            }
            Self::NextOpening => out.write_str("next opening"),
            Self::DayOfMonth { day, month } => {
                match day {
                    MonthDay::Nth(n) => {
                        let ending = match n {
                            1 | 21 | 31 => "st",
                            2 | 22 => "nd",
                            3 | 23 => "rd",
                            _ => "th",
                        };
                        write!(out, "{n}{ending}")?;
                    }
                    MonthDay::Last => out.write_str("last day")?,
                }
                out.write_str(match month {
                    MonthOf::This => " of the month",
                    MonthOf::Next => " of next month",
                })
            }
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
