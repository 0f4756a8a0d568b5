//! Running totals over days: a weekly pattern, with a table for the years in which holidays break it.

use crate::civil::{clamp_day, weekday_index};

/// Sum of a weight (1 per workday, or milliseconds of working time) over days, and its inverse.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    /// Weight before Monday, Tuesday … and of the whole week.
    before_weekday: [i64; 8],
    first: i64,
    /// `totals[i]` is the weight of the first `i` days of the table.
    totals: Vec<i64>,
}

impl Tally {
    /// `weekly` is the pattern (Monday first); days `first..first + table.len()` have weights of their own.
    pub(crate) fn new(weekly: [i64; 7], first: i64, table: impl Iterator<Item = i64>) -> Self {
        let mut before_weekday = [0; 8];
        for (index, weight) in weekly.iter().enumerate() {
            before_weekday[index + 1] = before_weekday[index] + weight;
        }
        let mut sum = 0;
        let mut totals = vec![0];
        totals.extend(table.map(|weight| {
            sum += weight;
            sum
        }));
        Self {
            before_weekday,
            first,
            totals,
        }
    }

    fn week(&self) -> i64 {
        self.before_weekday[7]
    }

    fn end(&self) -> i64 {
        self.first + self.totals.len() as i64 - 1
    }

    fn all(&self) -> i64 {
        self.totals.last().copied().unwrap_or(0)
    }

    /// Weight of the pure pattern before `day`, counted from Monday 1969-12-29.
    fn pattern(&self, day: i64) -> i64 {
        (day + 3).div_euclid(7) * self.week() + self.before_weekday[weekday_index(day)]
    }

    /// The day on which the pattern's weight passes `sum`.
    fn pattern_day(&self, sum: i64) -> i64 {
        let weeks = sum.div_euclid(self.week());
        let rest = sum.rem_euclid(self.week());
        let weekday = self.before_weekday.partition_point(|before| *before <= rest) as i64 - 1;
        weeks * 7 + weekday - 3
    }

    /// Weight of all days before `day`, counted from the table's first day.
    pub(crate) fn before(&self, day: i64) -> i64 {
        if day < self.first {
            self.pattern(day) - self.pattern(self.first)
        } else if day <= self.end() {
            self.totals[(day - self.first) as usize]
        } else {
            self.all() + self.pattern(day) - self.pattern(self.end())
        }
    }

    /// The day whose weight contains `sum`: `before(day) <= sum < before(day + 1)`.
    pub(crate) fn find(&self, sum: i64) -> i64 {
        let day = if sum < 0 {
            self.pattern_day(self.pattern(self.first).saturating_add(sum))
        } else if sum < self.all() {
            self.first + self.totals.partition_point(|total| *total <= sum) as i64 - 1
        } else {
            self.pattern_day(self.pattern(self.end()).saturating_add(sum - self.all()))
        };
        clamp_day(day)
    }
}
