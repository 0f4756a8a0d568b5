//! What is typed, as JSON: each value gets its field's kind.

use calendar::Moment;

use super::FieldProblem;
use super::form::{MOST_ITEMS, MOST_ROWS, not_ticks, problem, unknown_field};
use crate::case::{FieldValue, Fields, READ_BACK};
use crate::model::{Field, FieldKind};

/// Reads a JSON object: times as RFC 3339 text, ids as decimal text, money as fen. Unknown keys are refused; under
/// [`READ_BACK`] stand the keys of the fields that were read back to the customer (TEL-19).
///
/// # Errors
/// Every problem, with the path of its field.
pub fn from_json(fields: &[Field], json: &serde_json::Value) -> Result<Fields, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let read = object(fields, json, "", &mut problems);
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems)
    }
}

fn object(
    fields: &[Field],
    json: &serde_json::Value,
    path: &str,
    problems: &mut Vec<FieldProblem>,
) -> Fields {
    let mut read = Fields::new();
    let Some(members) = json.as_object() else {
        if !json.is_null() {
            problems.push(problem(path, "", "应为一组字段", "must be an object of fields"));
        }
        return read;
    };
    for (key, value) in members {
        if key == READ_BACK && path.is_empty() {
            match ticks(value) {
                Some(ticks) => drop(read.insert(key.clone(), ticks)),
                None => problems.push(not_ticks()),
            }
            continue;
        }
        let Some(field) = fields.iter().find(|field| field.key == *key) else {
            problems.push(unknown_field(fields, path, key));
            continue;
        };
        if value.is_null() {
            continue;
        }
        if let Some(value) = typed(field, value, path, problems) {
            read.insert(key.clone(), value);
        }
    }
    read
}

/// The fields that were read back and ticked.
fn ticks(json: &serde_json::Value) -> Option<FieldValue> {
    let items = json.as_array().filter(|items| items.len() <= MOST_ITEMS)?;
    let items = items
        .iter()
        .map(|item| Some(FieldValue::Text(item.as_str()?.to_owned())));
    items.collect::<Option<_>>().map(FieldValue::List)
}

fn typed(
    field: &Field,
    json: &serde_json::Value,
    path: &str,
    problems: &mut Vec<FieldProblem>,
) -> Option<FieldValue> {
    let wrong = |problems: &mut Vec<FieldProblem>, zh: &str, en: &str| {
        problems.push(problem(path, &field.key, zh, en));
        None
    };
    let text = |problems: &mut Vec<FieldProblem>| match json.as_str() {
        Some(text) => Some(FieldValue::Text(text.to_owned())),
        None => wrong(problems, "应为文字", "must be text"),
    };
    match &field.kind {
        FieldKind::Line | FieldKind::Text | FieldKind::Choice(_) | FieldKind::Phone => text(problems),
        FieldKind::Date => text(problems),
        FieldKind::Place
        | FieldKind::Person
        | FieldKind::OutsideBody
        | FieldKind::Unit
        | FieldKind::Customer
        | FieldKind::Case
        | FieldKind::Signature => match json.as_str() {
            Some(id) => Some(FieldValue::Text(id.trim().to_owned())),
            None => wrong(
                problems,
                "编号应写成带引号的十进制数字",
                "an id is decimal digits in quotes",
            ),
        },
        FieldKind::Choices(_) | FieldKind::Files | FieldKind::People => match json.as_array() {
            Some(items) if items.len() <= MOST_ITEMS && items.iter().all(serde_json::Value::is_string) => {
                let items = items.iter().filter_map(|item| item.as_str());
                Some(FieldValue::List(
                    items.map(|item| FieldValue::Text(item.to_owned())).collect(),
                ))
            }
            _ => wrong(
                problems,
                "应为文字的列表，最多 200 项",
                "must be a list of texts, at most 200",
            ),
        },
        FieldKind::Number { .. } => match json.as_i64() {
            Some(number) => Some(FieldValue::Number(number)),
            None => wrong(problems, "应为整数", "must be a whole number"),
        },
        FieldKind::Money => match json.as_i64() {
            Some(fen) => Some(FieldValue::Number(fen)),
            None => wrong(
                problems,
                "金额以分为单位，应为整数",
                "money is a whole number of fen",
            ),
        },
        FieldKind::Flag => match json.as_bool() {
            Some(flag) => Some(FieldValue::Flag(flag)),
            None => wrong(problems, "应为 true 或 false", "must be true or false"),
        },
        FieldKind::Time { .. } => match json.as_str().map(Moment::parse_rfc3339) {
            Some(Ok(at)) => Some(FieldValue::Number(at.as_millis())),
            _ => wrong(
                problems,
                "应为带时区的时间，例如 2026-11-05T08:30:00+08:00",
                "must be a time with its offset, such as 2026-11-05T08:30:00+08:00",
            ),
        },
        FieldKind::Rows(columns) => {
            let Some(rows) = json.as_array().filter(|rows| rows.len() <= MOST_ROWS) else {
                return wrong(
                    problems,
                    "应为行的列表，最多 200 行",
                    "must be a list of at most 200 rows",
                );
            };
            let rows = rows.iter().enumerate().map(|(index, row)| {
                let path = format!("{path}{}[{index}].", field.key);
                FieldValue::Row(object(columns, row, &path, problems))
            });
            Some(FieldValue::List(rows.collect()))
        }
    }
}
