//! Working time: moments, weekly hours, public holidays with make-up workdays, lengths and points in time as a
//! regulation words them, and the turns of what recurs.
//!
//! **Knows** the Civil Code's way of counting (first day not counted, a month ends on the same day of a later one or
//! on its last day), a unit's weekly hours, its time zone, and which days a holiday notice takes or gives.
//!
//! **Never** reads a clock, a file, the network or chance: "now" and holiday notices come in as arguments, so that the
//! same question has the same answer on every machine and in every rehearsal. It knows no case, pack or person.
//!
//! Carries the time half of CMP-3, CMP-8, GEN-7, GEN-8, GEN-15, LOG-2, LOG-4, LOG-6, LOG-12, MAL-4, PRP-4, STK-9 and
//! STK-10. All intervals are half-open; an act at the very moment of a limit is kept.
//!
//! ```
//! use calendar::{Calendar, DayRule, Holidays, Limit, Moment};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let unit = Calendar::builder().public_holidays(Holidays::china()).build()?;
//! let start = Moment::parse_rfc3339("2026-09-30T10:00:00+08:00")?;
//! let limit: Limit = "2 workdays".parse()?;
//! // 1–7 October are holidays: the 8th and the 9th are the two workdays.
//! let due = unit.due(start, &limit, &DayRule::default());
//! assert_eq!(unit.date_of(due.at - 1).to_string(), "2026-10-09");
//! # Ok(())
//! # }
//! ```

mod builder;
mod civil;
mod deadline;
mod holidays;
mod hours;
mod lang;
mod limit;
mod limit_words;
mod moment;
mod pause;
mod schedule;
mod tally;
mod unit;
mod zone;

pub use builder::{CalendarBuilder, CalendarError};
pub use deadline::{DayEnd, DayRule, Due, OnHoliday, UnknownWord};
pub use holidays::{DayKind, HolidayError, Holidays};
pub use hours::{HoursError, Weekday, WeeklyHours};
pub use lang::Lang;
pub use limit::{Limit, LimitKind, MonthDay, MonthOf, PointDay, PointTime};
pub use limit_words::LimitError;
pub use moment::{Moment, MomentError};
pub use schedule::{Schedule, ScheduleError, Turn};
pub use unit::Calendar;

/// A day of the civil calendar, without a zone.
pub type Date = jiff::civil::Date;
/// A time of day on the wall, without a zone.
pub type Time = jiff::civil::Time;
/// A time zone with all its changes of offset.
pub type Zone = jiff::tz::TimeZone;
