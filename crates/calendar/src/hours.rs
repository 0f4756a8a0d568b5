//! Weekly opening hours.

use std::fmt;

use crate::Lang;
use crate::civil::DAY_MS;
use crate::lang::Sentence;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

const WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Monday = 0 … Sunday = 6.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// `mon` … `sun`.
    pub const fn word(self) -> &'static str {
        WORDS[self as usize]
    }

    /// Reads `mon`, `mon-fri`, `sat, sun`, `every day`; a range may pass over the week's end (`fri-mon`).
    ///
    /// # Errors
    /// [`HoursError`] naming the part that is not a weekday.
    pub fn parse_set(text: &str) -> Result<Vec<Self>, HoursError> {
        let lower = text.trim().to_ascii_lowercase();
        if lower == "every day" {
            return Ok(Self::ALL.to_vec());
        }
        let mut days = Vec::new();
        for part in lower.split(',').map(str::trim) {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (Self::parse_one(text, from)?, Self::parse_one(text, to)?);
            let length = (to.index() + 7 - from.index()) % 7;
            for step in 0..=length {
                let day = Self::ALL[(from.index() + step) % 7];
                if days.contains(&day) {
                    return Err(twice(text, day));
                }
                days.push(day);
            }
        }
        Ok(days)
    }

    fn parse_one(days: &str, word: &str) -> Result<Self, HoursError> {
        let word = word.trim();
        let known = Self::ALL.into_iter().find(|day| day.word() == word);
        known.ok_or_else(|| {
            HoursError::new(
                days,
                word,
                format!("`{word}` is not a weekday; write mon, tue, wed, thu, fri, sat, sun, or a range like mon-fri"),
                format!("“{word}”不是星期,应写 mon、tue、wed、thu、fri、sat、sun,或区间如 mon-fri"),
            )
        })
    }
}

fn twice(days: &str, day: Weekday) -> HoursError {
    let word = day.word();
    HoursError::new(
        days,
        word,
        format!("{word} is given twice; name each weekday once"),
        format!("{word} 写了两次,每个星期只能出现一次"),
    )
}

/// A span of one day, in milliseconds from midnight; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// When a unit is open in an ordinary week. Days that are not named are closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    days: [Vec<Span>; 7],
}

impl WeeklyHours {
    /// Open without a break, every day.
    pub fn always() -> Self {
        Self {
            days: std::array::from_fn(|_| vec![Span { from: 0, to: DAY_MS }]),
        }
    }

    /// Round the clock on the given days.
    pub(crate) fn round_the_clock(on: [bool; 7]) -> Self {
        Self {
            days: on.map(|open| {
                if open {
                    vec![Span { from: 0, to: DAY_MS }]
                } else {
                    Vec::new()
                }
            }),
        }
    }

    /// Reads pairs of weekdays and spans: `("mon-fri", "08:30-12:00, 13:30-18:00")`, `("sat", "09:00-12:00")`,
    /// `("sun", "closed")`, `("every day", "00:00-24:00")`.
    ///
    /// # Errors
    /// [`HoursError`] says which part is wrong and how to write it: an unknown weekday, one given twice, a time that
    /// is none, a span that ends before it begins, spans that overlap, or a week without any opening.
    pub fn parse<Days, Spans>(pairs: impl IntoIterator<Item = (Days, Spans)>) -> Result<Self, HoursError>
    where
        Days: AsRef<str>,
        Spans: AsRef<str>,
    {
        let mut days: [Option<Vec<Span>>; 7] = Default::default();
        for (weekdays, spans) in pairs {
            let parsed = parse_spans(weekdays.as_ref(), spans.as_ref())?;
            for day in Weekday::parse_set(weekdays.as_ref())? {
                if days[day.index()].replace(parsed.clone()).is_some() {
                    return Err(twice(weekdays.as_ref(), day));
                }
            }
        }
        let days = days.map(Option::unwrap_or_default);
        if days.iter().all(Vec::is_empty) {
            return Err(HoursError::new(
                "",
                "",
                "no day has opening hours; write for instance mon-fri: \"08:30-18:00\"".to_owned(),
                "没有任何一天有工作时间,例如可写 mon-fri: \"08:30-18:00\"".to_owned(),
            ));
        }
        Ok(Self { days })
    }

    pub(crate) fn spans(&self, weekday: usize) -> &[Span] {
        &self.days[weekday]
    }

    /// Whether the unit opens at all on this weekday.
    pub fn opens_on(&self, day: Weekday) -> bool {
        !self.days[day.index()].is_empty()
    }
}

/// `mon 08:30-12:00, 13:30-18:00; …`, closed days left out: the same hours always give the same text.
impl fmt::Display for WeeklyHours {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (day, spans) in Weekday::ALL
            .iter()
            .zip(&self.days)
            .filter(|(_, spans)| !spans.is_empty())
        {
            let spans: Vec<String> = spans
                .iter()
                .map(|span| format!("{}-{}", clock(span.from), clock(span.to)))
                .collect();
            write!(out, "{between}{} {}", day.word(), spans.join(", "))?;
            between = "; ";
        }
        Ok(())
    }
}

fn clock(millis: i64) -> String {
    format!("{:02}:{:02}", millis / 3_600_000, millis / 60_000 % 60)
}

fn parse_spans(days: &str, text: &str) -> Result<Vec<Span>, HoursError> {
    if text.trim().eq_ignore_ascii_case("closed") {
        return Ok(Vec::new());
    }
    let mut spans: Vec<Span> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let Some((from, to)) = part.split_once('-') else {
            return Err(HoursError::new(
                days,
                part,
                format!("`{part}` is not a span; write 08:30-18:00, several with commas between, or closed"),
                format!("“{part}”不是时间段,应写 08:30-18:00,多段用英文逗号隔开,或写 closed"),
            ));
        };
        let span = Span {
            from: parse_clock(days, part, from)?,
            to: parse_clock(days, part, to)?,
        };
        if span.from >= span.to {
            return Err(HoursError::new(
                days,
                part,
                format!(
                    "`{part}` ends before it begins; a night is written in two days: 22:00-24:00, and 00:00-06:00 on the next"
                ),
                format!("“{part}”结束不晚于开始;跨夜应分两天写:22:00-24:00,次日 00:00-06:00"),
            ));
        }
        spans.push(span);
    }
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from < last.to => {
                let part = format!("{}-{}", clock(span.from), clock(span.to));
                let other = format!("{}-{}", clock(last.from), clock(last.to));
                return Err(HoursError::new(
                    days,
                    &part,
                    format!("`{part}` overlaps `{other}`; let one end where the next begins"),
                    format!("“{part}”与“{other}”重叠,前一段应在后一段开始时结束"),
                ));
            }
            Some(last) if span.from == last.to => last.to = span.to,
            _ => joined.push(span),
        }
    }
    Ok(joined)
}

fn parse_clock(days: &str, part: &str, text: &str) -> Result<i64, HoursError> {
    read_clock(text.trim()).ok_or_else(|| {
        HoursError::new(
            days,
            part,
            format!(
                "`{}` in `{part}` is not a time; write 08:30, at the latest 24:00",
                text.trim()
            ),
            format!("“{part}”中的“{}”不是时间,应写作 08:30,最晚 24:00", text.trim()),
        )
    })
}

/// Milliseconds from midnight of `HH:MM`, 00:00 to 24:00.
pub(crate) fn read_clock(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str, least: usize| {
        ((least..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<i64>().ok())
            .flatten()
    };
    let (hour, minute) = (digits(hour, 1)?, digits(minute, 2)?);
    let millis = (hour * 60 + minute) * 60_000;
    (minute < 60 && millis <= DAY_MS).then_some(millis)
}

/// A part of weekly hours that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .said.en)]
pub struct HoursError {
    /// The weekdays the part belongs to, as written (empty: the whole week).
    pub days: String,
    /// The wrong part, as written.
    pub part: String,
    said: Sentence,
}

impl HoursError {
    fn new(days: &str, part: &str, en: String, zh: String) -> Self {
        Self {
            days: days.to_owned(),
            part: part.to_owned(),
            said: Sentence::new(en, zh),
        }
    }

    /// What is wrong and how to write it.
    pub fn text(&self, lang: Lang) -> &str {
        self.said.text(lang)
    }
}
