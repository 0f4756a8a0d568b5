//! From a record to what is searched of it. Pure functions over its history.

use std::collections::HashSet;
use std::fmt::Write as _;

use pinyin::ToPinyin;
use regulation::model::{Field, FieldKind, Procedure};
use regulation::{Case, Event, EventKind, FieldValue, Pack};
use search::Document;
use store::{Row, Value};

use crate::cases::words::numbers_masked;

/// The longest text that is taken in, in characters.
const LONGEST: usize = 20_000;

/// Letters of a number that count as its end.
const TAIL: usize = 4;

/// What is searched of a case: its number, what it is about, every text typed into it, the words of what was chosen. The
/// first line is the number, the second the subject.
pub fn case(case: &Case, events: &[Event], pack: Option<&Pack>) -> Document {
    let procedure = pack
        .and_then(|pack| pack.procedure(&case.procedure))
        .map(|found| &**found);
    let mut body = format!("{}\n{}", case.number, numbers_masked(case.subject_text()));
    let mut said: HashSet<String> = HashSet::from([case.subject_text().to_owned()]);
    let mut say = |text: &str| {
        let text = text.trim();
        if !text.is_empty() && body.len() < LONGEST * 3 && said.insert(text.to_owned()) {
            // Writing to a text cannot fail.
            let _ = write!(body, "\n{}", numbers_masked(text).replace('\n', " "));
        }
    };
    for event in events {
        for (key, value) in &event.input {
            if let Some(field) = procedure.and_then(|procedure| field(procedure, key)) {
                texts(field, value, &mut say);
            }
        }
        match &event.kind {
            EventKind::Signed {
                reason: Some(reason), ..
            }
            | EventKind::Answered { reason, .. } => say(reason),
            _ => {}
        }
    }
    Document {
        id: case.id.0,
        body,
        keys: number_ends(&case.number),
    }
}

/// A field by its key: of the case, or of what an action asks.
fn field<'p>(procedure: &'p Procedure, key: &str) -> Option<&'p Field> {
    procedure.fields.get(key).or_else(|| {
        procedure
            .actions
            .iter()
            .flat_map(|action| &action.ask)
            .find(|field| field.key == key)
    })
}

fn texts(field: &Field, value: &FieldValue, say: &mut impl FnMut(&str)) {
    match (&field.kind, value) {
        (FieldKind::Line | FieldKind::Text | FieldKind::Place, FieldValue::Text(text)) => say(text),
        (FieldKind::Choice(options), FieldValue::Text(key)) => option(options, key, say),
        (FieldKind::Choices(options), FieldValue::List(keys)) => {
            for key in keys.iter().filter_map(FieldValue::as_text) {
                option(options, key, say);
            }
        }
        (FieldKind::Rows(fields), FieldValue::List(rows)) => {
            for row in rows {
                let FieldValue::Row(values) = row else { continue };
                for field in fields {
                    if let Some(value) = values.get(&field.key) {
                        texts(field, value, say);
                    }
                }
            }
        }
        _ => {}
    }
}

fn option(options: &[(String, regulation::Said)], key: &str, say: &mut impl FnMut(&str)) {
    if let Some((_, title)) = options.iter().find(|(known, _)| known == key) {
        say(&title.zh);
    }
}

/// The ends of the longer digit groups of a case number: `1120` of `TS20261120-0037`, whose `0037` is a word already.
fn number_ends(number: &str) -> Vec<String> {
    number
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|group| group.len() > TAIL)
        .flat_map(|group| (TAIL..group.len()).filter_map(|length| group.get(group.len() - length..)))
        .map(|end| format!("no:{end}"))
        .collect()
}

/// What is searched of a customer: name, premises, notes; initials and spelling of the name; ends of the numbers, as keys
/// that no other search asks. `None` when the record holds no customer any more.
pub fn customer(id: i64, rows: &[Row]) -> Option<Document> {
    let text = |row: &Row, column: &str| {
        let columns = row.table.key.iter().chain(row.table.columns);
        let at = columns.into_iter().position(|known| known.name == column)?;
        match row.values.get(at)? {
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        }
    };
    let row = rows.iter().find(|row| row.table.name == "customers")?;
    let name = text(row, "name").unwrap_or_default();
    let mut body = name.clone();
    for part in ["premises", "notes"] {
        for line in text(row, part).unwrap_or_default().lines() {
            let _ = write!(body, "\n{}", numbers_masked(line));
        }
    }
    let mut keys = spellings(&name);
    for row in rows.iter().filter(|row| row.table.name == "customer_phones") {
        keys.extend(phone_ends(&text(row, "phone").unwrap_or_default()));
    }
    Some(Document { id, body, keys })
}

/// The keys of a telephone number: its last four to eight digits, and the whole of it.
fn phone_ends(phone: &str) -> Vec<String> {
    let digits = phone.trim_start_matches('+');
    let mut ends: Vec<String> = (TAIL..=digits.len().min(8))
        .filter_map(|length| digits.get(digits.len() - length..))
        .map(|end| format!("tel:{end}"))
        .collect();
    if digits.len() > 8 {
        ends.push(format!("tel:{digits}"));
    }
    ends
}

/// The key that finds the customers whose number ends so; `None` for less than four digits.
pub fn phone_key(typed: &str) -> Option<String> {
    let digits = crate::customers::digits(typed);
    let digits = digits.trim_start_matches('+');
    match digits.len() {
        0..TAIL => None,
        TAIL..=8 | 11.. => Some(format!("tel:{digits}")),
        _ => digits.get(digits.len() - 8..).map(|end| format!("tel:{end}")),
    }
}

/// Initials and spelling of a name: `wxm`, `wangxiaoming`, `wang`, `xiaoming`, and the beginnings of the initials.
fn spellings(name: &str) -> Vec<String> {
    let sounds: Vec<&str> = name
        .to_pinyin()
        .flatten()
        .map(|sound| sound.plain())
        .take(16)
        .collect();
    if sounds.is_empty() {
        return Vec::new();
    }
    let initials: String = sounds.iter().filter_map(|sound| sound.chars().next()).collect();
    let mut keys: Vec<String> = (2..=initials.len())
        .filter_map(|length| initials.get(..length))
        .map(str::to_owned)
        .collect();
    keys.push(sounds.concat());
    if let Some((first, rest)) = sounds.split_first() {
        keys.push((*first).to_owned());
        if !rest.is_empty() {
            keys.push(rest.concat());
        }
    }
    keys.sort();
    keys.dedup();
    keys.into_iter().map(|key| format!("py:{key}")).collect()
}

/// The keys that stand for a word as typed.
pub fn keys(word: &str) -> Vec<String> {
    if word.chars().all(|letter| letter.is_ascii_lowercase()) && word.len() >= 2 {
        vec![format!("py:{word}")]
    } else if word.chars().all(|letter| letter.is_ascii_digit()) && word.len() >= TAIL {
        vec![format!("no:{word}")]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gen_12_names_are_found_by_their_sound() {
        let keys = spellings("王小明");
        for key in ["py:wx", "py:wxm", "py:wangxiaoming", "py:wang", "py:xiaoming"] {
            assert!(keys.iter().any(|known| known == key), "{key} in {keys:?}");
        }
        assert!(spellings("Acme").is_empty());
    }

    #[test]
    fn gen_12_ends_of_numbers_are_keys_of_their_own() {
        assert_eq!(phone_key("602"), None);
        assert_eq!(phone_key("6021").as_deref(), Some("tel:6021"));
        let ends = phone_ends("13800136021");
        for typed in ["6021", "136021", "138 0013 6021", "800136021"] {
            let key = phone_key(typed).unwrap();
            assert!(ends.contains(&key), "{typed}: {key} in {ends:?}");
        }
        assert_eq!(
            number_ends("TS20261120-0037"),
            ["no:1120", "no:61120", "no:261120", "no:0261120"]
        );
        assert!(number_ends("0037").is_empty());
    }
}
