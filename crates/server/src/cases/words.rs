//! Durations, times and field values in the words of a screen.

use calendar::{Calendar, Moment};
use regulation::model::{Field, FieldKind};
use regulation::{FieldValue, Id};

use crate::http::Language;
use crate::organisation::Picture;

/// `3分20秒`, `1小时17分`, `2天3小时` · `3 min 20 s`, `1 h 17 min`, `2 d 3 h`. The two largest parts.
pub fn duration(ms: i64, language: Language) -> String {
    let seconds = ms.max(0) / 1000;
    let parts = [
        (seconds / 86_400, "天", " d"),
        (seconds / 3_600 % 24, "小时", " h"),
        (seconds / 60 % 60, "分", " min"),
        (seconds % 60, "秒", " s"),
    ];
    let first = parts.iter().position(|(count, _, _)| *count > 0).unwrap_or(3);
    let words: Vec<String> = parts
        .iter()
        .skip(first)
        .take(2)
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, zh, en)| format!("{count}{}", language.pick(zh, en)))
        .collect();
    if words.is_empty() {
        format!("0{}", language.pick("秒", " s"))
    } else {
        words.join(language.pick("", " "))
    }
}

/// `11-20 14:32`, in another year `2025-11-20 14:32`, in the calendar's zone.
pub fn time(at: Moment, now: Moment, calendar: &Calendar) -> String {
    let (date, time) = (calendar.date_of(at), calendar.time_of(at));
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    if date.year() == calendar.date_of(now).year() {
        format!("{:02}-{:02} {clock}", date.month(), date.day())
    } else {
        format!("{date} {clock}")
    }
}

/// A number with its middle hidden: `138****6021`. Short ones keep their last two digits.
pub fn masked(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    match digits.len() {
        0..=4 => "****".to_owned(),
        5..=7 => format!("****{}", digits.iter().skip(digits.len() - 2).collect::<String>()),
        n => format!(
            "{}****{}",
            digits.iter().take(3).collect::<String>(),
            digits.iter().skip(n - 4).collect::<String>()
        ),
    }
}

/// A text with the telephone and identity numbers in it masked: whatever has seven digits or more in a row.
pub fn numbers_masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for letter in text.chars().chain(std::iter::once('\0')) {
        if letter.is_ascii_digit() {
            run.push(letter);
            continue;
        }
        out.push_str(&if run.len() >= 7 {
            masked(&run)
        } else {
            std::mem::take(&mut run)
        });
        run.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}

/// Everything a value's words hang on.
pub struct Reader<'a> {
    /// Names of people and units.
    pub picture: &'a Picture,
    /// The zone of times.
    pub calendar: &'a Calendar,
    /// Now, for the year.
    pub now: Moment,
    /// The language.
    pub language: Language,
}

impl Reader<'_> {
    /// A field's value as people read it.
    pub fn value(&self, field: &Field, value: &FieldValue) -> String {
        match (&field.kind, value) {
            (FieldKind::Phone, FieldValue::Text(number)) => masked(number),
            (FieldKind::Line | FieldKind::Text, FieldValue::Text(text)) if field.personal => {
                numbers_masked(text)
            }
            (FieldKind::Choice(options), FieldValue::Text(key)) => self.option(options, key),
            (FieldKind::Choices(options), FieldValue::List(keys)) => keys
                .iter()
                .filter_map(FieldValue::as_text)
                .map(|key| self.option(options, key))
                .collect::<Vec<_>>()
                .join(self.language.pick("、", ", ")),
            (FieldKind::Time { .. }, FieldValue::Number(ms)) => {
                time(Moment::from_millis(*ms), self.now, self.calendar)
            }
            (FieldKind::Money, FieldValue::Number(fen)) => format!("¥{}.{:02}", fen / 100, (fen % 100).abs()),
            (
                FieldKind::Number {
                    measure: Some(measure),
                },
                FieldValue::Number(number),
            ) => format!("{number}{measure}"),
            (FieldKind::Person, value) => {
                self.name(value, |id| self.picture.person_name(Some(id)).map(str::to_owned))
            }
            (FieldKind::People, FieldValue::List(people)) => people
                .iter()
                .map(|one| self.name(one, |id| self.picture.person_name(Some(id)).map(str::to_owned)))
                .collect::<Vec<_>>()
                .join(self.language.pick("、", ", ")),
            // Public, so never masked.
            (FieldKind::OutsideBody, FieldValue::Row(entry)) => ["name", "number"]
                .into_iter()
                .filter_map(|key| entry.get(key)?.as_text())
                .collect::<Vec<_>>()
                .join(" "),
            (FieldKind::Unit, value) => self.name(value, |id| Some(self.picture.unit_name(id).to_owned())),
            (FieldKind::Signature, _) => self.language.pick("已签名", "signed").to_owned(),
            (FieldKind::Files, FieldValue::List(files)) => {
                format!("{}{}", files.len(), self.language.pick("个文件", " files"))
            }
            (FieldKind::Rows(fields), FieldValue::List(rows)) => rows
                .iter()
                .map(|row| self.row(fields, row))
                .collect::<Vec<_>>()
                .join(self.language.pick("；", "; ")),
            (_, FieldValue::Flag(flag)) => if *flag {
                self.language.pick("是", "yes")
            } else {
                self.language.pick("否", "no")
            }
            .to_owned(),
            (_, FieldValue::Number(number)) => number.to_string(),
            (_, FieldValue::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    fn row(&self, fields: &[Field], row: &FieldValue) -> String {
        let FieldValue::Row(values) = row else {
            return String::new();
        };
        fields
            .iter()
            .filter_map(|field| values.get(&field.key).map(|value| self.value(field, value)))
            .collect::<Vec<_>>()
            .join(self.language.pick("，", ", "))
    }

    fn option(&self, options: &[(String, regulation::Said)], key: &str) -> String {
        let known = options.iter().find(|(known, _)| known == key);
        known.map_or_else(|| key.to_owned(), |(_, title)| self.language.say(title))
    }

    fn name(&self, value: &FieldValue, of: impl Fn(Id) -> Option<String>) -> String {
        value.as_id().and_then(of).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_name_their_two_largest_parts() {
        assert_eq!(duration(200_000, Language::Chinese), "3分20秒");
        assert_eq!(duration(4_620_000, Language::Chinese), "1小时17分");
        assert_eq!(duration(172_800_000, Language::Chinese), "2天");
        assert_eq!(duration(200_000, Language::English), "3 min 20 s");
        assert_eq!(duration(0, Language::English), "0 s");
    }

    #[test]
    fn gen_11_numbers_are_masked_in_the_middle() {
        assert_eq!(masked("13800006021"), "138****6021");
        assert_eq!(masked("62211"), "****11");
        assert_eq!(masked("110"), "****");
        assert_eq!(
            numbers_masked("微信号abc，或13800006021"),
            "微信号abc，或138****6021"
        );
        assert_eq!(numbers_masked("3栋1204"), "3栋1204");
    }
}
