//! What people write: limits, hours, holiday files, and what they are told when it cannot be read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use calendar::{
    Calendar, DayEnd, DayKind, DayRule, Holidays, HoursError, Lang, Limit, LimitError, Moment, OnHoliday,
    Schedule, Weekday, WeeklyHours,
};

#[test]
fn every_documented_form_of_a_limit_is_read() {
    for form in LimitError::forms() {
        assert_eq!(form.parse::<Limit>().unwrap().to_string(), *form);
    }
    assert_eq!("2 working days".parse::<Limit>().unwrap(), Limit::Workdays(2));
    assert_eq!(
        "  2   Working HOURS ".parse::<Limit>().unwrap(),
        Limit::WorkingHours(2)
    );
    assert_eq!("1 month".parse::<Limit>().unwrap().label(Lang::Zh), "1个月");
    assert_eq!(
        "2 workdays".parse::<Limit>().unwrap().label(Lang::Zh),
        "2个工作日"
    );
    assert_eq!(
        "closing next workday".parse::<Limit>().unwrap().label(Lang::Zh),
        "下一工作日下班前"
    );
    assert_eq!(
        "9:05 same day".parse::<Limit>().unwrap().to_string(),
        "09:05 same day"
    );
}

#[track_caller]
fn refused(text: &str, word: &str, nearest: &str) {
    let error = text.parse::<Limit>().unwrap_err();
    assert_eq!(
        (error.word.as_str(), error.nearest.as_str()),
        (word, nearest),
        "{error}"
    );
    assert!(error.to_string().contains("half a month"), "{error}");
    assert!(error.text(Lang::Zh).contains(nearest), "{error}");
}

#[test]
fn a_wrong_limit_names_the_word_and_the_nearest_form() {
    refused("2 workdys", "workdys", "2 workdays");
    refused("2 horus", "horus", "2 hours");
    refused("at onec", "onec", "at once");
    refused("half an year", "an", "half a year");
    refused("closing next workdays", "workdays", "closing next workday");
    refused("5th of nxt month", "nxt", "5th of next month");
    refused("32nd of the month", "32nd", "1st of the month");
    refused("15:00 same", "", "15:00 same day");
    refused("2 working", "", "2 workdays");
    refused("25:00 same day", "25:00", "15:00 same day");
    refused("2 hours please", "please", "2 hours");
    for text in [
        "",
        "0 days",
        "99999999999 days",
        "2 ５",
        "-1 days",
        "1.5 hours",
        "二 天",
        "2hours",
        "100001 days",
    ] {
        assert!(text.parse::<Limit>().is_err(), "{text}");
    }
}

fn hours(spans: &str) -> Result<WeeklyHours, HoursError> {
    WeeklyHours::parse([("mon-fri", spans)])
}

#[test]
fn weekly_hours_are_read_and_written_the_same_way() {
    let unit = WeeklyHours::parse([
        ("mon-wed", "13:30-18:00, 08:30-12:00"),
        ("thu", "closed"),
        ("sat, sun", "00:00-24:00"),
    ]);
    assert_eq!(
        unit.unwrap().to_string(),
        "mon 08:30-12:00, 13:30-18:00; tue 08:30-12:00, 13:30-18:00; wed 08:30-12:00, 13:30-18:00; \
         sat 00:00-24:00; sun 00:00-24:00"
    );
    assert_eq!(
        hours("08:30-12:00, 12:00-18:00").unwrap(),
        hours("08:30-18:00").unwrap()
    );
    assert_eq!(
        WeeklyHours::parse([("every day", "00:00-24:00")]).unwrap(),
        WeeklyHours::always()
    );
    assert_eq!(
        Weekday::parse_set("sat-mon").unwrap(),
        [Weekday::Saturday, Weekday::Sunday, Weekday::Monday]
    );
}

#[test]
fn wrong_hours_name_the_part_and_the_remedy() {
    let part = |spans: &str| hours(spans).unwrap_err().part;
    assert_eq!(part("08:30-12:00, 11:00-18:00"), "11:00-18:00");
    assert_eq!(part("08:30-12:00, 22:00-06:00"), "22:00-06:00");
    assert!(
        hours("22:00-06:00")
            .unwrap_err()
            .to_string()
            .contains("22:00-24:00, and 00:00-06:00")
    );
    assert_eq!(part("08:30-18:60"), "08:30-18:60");
    assert_eq!(part("08:30-24:01"), "08:30-24:01");
    assert_eq!(part("08:30–18:00"), "08:30–18:00");
    assert_eq!(part("08:30-08:30"), "08:30-08:30");
    assert_eq!(part(""), "");
    assert_eq!(
        WeeklyHours::parse([("mon-fry", "08:30-18:00")]).unwrap_err().part,
        "fry"
    );
    assert_eq!(
        WeeklyHours::parse([("mon-fri", "08:30-18:00"), ("wed", "closed")])
            .unwrap_err()
            .part,
        "wed"
    );
    assert!(
        hours("closed")
            .unwrap_err()
            .text(Lang::Zh)
            .contains("没有任何一天")
    );
}

#[test]
fn chinas_holidays_are_those_of_the_notices() {
    let china = Holidays::china();
    let kind = |date: &str| china.kind(date.parse().unwrap());
    assert_eq!(china.days().count(), 771);
    assert_eq!(kind("2026-02-17"), Some(DayKind::Off));
    assert_eq!(kind("2026-02-14"), Some(DayKind::Work));
    assert_eq!(kind("2026-02-24"), None);
    assert_eq!(
        china.name("2015-09-03".parse().unwrap()),
        Some("Victory Day (70th anniversary)")
    );
    assert_eq!(
        china.label("2026-10-01".parse().unwrap(), Lang::Zh),
        Some("国庆节")
    );
    assert!((2004..=2026).all(|year| china.covers(year)));
    assert!(!china.covers(2003) && !china.covers(2027));
}

#[test]
fn a_wrong_holiday_file_names_the_line() {
    let line = |text: &str| Holidays::parse_csv(text).unwrap_err().line;
    assert_eq!(line(""), 1);
    assert_eq!(line("day,kind,name\n"), 1);
    assert_eq!(line("date,kind,name\n2027-01-01,off,A\n\n2027-02-30,off,B\n"), 4);
    assert_eq!(line("date,kind,name\n2027-01-01,holiday,A\n"), 2);
    assert_eq!(line("date,kind,name\n2027-01-01,off,A\n2027-01-01,work,A\n"), 3);
    assert_eq!(line("date,kind,name\n2027-01-01,off\n"), 2);
    // Byte-order mark, CRLF and order of columns do not matter, nor do names for the version.
    let a = Holidays::parse_csv("\u{feff}date,kind,name\r\n2027-01-01,off,A\r\n").unwrap();
    let b = Holidays::parse_csv("kind,name,date\noff,B,2027-01-01\n").unwrap();
    assert_eq!(a.version(), b.version());
    assert!(
        !a.covers(2027),
        "a January alone may come from the notice of the year before"
    );
    // The later notice holds.
    let c = a.with(&Holidays::parse_csv("date,kind,name\n2027-01-01,work,C\n").unwrap());
    assert_eq!(c.kind("2027-01-01".parse().unwrap()), Some(DayKind::Work));
    assert_ne!(c.version(), a.version());
}

#[test]
fn a_calendar_that_cannot_be_is_refused() {
    let error = Calendar::builder().zone_name("Asia/Shangai").build().unwrap_err();
    assert!(error.to_string().contains("Asia/Shangai") && error.text(Lang::Zh).contains("时区"));
    assert!(Calendar::builder().workdays([]).build().is_err());
}

#[test]
fn the_version_changes_with_what_can_change_a_due_time_only() {
    let base = || Calendar::builder().hours(hours("08:30-18:00").unwrap());
    let version = base().build().unwrap().version();
    assert_eq!(
        version,
        base().zone_name("Asia/Shanghai").build().unwrap().version()
    );
    for other in [
        base().zone_name("Asia/Tokyo"),
        base().hours(hours("08:30-17:00").unwrap()),
        base().public_holidays(Holidays::china()),
        base().workdays(Weekday::ALL),
        base().day_ends(DayEnd::Midnight),
        base().on_holiday(OnHoliday::NextWorkday),
    ] {
        assert_ne!(version, other.build().unwrap().version());
    }
}

#[test]
fn moments_are_read_and_written() {
    let moment = Moment::parse_rfc3339("2026-11-05T08:30:00.250+08:00").unwrap();
    assert_eq!(moment.to_string(), "2026-11-05T00:30:00.25Z");
    assert_eq!(Moment::parse_rfc3339(&moment.to_string()).unwrap(), moment);
    assert!(Moment::parse_rfc3339("2026-11-05 08:30").is_err());
    assert_eq!(
        Moment::from_millis(i64::MAX).to_string(),
        format!("{} ms", i64::MAX)
    );
}

fn json(value: impl serde::Serialize) -> String {
    serde_json::to_string(&value).unwrap()
}

#[test]
fn what_is_stored_is_an_integer_or_the_words() {
    assert_eq!(json(Moment::from_millis(1_793_838_600_250)), "1793838600250");
    assert_eq!(json(Limit::WorkingHours(2)), "\"2 working hours\"");
    assert_eq!(json("month".parse::<Schedule>().unwrap()), "\"every month\"");
    let rule = DayRule {
        day_ends: Some(DayEnd::Midnight),
        on_holiday: Some(OnHoliday::NextWorkday),
    };
    assert_eq!(
        json(rule),
        r#"{"day_ends":"midnight","on_holiday":"next workday"}"#
    );
    assert_eq!(serde_json::from_str::<DayRule>("{}").unwrap(), DayRule::default());
    assert_eq!(
        serde_json::from_str::<Limit>("\"at once\"").unwrap(),
        Limit::AtOnce
    );
    assert!(
        serde_json::from_str::<Limit>("\"soon\"")
            .unwrap_err()
            .to_string()
            .contains("soon")
    );
}
