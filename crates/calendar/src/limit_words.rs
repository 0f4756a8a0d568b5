//! Reading a limit from words, and saying what is wrong with one.

use std::str::FromStr;

use crate::civil::{DAY_MS, time_of_millis};
use crate::hours::read_clock;
use crate::lang::Sentence;
use crate::{Lang, Limit, MonthDay, MonthOf, PointDay, PointTime};

/// What may be written, one example of each form.
pub(crate) const FORMS: [&str; 20] = [
    "10 minutes",
    "2 hours",
    "30 working minutes",
    "2 working hours",
    "3 days",
    "2 workdays",
    "half a month",
    "1 month",
    "half a year",
    "1 year",
    "at once",
    "15:00 same day",
    "closing same day",
    "midnight same day",
    "12:00 next day",
    "closing next workday",
    "opening next workday",
    "next opening",
    "5th of next month",
    "last day of the month",
];

const VOCABULARY: [&str; 29] = [
    "minute", "minutes", "hour", "hours", "working", "day", "days", "workday", "workdays", "half", "a",
    "month", "months", "year", "years", "at", "once", "same", "next", "opening", "closing", "midnight", "of",
    "the", "last", "5th", "1st", "25th", "15:00",
];

/// The longest lengths accepted: about a hundred years of days, ten of hours.
const MOST: [(&str, u32); 6] = [
    ("minute", 5_256_000),
    ("hour", 87_600),
    ("day", 36_500),
    ("workday", 36_500),
    ("month", 1_200),
    ("year", 100),
];

/// Which word is wrong and, if it is not simply unknown, why.
struct Wrong {
    word: usize,
    why: Option<(&'static str, &'static str)>,
}

impl Wrong {
    const fn at(word: usize) -> Self {
        Self { word, why: None }
    }

    const fn because(word: usize, en: &'static str, zh: &'static str) -> Self {
        Self {
            word,
            why: Some((en, zh)),
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        read(&words).map_err(|wrong| LimitError::new(text, &words, &wrong))
    }
}

fn read(words: &[&str]) -> Result<Limit, Wrong> {
    let Some(first) = words.first() else {
        return Err(Wrong::at(0));
    };
    match *first {
        "at" => exactly(words, &["at", "once"], Limit::AtOnce),
        "half" => match words.get(2) {
            Some(&"year") => exactly(words, &["half", "a", "year"], Limit::HalfYear),
            _ => exactly(words, &["half", "a", "month"], Limit::HalfMonth),
        },
        "next" => exactly(words, &["next", "opening"], Limit::NextOpening),
        "last" => {
            if words.get(1) != Some(&"day") {
                return Err(Wrong::at(1));
            }
            of_month(words, 2, MonthDay::Last)
        }
        "opening" => on_day(words, PointTime::Opening),
        "closing" => on_day(words, PointTime::Closing),
        "midnight" => on_day(words, PointTime::Midnight),
        clock if clock.contains(':') => match read_clock(clock) {
            Some(DAY_MS) => on_day(words, PointTime::Midnight),
            Some(millis) => on_day(words, PointTime::Time(time_of_millis(millis))),
            None => Err(Wrong::because(
                0,
                "it is not a time of day from 00:00 to 24:00",
                "不是 00:00 到 24:00 之间的时刻",
            )),
        },
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => length(words, number),
        nth if nth.starts_with(|c: char| c.is_ascii_digit()) => {
            let digits = nth.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            match (digits.parse::<u8>(), &nth[digits.len()..]) {
                (Ok(day @ 1..=31), "st" | "nd" | "rd" | "th") => of_month(words, 1, MonthDay::Nth(day)),
                (_, "st" | "nd" | "rd" | "th") => Err(Wrong::because(
                    0,
                    "a month has the days 1 to 31",
                    "一个月只有 1 到 31 日",
                )),
                _ => Err(Wrong::because(
                    0,
                    "number and word want a blank between them",
                    "数字与单位之间应有空格",
                )),
            }
        }
        _ => Err(Wrong::at(0)),
    }
}

fn exactly(words: &[&str], form: &[&str], limit: Limit) -> Result<Limit, Wrong> {
    match (0..words.len().max(form.len())).find(|at| words.get(*at) != form.get(*at)) {
        Some(word) => Err(Wrong::at(word)),
        None => Ok(limit),
    }
}

fn on_day(words: &[&str], at: PointTime) -> Result<Limit, Wrong> {
    let day = match (words.get(1), words.get(2)) {
        (Some(&"same"), Some(&"day")) => PointDay::Same,
        (Some(&"next"), Some(&"day")) => PointDay::Next,
        (Some(&"next"), Some(&"workday")) => PointDay::NextWorkday,
        (Some(&("same" | "next")), _) => return Err(Wrong::at(2)),
        _ => return Err(Wrong::at(1)),
    };
    ends(words, 3)?;
    Ok(Limit::Point { at, day })
}

fn of_month(words: &[&str], from: usize, day: MonthDay) -> Result<Limit, Wrong> {
    let form = |which| ["of", which, "month"];
    let month = if words.get(from + 1) == Some(&"the") {
        MonthOf::This
    } else {
        MonthOf::Next
    };
    let form = form(if month == MonthOf::This { "the" } else { "next" });
    for (step, word) in form.iter().enumerate() {
        if words.get(from + step) != Some(word) {
            return Err(Wrong::at(from + step));
        }
    }
    ends(words, from + 3)?;
    Ok(Limit::DayOfMonth { day, month })
}

fn length(words: &[&str], number: &str) -> Result<Limit, Wrong> {
    let too_long = Wrong::because(0, "that is longer than any limit may be", "超过允许的最大时限");
    let Ok(n) = number.parse::<u32>() else {
        return Err(too_long);
    };
    if n == 0 {
        return Err(Wrong::because(
            0,
            "a length is at least 1 (`at once` for none)",
            "时限至少为 1(不留时间写 at once)",
        ));
    }
    let Some(unit) = words.get(1) else {
        return Err(Wrong::because(0, "the unit is missing", "缺少单位"));
    };
    let single = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let (unit, limit, used) = match (*unit, words.get(2).map(|word| single(word)).as_deref()) {
        ("working", Some("minute")) => ("minute".to_owned(), Limit::WorkingMinutes(n), 3),
        ("working", Some("hour")) => ("hour".to_owned(), Limit::WorkingHours(n), 3),
        ("working", Some("day")) => ("workday".to_owned(), Limit::Workdays(n), 3),
        ("working", _) => return Err(Wrong::at(2)),
        _ => {
            let unit = single(unit);
            let limit = match unit.as_str() {
                "minute" => Limit::Minutes(n),
                "hour" => Limit::Hours(n),
                "day" => Limit::Days(n),
                "workday" => Limit::Workdays(n),
                "month" => Limit::Months(n),
                "year" => Limit::Years(n),
                _ => return Err(Wrong::at(1)),
            };
            (unit, limit, 2)
        }
    };
    ends(words, used)?;
    if MOST.iter().any(|(of, most)| *of == unit && n > *most) {
        return Err(too_long);
    }
    Ok(limit)
}

fn ends(words: &[&str], at: usize) -> Result<(), Wrong> {
    if words.len() > at {
        Err(Wrong::at(at))
    } else {
        Ok(())
    }
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .said.en)]
pub struct LimitError {
    /// What was given.
    pub input: String,
    /// The word that does not fit; empty when one is missing at the end.
    pub word: String,
    /// The nearest limit that can be written.
    pub nearest: String,
    said: Sentence,
}

impl LimitError {
    fn new(text: &str, words: &[&str], wrong: &Wrong) -> Self {
        let word = words.get(wrong.word).copied().unwrap_or_default();
        let nearest = nearest(words, wrong.word);
        let forms = FORMS.join(" · ");
        let (en, zh) = match (wrong.why, word) {
            (Some((en, zh)), _) => (format!("`{word}`: {en}"), format!("“{word}”{zh}")),
            (None, "") => (
                "a word is missing at the end".to_owned(),
                "末尾缺少词语".to_owned(),
            ),
            (None, _) => (format!("`{word}` does not fit here"), format!("“{word}”不合写法")),
        };
        Self {
            input: text.to_owned(),
            word: word.to_owned(),
            said: Sentence::new(
                format!("`{text}` is not a limit: {en}; nearest: `{nearest}`. Accepted: {forms}"),
                format!("“{text}”不是时限:{zh};最接近的写法:{nearest}。可用写法:{forms}"),
            ),
            nearest,
        }
    }

    /// What is wrong, the nearest limit and all accepted forms.
    pub fn text(&self, lang: Lang) -> &str {
        self.said.text(lang)
    }

    /// One example of each accepted form, for documentation and schemas.
    pub const fn forms() -> &'static [&'static str] {
        &FORMS
    }
}

/// The words with the wrong one set right, if one word does it; else the form that looks most alike.
fn nearest(words: &[&str], wrong: usize) -> String {
    let typed = words.get(wrong).copied().unwrap_or_default();
    let mut mended: Vec<(usize, String)> = Vec::new();
    for word in VOCABULARY {
        let mut attempt = words.to_vec();
        if wrong < attempt.len() {
            attempt[wrong] = word;
        } else {
            attempt.push(word);
        }
        if let Ok(limit) = read(&attempt) {
            mended.push((distance(typed, word), limit.to_string()));
        }
    }
    if let Some((_, limit)) = mended.into_iter().min() {
        return limit;
    }
    let whole = words.join(" ");
    FORMS
        .iter()
        .min_by_key(|form| distance(&whole, form))
        .map_or_else(String::new, |form| (*form).to_owned())
}

/// Levenshtein distance in characters; long inputs are cut, they are far from everything.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(40).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(40).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
