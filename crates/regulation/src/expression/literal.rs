//! Times, days and lengths as written in quotes.

/// `11:00` or `11:00:30`: milliseconds since midnight.
pub(super) fn time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut part = |limit: i64| {
        parts
            .next()
            .and_then(|part| digits(part, 1..=2))
            .filter(|n| *n < limit)
    };
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = if text.matches(':').count() == 2 {
        part(60)?
    } else {
        0
    };
    parts
        .next()
        .is_none()
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1000)
}

/// `2026-12-01`: days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut part = |length: usize| parts.next().and_then(|part| digits(part, length..=length));
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=length).contains(&day) {
        return None;
    }
    // Days from the first of March of year 0, so that the leap day is the last of its year.
    let (years, months) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    Some(days + (months * 153 + 2) / 5 + day - 1 - 719_468)
}

/// `2 hours`, `90 minutes`, `30 seconds`: milliseconds of clock time.
pub(super) fn duration(text: &str) -> Option<i64> {
    let (count, unit) = text.split_once(' ')?;
    let unit = match unit {
        "second" | "seconds" => 1_000,
        "minute" | "minutes" => 60_000,
        "hour" | "hours" => 3_600_000,
        _ => return None,
    };
    digits(count, 1..=9)?.checked_mul(unit)
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let fits = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{date, duration, time};

    #[test]
    fn times_days_and_lengths_are_read_or_refused() {
        assert_eq!(time("11:00"), Some(11 * 3_600_000));
        assert_eq!(time("9:05:01"), Some(32_701_000));
        for wrong in [
            "24:00",
            "11",
            "11:60",
            "11:00:",
            "11:00:00:00",
            "+1:00",
            "１１:00",
            "",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        for (text, days) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2026-12-01", 20_788),
            ("1969-12-31", -1),
        ] {
            assert_eq!(date(text), Some(days), "{text}");
        }
        for wrong in [
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "2026-01-01-01",
            "2026-00-10",
            "26-01-01",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        assert_eq!(duration("72 hours"), Some(259_200_000));
        assert_eq!(duration("1 minute"), Some(60_000));
        for wrong in ["3 days", "2hours", "-1 hours", "1 workday", " 1 hour"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
