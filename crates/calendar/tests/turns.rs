//! What recurs: each turn's name, days and due time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use calendar::{Calendar, DayRule, Holidays, Limit, Moment, OnHoliday, Schedule, Turn, WeeklyHours};

fn office() -> Calendar {
    let hours = WeeklyHours::parse([("mon-fri", "08:30-18:00")]).unwrap();
    Calendar::builder()
        .hours(hours)
        .public_holidays(Holidays::china())
        .build()
        .unwrap()
}

fn turn(schedule: &str, due: &str, moved: bool, anchor: &str, day: &str) -> (Turn, [String; 4]) {
    let unit = office();
    let rule = DayRule {
        day_ends: None,
        on_holiday: moved.then_some(OnHoliday::NextWorkday),
    };
    let (schedule, due): (Schedule, Limit) = (schedule.parse().unwrap(), due.parse().unwrap());
    let at = Moment::parse_rfc3339(&format!("{day}T10:00:00+08:00")).unwrap();
    let turn = unit.turn_at(&schedule, &due, &rule, anchor.parse().unwrap(), at);
    assert!(turn.from <= at && at < turn.to);
    let next = unit.next_turn(&schedule, &due, &rule, anchor.parse().unwrap(), &turn);
    assert_eq!(next.from, turn.to);
    assert!(next.key > turn.key);
    let date = |moment| unit.date_of(moment).to_string();
    let words = [turn.key.clone(), date(turn.from), date(turn.to), date(turn.due)];
    (turn, words)
}

#[test]
fn cmp_8_the_months_summary_by_the_5th_of_the_next() {
    let (_, words) = turn(
        "every month",
        "5th of next month",
        false,
        "2026-01-01",
        "2026-11-20",
    );
    assert_eq!(words, ["2026-11", "2026-11-01", "2026-12-01", "2026-12-05"]);
    // 5 October lies in the National Day week.
    let (summary, words) = turn("month", "5th of next month", true, "2026-01-01", "2026-09-20");
    assert_eq!(words, ["2026-09", "2026-09-01", "2026-10-01", "2026-10-08"]);
    assert_eq!(office().time_of(summary.due).hour(), 18);
}

#[test]
fn gen_15_the_plan_by_the_25th() {
    let (_, words) = turn(
        "every month",
        "25th of the month",
        false,
        "2026-01-01",
        "2026-11-28",
    );
    assert_eq!(words, ["2026-11", "2026-11-01", "2026-12-01", "2026-11-25"]);
    let (_, words) = turn(
        "every month",
        "25th of the month",
        true,
        "2026-01-01",
        "2026-09-01",
    );
    assert_eq!(words[3], "2026-09-28");
}

#[test]
fn lengths_run_from_the_turns_end() {
    let (_, words) = turn("every month", "3 workdays", false, "2026-01-01", "2026-09-01");
    assert_eq!(words, ["2026-09", "2026-09-01", "2026-10-01", "2026-10-10"]);
    let (late, words) = turn("every month", "72 hours", false, "2026-01-01", "2026-04-10");
    assert_eq!(words[3], "2026-05-04");
    assert_eq!(late.due.since(late.to), 72 * 3_600_000);
}

#[test]
fn stk_10_and_gen_8_quarters_half_years_and_years() {
    let (_, words) = turn(
        "every quarter",
        "5th of next month",
        false,
        "2026-01-01",
        "2026-11-05",
    );
    assert_eq!(words, ["2026-Q4", "2026-10-01", "2027-01-01", "2027-01-05"]);
    let (_, words) = turn(
        "every half-year",
        "last day of the month",
        false,
        "2026-01-01",
        "2026-03-05",
    );
    assert_eq!(words, ["2026-H1", "2026-01-01", "2026-07-01", "2026-06-30"]);
    let (_, words) = turn(
        "every year",
        "15th of next month",
        true,
        "2026-01-01",
        "2025-03-05",
    );
    assert_eq!(words, ["2025", "2025-01-01", "2026-01-01", "2026-01-15"]);
    // On the 15th, the next working day if a holiday: 15 February 2026 opens the Spring Festival.
    let (_, words) = turn(
        "every month",
        "15th of the month",
        true,
        "2026-01-01",
        "2026-02-01",
    );
    assert_eq!(words[3], "2026-02-24");
}

#[test]
fn stk_9_every_fifteen_days_from_the_anchor() {
    let (_, words) = turn(
        "every 15 days",
        "closing same day",
        false,
        "2026-11-05",
        "2026-11-19",
    );
    assert_eq!(words, ["2026-11-05", "2026-11-05", "2026-11-20", "2026-11-19"]);
    let (_, words) = turn(
        "every 15 days",
        "closing same day",
        false,
        "2026-11-05",
        "2026-11-04",
    );
    assert_eq!(words, ["2026-10-21", "2026-10-21", "2026-11-05", "2026-11-04"]);
}

#[test]
fn days_weeks_and_several_months() {
    let (_, words) = turn("every day", "closing same day", false, "2026-01-01", "2026-11-23");
    assert_eq!(words, ["2026-11-23", "2026-11-23", "2026-11-24", "2026-11-23"]);
    let (_, words) = turn(
        "every week",
        "closing next workday",
        false,
        "2026-01-01",
        "2026-11-26",
    );
    assert_eq!(words, ["2026-11-23", "2026-11-23", "2026-11-30", "2026-11-30"]);
    let (_, words) = turn(
        "every 2 months",
        "25th of the month",
        false,
        "2026-03-10",
        "2026-06-02",
    );
    assert_eq!(words, ["2026-05", "2026-05-01", "2026-07-01", "2026-06-25"]);
    let (_, words) = turn(
        "every workday",
        "midnight same day",
        false,
        "2026-01-01",
        "2026-10-03",
    );
    assert_eq!(words[..3], ["2026-09-30", "2026-09-30", "2026-10-08"]);
}

#[test]
fn schedules_are_read_and_written() {
    for text in [
        "every day",
        "every workday",
        "every week",
        "every month",
        "every quarter",
        "every half-year",
        "every year",
        "every 15 days",
        "every 2 weeks",
        "every 2 months",
        "every 3 years",
    ] {
        assert_eq!(text.parse::<Schedule>().unwrap().to_string(), text);
    }
    assert_eq!(
        "every fortnight".parse::<Schedule>().unwrap_err().word,
        "fortnight"
    );
    assert_eq!("every 0 days".parse::<Schedule>().unwrap_err().word, "0");
    assert_eq!("every 2 quarter".parse::<Schedule>().unwrap_err().word, "quarter");
    assert_eq!("".parse::<Schedule>().unwrap_err().word, "");
}
