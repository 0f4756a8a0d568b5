//! Single words of the language and their meaning; nothing here knows a place or a pack.

use calendar::{Date, Time};

use crate::model::{NumberTemplate, Trigger, UnitOf, Who};

/// An ASCII key: letters, digits, `_`, `-`, beginning with a letter.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// `yes`, `no`, `true`, `false`, `是`, `否`.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" | "是" => Some(true),
        "no" | "false" | "否" => Some(false),
        _ => None,
    }
}

/// `75%`, `99.5%` in tenths of a percent.
pub(crate) fn percent(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?.trim_end();
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| {
        (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok())
    };
    let (whole, tenth) = (
        digits(whole)??,
        if tenth.len() == 1 {
            digits(tenth)??
        } else {
            return None;
        },
    );
    (whole <= 1000).then_some(whole * 10 + tenth)
}

/// `2026-11-19 10:05` or with seconds.
pub(crate) fn day_time(text: &str) -> Option<(Date, Time)> {
    let (date, time) = text.trim().split_once([' ', 'T'])?;
    Some((date.parse().ok()?, time_of_day(time)?))
}

/// `09:00` in minutes after midnight.
pub(crate) fn clock(text: &str) -> Option<u16> {
    let time = time_of_day(text)?;
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}

fn time_of_day(text: &str) -> Option<Time> {
    let mut parts = text.trim().split(':');
    let mut next = |required: bool| match parts.next() {
        Some(part) if part.len() == 2 => part.parse::<i8>().ok(),
        Some(_) => None,
        None if required => None,
        None => Some(0),
    };
    let (hour, minute, second) = (next(true)?, next(true)?, next(false)?);
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

/// Names that mean a relation to the case, so that no function may be called so.
pub(crate) const RELATIONS: [&str; 6] = [
    "anyone",
    "engine",
    "handler",
    "first_contact_owner",
    "registrar",
    "customer",
];

/// Who is meant; functions and fields are named but not looked up. `None`: not a way of saying who.
pub(crate) fn who(text: &str) -> Option<Who> {
    let text = text.trim();
    if let Some(who) = match text {
        "anyone" => Some(Who::Anyone),
        "engine" => Some(Who::Engine),
        "handler" => Some(Who::Handler),
        "first_contact_owner" => Some(Who::FirstContactOwner),
        "registrar" => Some(Who::Registrar),
        "customer" => Some(Who::Customer),
        _ => None,
    } {
        return Some(who);
    }
    if let Some(field) = text.strip_prefix("person case.") {
        return match field {
            "handler" => Some(Who::Handler),
            "first_contact_owner" => Some(Who::FirstContactOwner),
            "registrar" => Some(Who::Registrar),
            field => is_name(field).then(|| Who::Field(field.to_owned())),
        };
    }
    if let Some(unit) = text.strip_prefix("members of ") {
        return Some(Who::MembersOf(unit_of(unit)?));
    }
    let (text, of) = match text.split_once(" of ") {
        Some((function, unit)) => (function.trim(), Some(unit_of(unit)?)),
        None => (text, None),
    };
    let (function, and_above) = match text.strip_suffix(" and above") {
        Some(function) => (function.trim(), true),
        None => (text, false),
    };
    is_name(function).then(|| Who::Function {
        function: function.to_owned(),
        of,
        and_above,
    })
}

fn unit_of(text: &str) -> Option<UnitOf> {
    let field = text.trim().strip_prefix("case.")?;
    Some(match field {
        "unit" => UnitOf::Responsible,
        "owning_unit" => UnitOf::Owning,
        field if is_name(field) => UnitOf::Field(field.to_owned()),
        _ => return None,
    })
}

/// What starts or stops a clock. A bare name is a stage, except `received`, which is the time the contact reached us.
pub(crate) fn trigger(text: &str) -> Option<Trigger> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = |name: &str| is_name(name).then(|| name.to_owned());
    Some(match words.as_slice() {
        ["received"] => Trigger::Received,
        ["ended"] => Trigger::Ended,
        ["subcases", "ended"] => Trigger::SubcasesEnded,
        ["stage", name] => Trigger::Stage(named(name)?),
        ["action", name] => Trigger::Action(named(name)?),
        ["asked", name] => Trigger::ApprovalAsked(named(name)?),
        ["granted", name] => Trigger::ApprovalGranted(named(name)?),
        ["time", field] => Trigger::Field(named(field.strip_prefix("case.")?)?),
        [name] => Trigger::Stage(named(name)?),
        _ => return None,
    })
}

/// What is wrong with a numbering: the part that does not fit.
pub(crate) enum WrongNumber {
    /// No `{n}`.
    NoCounter,
    /// More than one `{n}`.
    TwoCounters,
    /// A part in braces that is not known.
    Unknown(String),
    /// A brace that is not closed.
    Open,
    /// A least width that is no number from 1 to 12.
    Width(String),
}

/// Parts that a numbering may hold besides `{n}`.
pub(crate) const NUMBER_PARTS: [&str; 4] = ["date", "yymmdd", "month", "year"];

/// `TS{date}-{n:4}`.
pub(crate) fn number(text: &str) -> Result<NumberTemplate, WrongNumber> {
    let mut counter = None;
    let mut rest = text;
    let mut at = 0;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|close| open + close) else {
            return Err(WrongNumber::Open);
        };
        let part = &rest[open + 1..close];
        let width = match part.split_once(':') {
            Some(("n", width)) => Some(
                width
                    .parse()
                    .ok()
                    .filter(|width| (1..=12).contains(width))
                    .ok_or_else(|| WrongNumber::Width(width.to_owned()))?,
            ),
            None if part == "n" => Some(1),
            _ => None,
        };
        match width {
            Some(_) if counter.is_some() => return Err(WrongNumber::TwoCounters),
            Some(width) => counter = Some((at + open, at + close + 1, width)),
            None if NUMBER_PARTS.contains(&part) => {}
            None => return Err(WrongNumber::Unknown(part.to_owned())),
        }
        at += close + 1;
        rest = &rest[close + 1..];
    }
    if text.matches('}').count() != text.matches('{').count() {
        return Err(WrongNumber::Open);
    }
    let (from, to, width) = counter.ok_or(WrongNumber::NoCounter)?;
    Ok(NumberTemplate {
        prefix: text[..from].to_owned(),
        width,
        suffix: text[to..].to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_read_in_every_form_of_the_document() {
        let function = |function: &str, of, and_above| Who::Function {
            function: function.to_owned(),
            of,
            and_above,
        };
        for (text, meant) in [
            ("agent", Some(function("agent", None, false))),
            (
                "department_head of case.department",
                Some(function(
                    "department_head",
                    Some(UnitOf::Field("department".into())),
                    false,
                )),
            ),
            ("foreman and above", Some(function("foreman", None, true))),
            (
                "foreman and above of case.unit",
                Some(function("foreman", Some(UnitOf::Responsible), true)),
            ),
            (
                "members of case.owning_unit",
                Some(Who::MembersOf(UnitOf::Owning)),
            ),
            ("person case.auditor", Some(Who::Field("auditor".into()))),
            ("person case.handler", Some(Who::Handler)),
            ("engine", Some(Who::Engine)),
            ("members of engineering", None),
            ("值班长", None),
            ("", None),
        ] {
            assert_eq!(who(text), meant, "{text}");
        }
    }

    #[test]
    fn triggers_are_read_in_every_form_of_the_document() {
        for (text, meant) in [
            ("received", Some(Trigger::Received)),
            ("stage received", Some(Trigger::Stage("received".into()))),
            ("settled", Some(Trigger::Stage("settled".into()))),
            ("action returned", Some(Trigger::Action("returned".into()))),
            (
                "granted major_result",
                Some(Trigger::ApprovalGranted("major_result".into())),
            ),
            (
                "time case.departed_at",
                Some(Trigger::Field("departed_at".into())),
            ),
            ("subcases ended", Some(Trigger::SubcasesEnded)),
            ("time departed_at", None),
            ("the end", None),
        ] {
            assert_eq!(trigger(text), meant, "{text}");
        }
    }

    #[test]
    fn numbering_needs_one_counter_and_known_parts() {
        let read = number("TS{date}-{n:4}").ok().unwrap();
        assert_eq!(
            (read.prefix.as_str(), read.width, read.suffix.as_str()),
            ("TS{date}-", 4, "")
        );
        let read = number("{yymmdd}{n:3}/{year}").ok().unwrap();
        assert_eq!(
            (read.prefix.as_str(), read.width, read.suffix.as_str()),
            ("{yymmdd}", 3, "/{year}")
        );
        assert!(matches!(number("TS"), Err(WrongNumber::NoCounter)));
        assert!(matches!(number("{n}{n}"), Err(WrongNumber::TwoCounters)));
        assert!(matches!(number("{day}{n}"), Err(WrongNumber::Unknown(part)) if part == "day"));
        assert!(matches!(number("{n:0}"), Err(WrongNumber::Width(_))));
        assert!(matches!(number("TS{n"), Err(WrongNumber::Open)));
    }

    #[test]
    fn percentages_are_tenths() {
        assert_eq!(
            (
                percent("30%"),
                percent("99.5%"),
                percent("30"),
                percent("x%"),
                percent("1.25%")
            ),
            (Some(300), Some(995), None, None, None)
        );
    }
}
