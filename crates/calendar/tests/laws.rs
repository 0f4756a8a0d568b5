//! Laws that hold for every calendar, start and limit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use calendar::{
    Calendar, DayEnd, DayRule, Holidays, Limit, LimitKind, Moment, MonthDay, MonthOf, OnHoliday, PointDay,
    PointTime, Schedule, Time, WeeklyHours,
};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

/// Calendars that differ in everything that could break a law.
static CALENDARS: LazyLock<Vec<Calendar>> = LazyLock::new(|| {
    let office =
        WeeklyHours::parse([("mon-fri", "08:30-12:00, 13:30-18:00"), ("sat", "09:00-12:00")]).unwrap();
    let nights = WeeklyHours::parse([
        ("wed", "01:15-02:45, 03:00-04:00"),
        ("sun", "00:30-03:30, 22:00-24:00"),
    ])
    .unwrap();
    let with = |zone: &str| Calendar::builder().zone_name(zone);
    [
        with("Asia/Shanghai")
            .hours(office.clone())
            .public_holidays(Holidays::china()),
        with("Asia/Shanghai")
            .public_holidays(Holidays::china())
            .day_ends(DayEnd::Midnight),
        with("America/New_York")
            .hours(nights.clone())
            .on_holiday(OnHoliday::NextWorkday),
        with("Europe/London")
            .hours(WeeklyHours::always())
            .public_holidays(Holidays::china()),
        with("America/Havana")
            .hours(nights)
            .public_holidays(Holidays::china()),
        with("Pacific/Apia").hours(office),
        with("America/St_Johns").hours(WeeklyHours::always()),
    ]
    .map(|builder| builder.build().unwrap())
    .into()
});

fn calendar() -> impl Strategy<Value = &'static Calendar> {
    (0..CALENDARS.len()).prop_map(|index| &CALENDARS[index])
}

const DAY: i64 = 86_400_000;

/// 1985 to 2035.
fn moment() -> impl Strategy<Value = Moment> {
    (473_385_600_000_i64..2_051_222_400_000).prop_map(Moment::from_millis)
}

fn length() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (1..5_000_u32).prop_map(Limit::Minutes),
        (1..500_u32).prop_map(Limit::Hours),
        (1..9_000_u32).prop_map(Limit::WorkingMinutes),
        (1..300_u32).prop_map(Limit::WorkingHours),
        (1..400_u32).prop_map(Limit::Days),
        (1..400_u32).prop_map(Limit::Workdays),
        (1..40_u32).prop_map(Limit::Months),
        (1..9_u32).prop_map(Limit::Years),
    ]
}

fn limit() -> impl Strategy<Value = Limit> {
    let at = prop_oneof![
        (0..24_i8, 0..60_i8).prop_map(|(h, m)| PointTime::Time(Time::constant(h, m, 0, 0))),
        Just(PointTime::Opening),
        Just(PointTime::Closing),
        Just(PointTime::Midnight),
    ];
    let day = prop_oneof![
        Just(PointDay::Same),
        Just(PointDay::Next),
        Just(PointDay::NextWorkday)
    ];
    let of_month = prop_oneof![(1..=31_u8).prop_map(MonthDay::Nth), Just(MonthDay::Last)];
    let month = prop_oneof![Just(MonthOf::This), Just(MonthOf::Next)];
    prop_oneof![
        6 => length(),
        1 => Just(Limit::AtOnce),
        1 => Just(Limit::HalfMonth),
        1 => Just(Limit::HalfYear),
        1 => Just(Limit::NextOpening),
        3 => (at, day).prop_map(|(at, day)| Limit::Point { at, day }),
        2 => (of_month, month).prop_map(|(day, month)| Limit::DayOfMonth { day, month }),
    ]
}

fn rule() -> impl Strategy<Value = DayRule> {
    let end = proptest::option::of(prop_oneof![Just(DayEnd::Closing), Just(DayEnd::Midnight)]);
    let holiday = proptest::option::of(prop_oneof![Just(OnHoliday::Stay), Just(OnHoliday::NextWorkday)]);
    (end, holiday).prop_map(|(day_ends, on_holiday)| DayRule { day_ends, on_holiday })
}

fn longer(limit: Limit) -> Limit {
    match limit {
        Limit::Minutes(n) => Limit::Minutes(n + 1),
        Limit::Hours(n) => Limit::Hours(n + 1),
        Limit::WorkingMinutes(n) => Limit::WorkingMinutes(n + 1),
        Limit::WorkingHours(n) => Limit::WorkingHours(n + 1),
        Limit::Days(n) => Limit::Days(n + 1),
        Limit::Workdays(n) => Limit::Workdays(n + 1),
        Limit::Months(n) => Limit::Months(n + 1),
        Limit::Years(n) => Limit::Years(n + 1),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn due_is_never_before_the_start(unit in calendar(), start in moment(), limit in limit(), rule in rule()) {
        prop_assert!(unit.due(start, &limit, &rule).at >= start);
    }

    #[test]
    fn due_never_falls_with_a_later_start(
        unit in calendar(), a in moment(), more in 0..5_000_000_000_i64, limit in limit(), end in rule(),
    ) {
        let (a, b) = (a, a + more);
        prop_assert!(unit.due(a, &limit, &end).at <= unit.due(b, &limit, &end).at);
    }

    #[test]
    fn due_never_falls_with_a_longer_limit(unit in calendar(), start in moment(), limit in length(), rule in rule()) {
        prop_assert!(unit.due(start, &limit, &rule).at <= unit.due(start, &longer(limit), &rule).at);
    }

    #[test]
    fn fractions_rise_from_start_to_due(
        unit in calendar(), start in moment(), limit in limit(), rule in rule(), p in 0..100_u8, q in 0..100_u8,
    ) {
        let due = unit.due(start, &limit, &rule).at;
        let (low, high) = (p.min(q), p.max(q));
        let (a, b) = (unit.fraction(start, due, &limit, low), unit.fraction(start, due, &limit, high));
        prop_assert!(start <= a && a <= b && b <= due);
        prop_assert_eq!(unit.fraction(start, due, &limit, 0), start);
        prop_assert_eq!(unit.fraction(start, due, &limit, 100), due);
    }

    #[test]
    fn working_time_adds_up(unit in calendar(), a in moment(), b in moment(), c in moment()) {
        prop_assert_eq!(unit.working_millis(a, b) + unit.working_millis(b, c), unit.working_millis(a, c));
        prop_assert!(a > b || unit.working_millis(a, b) >= 0);
        prop_assert!(a > b || unit.working_millis(a, b) <= b.since(a));
    }

    #[test]
    fn working_limits_take_exactly_their_working_time(unit in calendar(), start in moment(), n in 1..20_000_u32) {
        let due = unit.due(start, &Limit::WorkingMinutes(n), &DayRule::default()).at;
        prop_assert_eq!(unit.working_millis(start, due), i64::from(n) * 60_000);
        // and not a millisecond longer
        prop_assert_eq!(unit.working_millis(start, due - 1), i64::from(n) * 60_000 - 1);
    }

    #[test]
    fn working_time_passes_exactly_while_open(unit in calendar(), at in moment()) {
        prop_assert_eq!(unit.working_millis(at, at + 1), i64::from(unit.is_open(at)));
        let opening = unit.next_opening(at);
        prop_assert!(opening >= at && unit.is_open(opening));
        prop_assert_eq!(unit.working_millis(at, opening), 0);
    }

    #[test]
    fn an_empty_pause_changes_nothing(
        unit in calendar(), start in moment(), limit in limit(), rule in rule(), after in 0..1_000_000_000_i64,
    ) {
        let due = unit.due(start, &limit, &rule).at;
        prop_assert_eq!(unit.resume(due, &limit, start + after, start + after), due);
    }

    #[test]
    fn a_pause_never_brings_a_due_time_forward_and_a_longer_one_never_less(
        unit in calendar(), start in moment(), limit in limit(), rule in rule(),
        after in 0..1_000_000_000_i64, pause in 0..3_000_000_000_i64, more in 0..1_000_000_000_i64,
    ) {
        let due = unit.due(start, &limit, &rule).at;
        let from = start + after;
        let short = unit.resume_by(due, &limit, from, from + pause, &rule).at;
        let long = unit.resume_by(due, &limit, from, from + pause + more, &rule).at;
        prop_assert!(due <= short && short <= long);
    }

    #[test]
    fn a_pause_with_a_longest_total_runs_out_just_then(
        unit in calendar(), from in moment(), limit in length(), spent in 0..200_000_000_i64,
    ) {
        let whole = limit.length().unwrap();
        // Days are used up one at a time.
        let days = matches!(limit.kind(), LimitKind::Days | LimitKind::Workdays);
        let spent = if days { spent % (whole / DAY + 1) * DAY } else { spent % (whole + 1) };
        prop_assert!(!unit.exceeds(spent, &limit));
        let end = unit.runs_out(from, spent, &limit).unwrap();
        prop_assert!(!unit.exceeds(spent + unit.length_between(from, end, &limit), &limit));
        prop_assert!(unit.exceeds(spent + unit.length_between(from, end + 1, &limit), &limit));
    }

    #[test]
    fn workdays_are_counted_one_by_one(unit in calendar(), start in moment(), n in 1..60_u32) {
        let mut date = unit.date_of(start);
        let first = date;
        let mut left = n;
        while left > 0 {
            date = date.tomorrow().unwrap();
            left -= u32::from(unit.is_workday(date));
        }
        let due = unit.due(start, &Limit::Workdays(n), &DayRule { day_ends: Some(DayEnd::Midnight), on_holiday: None });
        prop_assert_eq!(due.at, unit.start_of_day(date.tomorrow().unwrap()));
        // Samoa had no 30 December 2011: what ends with that day ends with the 29th.
        if unit.start_of_day(date) < due.at {
            prop_assert_eq!(unit.last_date(due.at), date);
        }
        prop_assert_eq!(unit.workday_after(first, n), date);
        prop_assert_eq!(unit.workdays_between(first.tomorrow().unwrap(), date), i64::from(n) - 1);
    }

    #[test]
    fn months_agree_with_another_calendar(unit in calendar(), start in moment(), n in 1..60_i32) {
        let date = unit.date_of(start).checked_add(n.months()).unwrap();
        let rule = DayRule { day_ends: Some(DayEnd::Midnight), on_holiday: Some(OnHoliday::Stay) };
        let due = unit.due(start, &Limit::Months(n as u32), &rule).at;
        prop_assert_eq!(due, unit.start_of_day(date.tomorrow().unwrap()));
    }

    #[test]
    fn wall_clock_agrees_with_the_zone_itself(unit in calendar(), at in moment()) {
        let wall = unit.zone().to_datetime(Timestamp::from_millisecond(at.as_millis()).unwrap());
        prop_assert_eq!(unit.time_of(at), wall.time());
        let start = unit.start_of_day(unit.date_of(at));
        prop_assert!(start <= at);
        prop_assert!(at < unit.start_of_day(unit.date_of(at).tomorrow().unwrap()));
    }

    #[test]
    fn limits_are_written_as_they_are_read(limit in limit()) {
        prop_assert_eq!(limit.to_string().parse::<Limit>().unwrap(), limit);
    }

    #[test]
    fn no_text_breaks_the_readers(text in "\\PC{0,40}", number in any::<u64>()) {
        let _ = text.parse::<Limit>();
        let _ = text.parse::<Schedule>();
        let _ = format!("{number} {text}").parse::<Limit>();
        let _ = WeeklyHours::parse([(text.as_str(), "08:00-09:00"), ("mon", text.as_str())]);
        let _ = Holidays::parse_csv(&format!("date,kind,name\n{text}"));
    }

    #[test]
    fn no_moment_breaks_the_arithmetic(
        unit in calendar(), a in any::<i64>(), b in any::<i64>(), limit in limit(), rule in rule(), n in any::<u32>(),
    ) {
        let (a, b) = (Moment::from_millis(a), Moment::from_millis(b));
        for limit in [limit, Limit::Workdays(n), Limit::WorkingHours(n), Limit::Years(n), Limit::Days(n)] {
            let due = unit.due(a, &limit, &rule).at;
            prop_assert!(due >= a);
            unit.fraction(a, due, &limit, 60);
            unit.resume(due, &limit, a, b);
            unit.length_between(a, b, &limit);
            unit.runs_out(a, 0, &limit);
        }
        unit.next_opening(a);
        unit.turn_at(&Schedule::Months(n), &limit, &rule, unit.date_of(b), a);
    }

    #[test]
    fn turns_follow_each_other_without_gap(
        unit in calendar(), at in moment(), anchor in moment(), which in 0..7_usize, n in 1..20_u32, limit in limit(), rule in rule(),
    ) {
        let schedule = [
            Schedule::Workday, Schedule::Days(n), Schedule::Weeks(n), Schedule::Months(n), Schedule::Quarter,
            Schedule::HalfYear, Schedule::Years(n),
        ][which];
        prop_assert_eq!(schedule.to_string().parse::<Schedule>().unwrap(), schedule);
        let anchor = unit.date_of(anchor);
        let turn = unit.turn_at(&schedule, &limit, &rule, anchor, at);
        prop_assert!(turn.from <= at && at < turn.to && turn.due >= turn.from);
        let next = unit.next_turn(&schedule, &limit, &rule, anchor, &turn);
        prop_assert!(next.from == turn.to && next.key > turn.key);
        prop_assert_eq!(unit.turn_at(&schedule, &limit, &rule, anchor, turn.to - 1), turn);
    }
}
