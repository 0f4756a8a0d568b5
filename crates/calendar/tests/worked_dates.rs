//! Dates worked by hand from the holiday notices and the Civil Code's way of counting.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use calendar::{
    Calendar, CalendarBuilder, DayEnd, DayRule, Holidays, Limit, Moment, OnHoliday, Weekday, WeeklyHours,
};

const STAY: DayRule = DayRule {
    day_ends: None,
    on_holiday: None,
};
const MIDNIGHT: DayRule = DayRule {
    day_ends: Some(DayEnd::Midnight),
    on_holiday: None,
};
const MOVED: DayRule = DayRule {
    day_ends: None,
    on_holiday: Some(OnHoliday::NextWorkday),
};

/// Monday to Friday 08:30–18:00, Saturday 09:00–12:00, China's public holidays.
fn office() -> CalendarBuilder {
    let hours = WeeklyHours::parse([("mon-fri", "08:30-18:00"), ("sat", "09:00-12:00")]).unwrap();
    Calendar::builder()
        .hours(hours)
        .public_holidays(Holidays::china())
}

/// `2026-02-13 10:00` in China.
fn at(text: &str) -> Moment {
    let (date, time) = text.split_once(' ').unwrap();
    Moment::parse_rfc3339(&format!("{date}T{time}:00+08:00")).unwrap()
}

fn show(calendar: &Calendar, moment: Moment) -> String {
    let time = calendar.time_of(moment);
    format!(
        "{} {:02}:{:02}",
        calendar.date_of(moment),
        time.hour(),
        time.minute()
    )
}

#[track_caller]
fn due(start: &str, limit: &str, rule: &DayRule, expected: &str) {
    let calendar = office().build().unwrap();
    let due = calendar.due(at(start), &limit.parse::<Limit>().unwrap(), rule);
    assert_eq!(show(&calendar, due.at), expected, "{limit} from {start}");
}

#[test]
fn workdays_around_spring_festival() {
    // 2026: off 15–23 February, worked on Saturday 14 and Saturday 28.
    due("2026-02-13 10:00", "1 workday", &STAY, "2026-02-14 18:00");
    due("2026-02-13 10:00", "3 workdays", &STAY, "2026-02-25 18:00");
    due("2026-02-27 10:00", "1 workday", &STAY, "2026-02-28 18:00");
    // 2024: off 10–17 February, worked on Sunday 4 and Sunday 18.
    due("2024-02-09 16:00", "1 workday", &STAY, "2024-02-18 18:00");
    // 2004: off 22–28 January, worked on Saturday 17 and Sunday 18.
    due("2004-01-16 09:00", "3 workdays", &STAY, "2004-01-19 18:00");
    due("2004-01-16 09:00", "6 workdays", &STAY, "2004-01-29 18:00");
}

#[test]
fn workdays_around_national_day() {
    // 2023: off 29 September to 6 October, worked on Saturday 7 and Sunday 8 October.
    due("2023-09-28 09:00", "2 workdays", &STAY, "2023-10-08 18:00");
    // 2026: worked on Sunday 20 September, off 25–27 September and 1–7 October, worked on Saturday 10 October.
    due("2026-09-18 11:00", "15 workdays", &MIDNIGHT, "2026-10-16 00:00");
    due("2026-09-30 10:00", "2 workdays", &STAY, "2026-10-09 18:00");
    due("2026-09-30 10:00", "3 workdays", &STAY, "2026-10-10 18:00");
    // 2004: off 1–7 October, worked on Saturday 9 and Sunday 10.
    due("2004-09-30 10:00", "4 workdays", &STAY, "2004-10-11 18:00");
}

#[test]
fn cmp_3_hours_run_on_the_clock_or_on_the_units_calendar() {
    due("2026-09-30 17:00", "2 hours", &STAY, "2026-09-30 19:00");
    due("2026-09-30 17:00", "2 working hours", &STAY, "2026-10-08 09:30");
    due("2026-03-07 11:30", "1 working hour", &STAY, "2026-03-09 09:00");
    // A full day's work ends at closing, not at the next opening.
    due("2026-03-05 17:00", "1 working hour", &STAY, "2026-03-05 18:00");
    // Over several days: 9.5 h each on Thursday and Friday, 3 h on Saturday, the rest on Monday.
    due("2026-03-05 08:00", "23 working hours", &STAY, "2026-03-09 09:30");
    due(
        "2026-03-08 15:00",
        "30 working minutes",
        &STAY,
        "2026-03-09 09:00",
    );
}

#[test]
fn seventy_two_hours_and_three_days_are_different_things() {
    due("2026-03-02 10:00", "72 hours", &STAY, "2026-03-05 10:00");
    due("2026-03-02 10:00", "3 days", &STAY, "2026-03-05 18:00");
    due("2026-03-02 10:00", "3 days", &MIDNIGHT, "2026-03-06 00:00");
}

#[test]
fn a_last_day_without_hours_stays_or_moves_as_the_rule_says() {
    // Thursday + 3 days is Sunday: it borrows Friday's closing time, Saturday being no workday.
    due("2026-03-05 10:00", "3 days", &STAY, "2026-03-08 18:00");
    due("2026-03-05 10:00", "3 days", &MOVED, "2026-03-09 18:00");
    // Saturday has hours of its own.
    due("2026-03-05 10:00", "2 days", &STAY, "2026-03-07 12:00");
    // 30 September + 3 days is in the National Day week.
    due("2026-09-30 10:00", "3 days", &MOVED, "2026-10-08 18:00");
    // A last day that is a make-up Saturday is a workday and stays, with a weekday's hours.
    due("2026-10-08 10:00", "2 days", &MOVED, "2026-10-10 18:00");
}

#[test]
fn months_end_on_the_same_day_or_the_last() {
    due("2026-01-31 10:00", "1 month", &MIDNIGHT, "2026-03-01 00:00");
    due("2024-01-31 10:00", "1 month", &MIDNIGHT, "2024-03-01 00:00");
    due("2024-01-31 10:00", "1 month", &STAY, "2024-02-29 18:00");
    due("2024-02-29 10:00", "1 year", &STAY, "2025-02-28 18:00");
    due("2026-03-15 10:00", "3 months", &STAY, "2026-06-15 18:00");
    due("2025-08-31 10:00", "half a year", &MIDNIGHT, "2026-03-01 00:00");
    due("2025-12-31 10:00", "2 months", &MIDNIGHT, "2026-03-01 00:00");
}

#[test]
fn mal_4_half_a_month_is_fifteen_days() {
    due("2026-03-02 10:00", "half a month", &STAY, "2026-03-17 18:00");
    due("2026-02-20 10:00", "half a month", &MIDNIGHT, "2026-03-08 00:00");
}

#[test]
fn log_6_points_on_the_same_or_the_next_day() {
    due("2026-03-05 10:59", "15:00 same day", &STAY, "2026-03-05 15:00");
    due("2026-03-05 11:00", "closing same day", &STAY, "2026-03-05 18:00");
    due("2026-03-05 16:30", "12:00 next day", &STAY, "2026-03-06 12:00");
    due("2026-03-05 16:30", "midnight same day", &STAY, "2026-03-06 00:00");
    due("2026-03-05 16:30", "24:00 same day", &STAY, "2026-03-06 00:00");
    due(
        "2026-03-06 16:30",
        "closing next workday",
        &STAY,
        "2026-03-09 18:00",
    );
    due(
        "2026-09-30 16:30",
        "opening next workday",
        &STAY,
        "2026-10-08 08:30",
    );
    due("2026-03-06 16:30", "12:00 next day", &MOVED, "2026-03-09 12:00");
    // A point that has passed is due at once.
    due("2026-03-05 16:30", "15:00 same day", &STAY, "2026-03-05 16:30");
}

#[test]
fn log_2_at_night_the_next_opening_is_meant() {
    due("2026-03-05 22:00", "next opening", &STAY, "2026-03-06 08:30");
    due("2026-09-30 18:00", "next opening", &STAY, "2026-10-08 08:30");
    due("2026-03-06 19:00", "next opening", &STAY, "2026-03-07 09:00");
    due("2026-03-05 12:00", "next opening", &STAY, "2026-03-05 12:00");
    // Half-open: at closing time sharp it is closed, at opening time sharp open.
    due("2026-03-05 18:00", "next opening", &STAY, "2026-03-06 08:30");
    due("2026-03-05 08:30", "next opening", &STAY, "2026-03-05 08:30");
}

#[test]
fn prp_4_at_once_is_due_when_it_starts() {
    due("2026-03-05 22:17", "at once", &STAY, "2026-03-05 22:17");
}

#[test]
fn gen_15_days_of_the_month_are_included() {
    due("2026-03-05 10:00", "5th of next month", &STAY, "2026-04-05 18:00");
    due(
        "2026-03-05 10:00",
        "5th of next month",
        &MOVED,
        "2026-04-07 18:00",
    );
    due(
        "2026-03-05 10:00",
        "25th of the month",
        &MIDNIGHT,
        "2026-03-26 00:00",
    );
    due(
        "2026-02-05 10:00",
        "31st of the month",
        &MIDNIGHT,
        "2026-03-01 00:00",
    );
    due(
        "2026-01-05 10:00",
        "last day of next month",
        &STAY,
        "2026-02-28 18:00",
    );
    due(
        "2026-12-05 10:00",
        "5th of next month",
        &MIDNIGHT,
        "2027-01-06 00:00",
    );
}

#[test]
fn a_make_up_day_has_the_hours_of_an_ordinary_weekday() {
    let unit = office().build().unwrap();
    let closing = |date: &str| {
        unit.closing(date.parse().unwrap())
            .map(|moment| show(&unit, moment))
    };
    assert_eq!(closing("2026-10-10").as_deref(), Some("2026-10-10 18:00"));
    assert_eq!(closing("2026-10-17").as_deref(), Some("2026-10-17 12:00"));
    assert_eq!(closing("2026-09-20").as_deref(), Some("2026-09-20 18:00"));
    assert_eq!(closing("2026-10-01"), None);
    assert!(unit.is_workday("2026-10-10".parse().unwrap()));
    assert!(!unit.is_workday("2026-10-17".parse().unwrap()));
    assert!(!unit.is_open(at("2026-10-01 10:00")));
}

#[test]
fn saturday_counts_only_where_the_calendar_says_so() {
    let six_days = office()
        .workdays(Weekday::parse_set("mon-sat").unwrap())
        .build()
        .unwrap();
    let limit: Limit = "1 workday".parse().unwrap();
    let due = six_days.due(at("2026-03-06 10:00"), &limit, &STAY);
    assert_eq!(show(&six_days, due.at), "2026-03-07 12:00");
    // Without public holidays the week alone counts: 1 October is a Thursday.
    let plain = Calendar::builder().hours(WeeklyHours::always()).build().unwrap();
    let due = plain.due(at("2026-09-30 10:00"), &limit, &MIDNIGHT);
    assert_eq!(
        (show(&plain, due.at).as_str(), due.provisional),
        ("2026-10-02 00:00", false)
    );
    assert!(plain.is_open(at("2026-10-01 03:00")));
}

#[test]
fn what_reaches_beyond_the_known_years_is_provisional() {
    let unit = office().build().unwrap();
    let provisional = |start: &str, limit: &str, rule: &DayRule| {
        unit.due(at(start), &limit.parse::<Limit>().unwrap(), rule)
            .provisional
    };
    assert!(!provisional("2026-12-20 10:00", "3 workdays", &STAY));
    assert!(provisional("2026-12-30 10:00", "3 workdays", &STAY));
    assert!(provisional("2026-12-31 17:00", "2 working hours", &STAY));
    assert!(!provisional("2026-12-31 15:00", "2 working hours", &STAY));
    assert!(provisional("2026-12-30 10:00", "3 days", &STAY));
    assert!(!provisional("2026-12-30 10:00", "3 days", &MIDNIGHT));
    assert!(!provisional("2026-12-30 10:00", "72 hours", &STAY));
    assert!(provisional("2003-12-30 10:00", "1 workday", &STAY));

    // Where every day closes at the same time, no notice can move the end of a calendar day.
    let even = office()
        .hours(WeeklyHours::parse([("mon-fri", "08:30-18:00")]).unwrap())
        .build()
        .unwrap();
    assert!(
        !even
            .due(at("2026-12-30 10:00"), &"3 days".parse().unwrap(), &STAY)
            .provisional
    );
    assert!(
        even.due(at("2026-12-30 10:00"), &"3 days".parse().unwrap(), &MOVED)
            .provisional
    );

    // A notice for 2027 settles it and changes the version.
    let notice =
        Holidays::parse_csv("date,kind,name\n2027-01-01,off,New Year\n2027-02-06,off,Spring Festival\n")
            .unwrap();
    let later = office()
        .public_holidays(Holidays::china().with(&notice).into())
        .build()
        .unwrap();
    let due = later.due(at("2026-12-30 10:00"), &"3 workdays".parse().unwrap(), &STAY);
    assert_eq!(
        (show(&later, due.at).as_str(), due.provisional),
        ("2027-01-05 18:00", false)
    );
    assert_ne!(unit.version(), later.version());
    assert_eq!(
        unit.unknown_years(at("2026-12-30 10:00"), at("2027-01-03 10:00")),
        [2027]
    );
}

#[test]
fn a_percentage_is_of_the_length_on_its_own_calendar() {
    let unit = office().build().unwrap();
    let part = |start: &str, limit: &str, rule: &DayRule, percent: u8| {
        let limit: Limit = limit.parse().unwrap();
        let due = unit.due(at(start), &limit, rule).at;
        show(&unit, unit.fraction(at(start), due, &limit, percent))
    };
    assert_eq!(part("2026-03-05 10:00", "2 hours", &STAY, 75), "2026-03-05 11:30");
    assert_eq!(
        part("2026-03-05 17:00", "2 working hours", &STAY, 50),
        "2026-03-05 18:00"
    );
    assert_eq!(
        part("2026-03-05 17:00", "2 working hours", &STAY, 75),
        "2026-03-06 09:00"
    );
    // Friday evening + 2 workdays: Monday and Tuesday.
    assert_eq!(
        part("2026-03-06 20:00", "2 workdays", &STAY, 50),
        "2026-03-09 18:00"
    );
    assert_eq!(
        part("2026-03-06 20:00", "2 workdays", &STAY, 75),
        "2026-03-10 13:15"
    );
    assert_eq!(
        part("2026-03-06 20:00", "2 workdays", &MIDNIGHT, 75),
        "2026-03-10 12:00"
    );
    assert_eq!(
        part("2026-03-06 20:00", "2 workdays", &STAY, 100),
        "2026-03-10 18:00"
    );
    assert_eq!(
        part("2026-03-06 20:00", "2 workdays", &STAY, 0),
        "2026-03-06 20:00"
    );
}

#[test]
fn gen_7_a_pause_moves_the_due_time_by_the_limits_own_measure() {
    let unit = office().build().unwrap();
    let resume = |due: &str, limit: &str, from: &str, to: &str| {
        show(
            &unit,
            unit.resume(at(due), &limit.parse().unwrap(), at(from), at(to)),
        )
    };
    assert_eq!(
        resume(
            "2026-03-05 12:00",
            "2 hours",
            "2026-03-05 11:00",
            "2026-03-06 11:00"
        ),
        "2026-03-06 12:00"
    );
    // One working hour is left, and the pause ends at night.
    assert_eq!(
        resume(
            "2026-03-05 12:00",
            "2 working hours",
            "2026-03-05 11:00",
            "2026-03-05 20:00"
        ),
        "2026-03-06 09:30"
    );
    // Friday to Tuesday: Monday and Tuesday began within it.
    assert_eq!(
        resume(
            "2026-03-10 18:00",
            "2 workdays",
            "2026-03-06 11:00",
            "2026-03-10 09:00"
        ),
        "2026-03-12 18:00"
    );
    assert_eq!(
        resume(
            "2026-03-10 18:00",
            "4 days",
            "2026-03-06 11:00",
            "2026-03-07 09:00"
        ),
        "2026-03-11 18:00"
    );
    assert_eq!(
        resume(
            "2026-03-11 00:00",
            "4 days",
            "2026-03-06 11:00",
            "2026-03-08 09:00"
        ),
        "2026-03-13 00:00"
    );
    // Within one day nothing moves; after the due time neither.
    assert_eq!(
        resume(
            "2026-03-10 18:00",
            "2 workdays",
            "2026-03-06 09:00",
            "2026-03-06 17:00"
        ),
        "2026-03-10 18:00"
    );
    assert_eq!(
        resume(
            "2026-03-05 12:00",
            "2 hours",
            "2026-03-05 13:00",
            "2026-03-06 11:00"
        ),
        "2026-03-05 12:00"
    );
}

#[test]
fn gen_7_pauses_have_a_longest_total() {
    let unit = office().build().unwrap();
    let limit: Limit = "3 days".parse().unwrap();
    let begun = unit.length_between(at("2026-03-02 10:00"), at("2026-03-05 23:00"), &limit);
    assert!(!unit.exceeds(begun, &limit));
    assert!(unit.exceeds(
        begun + unit.length_between(at("2026-03-09 23:00"), at("2026-03-10 01:00"), &limit),
        &limit
    ));
    let last = unit.runs_out(at("2026-03-02 10:00"), 0, &limit).unwrap();
    assert_eq!(show(&unit, last), "2026-03-06 00:00");
    let last = unit
        .runs_out(at("2026-03-05 17:00"), 0, &"2 working hours".parse().unwrap())
        .unwrap();
    assert_eq!(show(&unit, last), "2026-03-06 09:30");
    let last = unit
        .runs_out(at("2026-09-30 17:00"), 0, &"1 workday".parse().unwrap())
        .unwrap();
    assert_eq!(show(&unit, last), "2026-10-09 00:00");
}

#[test]
fn summer_time_breaks_nothing() {
    let utc = |text: &str| Moment::parse_rfc3339(text).unwrap();
    let new_york = Calendar::builder()
        .zone_name("America/New_York")
        .hours(WeeklyHours::always())
        .build()
        .unwrap();
    let day = |date: &str| new_york.start_of_day(date.parse().unwrap());
    // 8 March 2026 has 23 hours, 1 November 25.
    assert_eq!(
        new_york.working_millis(day("2026-03-08"), day("2026-03-09")),
        23 * 3_600_000
    );
    assert_eq!(
        new_york.working_millis(day("2026-11-01"), day("2026-11-02")),
        25 * 3_600_000
    );
    let start = utc("2026-03-08T01:30:00-05:00");
    let due = |limit: &str, from| new_york.due(from, &limit.parse().unwrap(), &MIDNIGHT).at;
    assert_eq!(due("2 working hours", start), utc("2026-03-08T04:30:00-04:00"));
    assert_eq!(due("48 working hours", start), utc("2026-03-10T02:30:00-04:00"));
    assert_eq!(due("1 day", start), utc("2026-03-10T00:00:00-04:00"));
    // 02:30 does not come on that day: the moment of the jump stands for it.
    assert_eq!(
        due("02:30 next day", utc("2026-03-07T12:00:00-05:00")),
        utc("2026-03-08T03:00:00-04:00")
    );
    // 01:30 comes twice on 1 November: the first is meant.
    assert_eq!(
        due("01:30 next day", utc("2026-10-31T12:00:00-04:00")),
        utc("2026-11-01T01:30:00-04:00")
    );
    // Where a whole day was left out (Samoa, 30 December 2011).
    let apia = Calendar::builder()
        .zone_name("Pacific/Apia")
        .hours(WeeklyHours::always())
        .build()
        .unwrap();
    let start = utc("2011-12-29T12:00:00-10:00");
    let due = apia.due(start, &"2 days".parse().unwrap(), &MIDNIGHT).at;
    assert_eq!(due, utc("2012-01-01T00:00:00+14:00"));
    assert_eq!(apia.working_millis(start, due), 36 * 3_600_000);
}
