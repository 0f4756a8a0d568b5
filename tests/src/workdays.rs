//! Dates and workdays counted a second way, apart from the product: what the clause report is compared with.

use std::collections::BTreeMap;

/// Minutes of a day.
const DAY: i64 = 24 * 60 * 60;
/// China's zone: seconds east of Greenwich.
const ZONE: i64 = 8 * 60 * 60;

/// China's public holidays and make-up workdays: a date (`2019-10-01`) and whether people work on it.
#[derive(Debug, Clone, Default)]
pub struct Workdays(BTreeMap<i64, bool>);

impl Workdays {
    /// Reads lines `date,off|work,name`.
    pub fn read(text: &str) -> Self {
        let rows = text.lines().filter_map(|line| {
            let (date, rest) = line.split_once(',')?;
            let kind = rest.split(',').next()?;
            (kind == "off" || kind == "work").then(|| (day_number(date), kind == "work"))
        });
        Workdays(rows.collect())
    }

    /// Whether people work on this day (counted from 1970-01-01, a Thursday).
    fn works(&self, day: i64) -> bool {
        let weekday = (day + 3).rem_euclid(7);
        self.0.get(&day).copied().unwrap_or(weekday < 5)
    }

    /// The end (midnight) of the so-many-th workday after the day of a local time, in seconds like [`seconds`].
    pub fn end_of(&self, count: u32, from: i64) -> i64 {
        let mut day = from.div_euclid(DAY);
        let mut left = count;
        while left > 0 {
            day += 1;
            left -= u32::from(self.works(day));
        }
        (day + 1) * DAY
    }
}

/// The day's number counted from 1970-01-01.
fn day_number(date: &str) -> i64 {
    let parts: Vec<i64> = date.split(['-', '/']).map(|part| part.parse().unwrap()).collect();
    let [year, month, day] = parts[..] else {
        panic!("{date} is no date")
    };
    let days_before = |year: i64| 365 * year + year / 4 - year / 100 + year / 400;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before: i64 = lengths.iter().take(month as usize - 1).sum();
    days_before(year - 1) + before + day - 1 - days_before(1969)
}

/// Seconds of a local time `2019-09-27 10:00:00` since 1970-01-01 00:00:00 local.
pub fn seconds(local: &str) -> i64 {
    let (date, time) = local.trim().split_once(' ').unwrap();
    let parts: Vec<i64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    let clock = parts.iter().fold(0, |sum, part| sum * 60 + part) * if parts.len() == 2 { 60 } else { 1 };
    day_number(date) * DAY + clock
}

/// A local time in seconds, as it is written in a file.
pub fn local(seconds: i64) -> String {
    let (mut day, clock) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Civil from days, by steps of a year and a month: slow and plain.
    let mut year = 1970;
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!(
        "{year}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}",
        day + 1
    )
}

/// Now, as a local time in seconds.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    since.as_secs() as i64 + ZONE
}

#[cfg(test)]
mod tests {
    use super::{Workdays, local, seconds};

    #[test]
    fn hand_worked_dates() {
        let days = Workdays::read(
            "2019-09-29,work,x\n2019-10-12,work,x\n2019-10-01,off,x\n2019-10-02,off,x\n\
             2019-10-03,off,x\n2019-10-04,off,x\n2019-10-07,off,x\n",
        );
        for (from, end) in [
            // 29, 30 September; 8 to 12 and 14 to 18 October; 21 to 23: fifteen.
            ("2019-09-27 10:00:00", "2019-10-24 00:00:00"),
            ("2019-09-28 00:00:00", "2019-10-24 00:00:00"),
            ("2019-09-29 23:59:59", "2019-10-25 00:00:00"),
            ("2019-11-01 08:00:00", "2019-11-23 00:00:00"),
        ] {
            assert_eq!(local(days.end_of(15, seconds(from))), end, "{from}");
        }
        assert_eq!(local(seconds("2020-02-29 12:34:56")), "2020-02-29 12:34:56");
        assert_eq!(seconds("1970-01-02 00:00:01"), 86_401);
        assert_eq!(seconds("2019/9/2 8:05"), seconds("2019-09-02 08:05:00"));
    }
}
