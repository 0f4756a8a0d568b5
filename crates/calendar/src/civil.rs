//! Days as numbers: day 0 is 1970-01-01. Plain integer arithmetic, because a rehearsal asks for millions of dates.

use crate::{Date, Time};

/// Milliseconds of a day of 24 hours.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// 0001-01-01. Everything outside the years 1 to 9999 is treated as lying at their edge.
pub(crate) const FIRST_DAY: i64 = -719_162;
/// 9999-12-31.
pub(crate) const LAST_DAY: i64 = 2_932_896;

/// A day in the range this crate reckons with.
pub(crate) fn clamp_day(day: i64) -> i64 {
    day.clamp(FIRST_DAY, LAST_DAY)
}

/// Days since 1970-01-01 of a proleptic Gregorian date; `day` may lie outside the month.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March so that the leap day comes last.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day number.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

/// Number of days of a month.
pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The month `months` after (`year`, `month`).
pub(crate) fn month_after(year: i64, month: i64, months: i64) -> (i64, i64) {
    let index = year * 12 + month - 1 + months;
    (index.div_euclid(12), index.rem_euclid(12) + 1)
}

/// The same day `months` later, or that month's last day.
pub(crate) fn same_day_after(day: i64, months: i64) -> i64 {
    let (year, month, of_month) = civil(day);
    let (year, month) = month_after(year, month, months);
    clamp_day(day_number(year, month, of_month.min(days_in_month(year, month))))
}

/// Monday = 0 … Sunday = 6.
pub(crate) fn weekday_index(day: i64) -> usize {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

/// Day number of a date.
pub(crate) fn day_of_date(date: Date) -> i64 {
    clamp_day(day_number(
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    ))
}

/// Date of a day number.
pub(crate) fn date_of_day(day: i64) -> Date {
    let (year, month, of_month) = civil(clamp_day(day));
    // In range by the clamp above; the fall-back is never reached.
    Date::new(year as i16, month as i8, of_month as i8).unwrap_or_default()
}

/// Milliseconds from midnight of a wall time.
pub(crate) fn millis_of_time(time: Time) -> i64 {
    (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60_000
        + i64::from(time.second()) * 1_000
        + i64::from(time.millisecond())
}

/// Wall time of milliseconds from midnight.
pub(crate) fn time_of_millis(millis: i64) -> Time {
    let millis = millis.rem_euclid(DAY_MS);
    Time::new(
        (millis / 3_600_000) as i8,
        (millis / 60_000 % 60) as i8,
        (millis / 1_000 % 60) as i8,
        (millis % 1_000 * 1_000_000) as i32,
    )
    .unwrap_or_default()
}
