//! Quiet hours: a span of the day in which nothing leaves the house.

use calendar::{Calendar, Moment, Time};

/// A span of each day, in minutes after midnight; it may go over midnight. Half-open: at its end it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: i64,
    until: i64,
}

const DAY: i64 = 24 * 60;

impl Quiet {
    /// A span; none where it is empty or no time of a day.
    pub fn new(from: i64, until: i64) -> Option<Quiet> {
        let of_a_day = |minute: i64| (0..DAY).contains(&minute);
        (of_a_day(from) && of_a_day(until) && from != until).then_some(Quiet { from, until })
    }

    /// A span as settings write it: `21:00-08:00`.
    pub fn read(text: &str) -> Option<Quiet> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
            ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
        };
        let (from, until) = text.split_once('-')?;
        Quiet::new(minute(from)?, minute(until)?)
    }

    /// The first moment from `at` on that is not quiet.
    pub fn after(self, at: Moment, calendar: &Calendar) -> Moment {
        let time = calendar.time_of(at);
        let minute = i64::from(time.hour()) * 60 + i64::from(time.minute());
        let over_midnight = self.from > self.until;
        let quiet = if over_midnight {
            minute >= self.from || minute < self.until
        } else {
            (self.from..self.until).contains(&minute)
        };
        if !quiet {
            return at;
        }
        let today = calendar.date_of(at);
        let day = if over_midnight && minute >= self.from {
            today.tomorrow().unwrap_or(today)
        } else {
            today
        };
        let hour = i8::try_from(self.until / 60).unwrap_or(0);
        let minute = i8::try_from(self.until % 60).unwrap_or(0);
        let end = Time::new(hour, minute, 0, 0).unwrap_or(Time::midnight());
        calendar.moment_of(day, end).max(at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_night_ends_in_the_morning_on_whichever_side_of_midnight_it_is_asked() {
        let (night, calendar) = (Quiet::read("21:00-08:00").unwrap(), Calendar::default());
        for (asked, awake) in [
            ("2026-03-02T20:59:59+08:00", "2026-03-02T20:59:59+08:00"),
            ("2026-03-02T21:00:00+08:00", "2026-03-03T08:00:00+08:00"),
            ("2026-03-03T00:00:00+08:00", "2026-03-03T08:00:00+08:00"),
            ("2026-03-03T07:59:59+08:00", "2026-03-03T08:00:00+08:00"),
            ("2026-03-03T08:00:00+08:00", "2026-03-03T08:00:00+08:00"),
        ] {
            assert_eq!(night.after(at(asked), &calendar), at(awake), "{asked}");
        }
    }

    #[test]
    fn what_is_no_span_is_not_taken() {
        for text in [
            "",
            "21:00",
            "21:00-21:00",
            "24:00-08:00",
            "21:60-08:00",
            "x-y",
            "-1:00-08:00",
        ] {
            assert_eq!(Quiet::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_put_off_is_put_off_to_a_time_that_is_not_quiet(
            from in 0_i64..DAY, until in 0_i64..DAY, at in 1_600_000_000_000_i64..1_900_000_000_000,
        ) {
            let calendar = Calendar::default();
            if let Some(quiet) = Quiet::new(from, until) {
                let asked = Moment::from_millis(at);
                let awake = quiet.after(asked, &calendar);
                prop_assert_eq!(quiet.after(awake, &calendar), awake);
                prop_assert!((0..=DAY * 60_000).contains(&awake.since(asked)));
            }
        }
    }
}
