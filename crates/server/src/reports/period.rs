//! The period of a report, the time it stands at, and what it may look at.

use calendar::{Calendar, Date, Moment};
use regulation::{Id, Said};

use crate::http::{Answer, Problem};

/// A half-open period and the time at which clocks are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// A clock belongs to the period when it is due at or after this,
    pub from: Moment,
    /// and before this.
    pub to: Moment,
    /// Clocks stand as they stood then.
    pub as_of: Moment,
}

/// Whose cases a report looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach<'a> {
    /// Within this person's scope; `None` is the whole centre.
    pub person: Option<Id>,
    /// Within this unit's subtree; `None` is every unit.
    pub unit: Option<Id>,
    /// What this person answers for; `None` is everybody's.
    pub answering: Option<Id>,
    /// Cases of this procedure; `None` is every one.
    pub procedure: Option<&'a str>,
}

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: Date,
}

impl Month {
    /// Reads `2026-10`.
    pub fn read(text: &str) -> Option<Month> {
        let written = text.len() == 7;
        let first = format!("{text}-01").parse::<Date>().ok()?;
        written.then_some(Month { first })
    }

    /// The month in which a moment lies.
    pub fn of(calendar: &Calendar, at: Moment) -> Month {
        Month {
            first: calendar.date_of(calendar.start_of_month(calendar.date_of(at))),
        }
    }

    /// The month before.
    pub fn before(self) -> Option<Month> {
        let last = self.first.yesterday().ok()?;
        Month::read(&last.strftime("%Y-%m").to_string())
    }

    /// As a period of its own, as it stood at its end.
    pub fn period(self, calendar: &Calendar) -> Period {
        let from = calendar.start_of_day(self.first);
        let to = next_month(calendar, from);
        Period { from, to, as_of: to }
    }

    /// The month that a period is, where it is exactly one.
    pub fn exactly(calendar: &Calendar, period: Period) -> Option<Month> {
        let month = Month::of(calendar, period.from);
        let whole = month.period(calendar);
        (whole.from == period.from && whole.to == period.to).then_some(month)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.first.strftime("%Y-%m"))
    }
}

impl Period {
    /// The period that a request names: days of the calendar or times; this month and now unless said.
    pub fn read(
        calendar: &Calendar,
        now: Moment,
        from: Option<&str>,
        to: Option<&str>,
        as_of: Option<&str>,
    ) -> Answer<Period> {
        let start = match from {
            Some(text) => point(calendar, "from", text)?,
            None => calendar.start_of_month(calendar.date_of(now)),
        };
        let end = match to {
            Some(text) => point(calendar, "to", text)?,
            None => next_month(calendar, start),
        };
        let as_of = as_of.map_or(Ok(now), |text| point(calendar, "as_of", text))?;
        if end <= start {
            return Err(Problem::input(vec![(
                "to".to_owned(),
                Said {
                    zh: "结束时间须晚于开始时间；结束的那一天不计在内。".to_owned(),
                    en: "The end must lie after the beginning; the end's own day is not counted.".to_owned(),
                },
            )]));
        }
        Ok(Period {
            from: start,
            to: end,
            as_of,
        })
    }
}

/// The first moment of the month after the one in which `at` lies.
fn next_month(calendar: &Calendar, at: Moment) -> Moment {
    let first = calendar.date_of(calendar.start_of_month(calendar.date_of(at)));
    // Thirty-two days after the first always lie in the next month.
    let within = calendar.start_of_day(first).plus(32 * 86_400_000);
    calendar.start_of_month(calendar.date_of(within))
}

fn point(calendar: &Calendar, field: &str, text: &str) -> Answer<Moment> {
    if let Ok(date) = text.trim().parse::<Date>()
        && !text.contains('T')
    {
        return Ok(calendar.start_of_day(date));
    }
    Moment::parse_rfc3339(text).map_err(|_| {
        Problem::input(vec![(
            field.to_owned(),
            Said {
                zh: format!("“{text}”不是日期或时间。请写成2026-11-01或2026-11-01T08:30:00+08:00。"),
                en: format!(
                    "\"{text}\" is neither a day nor a time. Write 2026-11-01 or 2026-11-01T08:30:00+08:00."
                ),
            },
        )])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> Calendar {
        Calendar::builder().zone_name("Asia/Shanghai").build().unwrap()
    }

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn unsaid_it_is_this_month_as_it_stands_now() {
        let now = at("2026-11-23T20:00:00+08:00");
        let period = Period::read(&shanghai(), now, None, None, None).unwrap();
        assert_eq!(period.from, at("2026-11-01T00:00:00+08:00"));
        assert_eq!(period.to, at("2026-12-01T00:00:00+08:00"));
        assert_eq!(period.as_of, now);
    }

    #[test]
    fn a_period_begins_at_the_start_of_a_day_and_may_be_a_time() {
        let now = at("2026-11-23T20:00:00+08:00");
        let period = Period::read(
            &shanghai(),
            now,
            Some("2025-12-15"),
            Some("2025-12-20T10:00:00Z"),
            Some("2026-01-01"),
        )
        .unwrap();
        assert_eq!(period.from, at("2025-12-15T00:00:00+08:00"));
        assert_eq!(period.to, at("2025-12-20T18:00:00+08:00"));
        assert_eq!(period.as_of, at("2026-01-01T00:00:00+08:00"));
    }

    #[test]
    fn a_month_is_read_written_and_told_from_other_periods() {
        let calendar = shanghai();
        let month = Month::read("2026-10").unwrap();
        assert_eq!(month.to_string(), "2026-10");
        assert_eq!(month.before().unwrap().to_string(), "2026-09");
        assert_eq!(
            Month::read("2026-01")
                .and_then(Month::before)
                .unwrap()
                .to_string(),
            "2025-12"
        );
        let period = month.period(&calendar);
        assert_eq!(period.from, at("2026-10-01T00:00:00+08:00"));
        assert_eq!(
            (period.to, period.as_of),
            (at("2026-11-01T00:00:00+08:00"), period.to)
        );
        assert_eq!(Month::exactly(&calendar, period), Some(month));
        assert_eq!(Month::of(&calendar, at("2026-10-31T23:59:59+08:00")), month);
        let longer = Period {
            to: at("2026-11-02T00:00:00+08:00"),
            ..period
        };
        assert_eq!(Month::exactly(&calendar, longer), None);
        for wrong in ["2026-13", "2026-1", "10/2026", "2026-10-01", ""] {
            assert_eq!(Month::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_wrong_or_backward_period_names_its_field() {
        let now = at("2026-11-23T20:00:00+08:00");
        assert!(Period::read(&shanghai(), now, Some("11/2026"), None, None).is_err());
        assert!(Period::read(&shanghai(), now, Some("2026-11-02"), Some("2026-11-02"), None).is_err());
    }
}
