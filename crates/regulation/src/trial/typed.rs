//! What a test types into fields, and how a value reads back.

use calendar::Calendar;

use super::world::World;
use crate::case::{FieldValue, Fields, READ_BACK};
use crate::load::words;
use crate::model::{Field, FieldKind};
use crate::source::{Kind, Mistakes, Node};

/// What a person types at a step. Everything to be read back is, unless the test says itself what was (`read_back: none`,
/// or the fields).
pub(super) fn input(world: &mut World, fields: &[Field], node: &Node, mistakes: &Mistakes) -> Fields {
    let said = node.get(READ_BACK);
    let mut values = typed(world, fields, node, mistakes);
    let ticks: Vec<FieldValue> = match said {
        Some(said) => said
            .one_or_many()
            .iter()
            .filter_map(Node::as_text)
            .filter(|key| *key != "none")
            .map(text)
            .collect(),
        None => to_read_back(fields, &values, "")
            .into_iter()
            .map(|key| text(&key))
            .collect(),
    };
    if !ticks.is_empty() {
        values.insert(READ_BACK.to_owned(), FieldValue::List(ticks));
    }
    values
}

fn to_read_back(fields: &[Field], values: &Fields, path: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for field in fields {
        match (&field.kind, values.get(&field.key)) {
            (FieldKind::Rows(columns), Some(FieldValue::List(rows))) => {
                for (index, row) in rows.iter().enumerate() {
                    if let FieldValue::Row(cells) = row {
                        keys.extend(to_read_back(
                            columns,
                            cells,
                            &format!("{path}{}[{index}].", field.key),
                        ));
                    }
                }
            }
            (_, Some(_)) if field.read_back => keys.push(format!("{path}{}", field.key)),
            _ => {}
        }
    }
    keys
}

/// The values of a test's `with:` for these fields; what cannot be read is noted.
pub(super) fn typed(world: &mut World, fields: &[Field], node: &Node, mistakes: &Mistakes) -> Fields {
    let mut values = Fields::new();
    for (key, node) in node
        .entries(mistakes)
        .iter()
        .filter(|(key, _)| key.text != READ_BACK)
    {
        let Some(field) = fields.iter().find(|field| field.key == key.text) else {
            mistakes.unknown(
                &key.place,
                "field.unknown",
                &key.text,
                fields.iter().map(|field| field.key.as_str()),
            );
            continue;
        };
        if let Some(value) = value(world, &field.kind, node, mistakes) {
            values.insert(key.text.clone(), value);
        }
    }
    values
}

/// One value of this kind.
pub(super) fn value(
    world: &mut World,
    kind: &FieldKind,
    node: &Node,
    mistakes: &Mistakes,
) -> Option<FieldValue> {
    match kind {
        FieldKind::Files => {
            let names: Vec<&str> = node
                .one_or_many()
                .iter()
                .filter_map(|node| node.text(mistakes))
                .collect();
            Some(FieldValue::List(
                names.into_iter().map(|name| world.file(name).into()).collect(),
            ))
        }
        FieldKind::People => {
            let mut people = Vec::new();
            for one in node.one_or_many() {
                people.extend(named(one.text(mistakes)?, &world.people, one, mistakes));
            }
            Some(FieldValue::List(people))
        }
        FieldKind::Choices(_) => {
            let items = node.one_or_many().iter();
            Some(FieldValue::List(
                items.filter_map(|node| node.text(mistakes).map(text)).collect(),
            ))
        }
        FieldKind::Rows(columns) => {
            let mut rows = Vec::new();
            for row in node.list(mistakes) {
                rows.push(FieldValue::Row(typed(world, columns, row, mistakes)));
            }
            Some(FieldValue::List(rows))
        }
        _ => {
            let found = node.text(mistakes)?.to_owned();
            scalar(world, kind, &found, node, mistakes)
        }
    }
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

fn scalar(
    world: &mut World,
    kind: &FieldKind,
    found: &str,
    node: &Node,
    mistakes: &Mistakes,
) -> Option<FieldValue> {
    match kind {
        FieldKind::Flag => node.flag(mistakes).map(FieldValue::Flag),
        FieldKind::Number { .. } | FieldKind::Money => node.whole(mistakes).map(FieldValue::Number),
        FieldKind::Time { .. } => match words::day_time(found) {
            Some((date, time)) => Some(FieldValue::Number(
                world.units.calendar.moment_of(date, time).as_millis(),
            )),
            None => {
                node.expected(
                    mistakes,
                    "日期和时刻，如 2026-11-19 10:05",
                    "a date and time, such as 2026-11-19 10:05",
                );
                None
            }
        },
        FieldKind::Person => named(found, &world.people, node, mistakes),
        FieldKind::Unit => named(found, &world.units.by_name, node, mistakes),
        FieldKind::Customer => Some(world.customer(found).into()),
        // A name that stands for an entry of the phone book.
        FieldKind::OutsideBody => Some(world.file(found).into()),
        FieldKind::Signature => Some(world.file(found).into()),
        FieldKind::Case => {
            let numbered = || {
                world
                    .cases
                    .values()
                    .find(|case| case.number == found)
                    .map(|case| case.id)
            };
            let case = world.names.get(found).copied().or_else(numbered);
            if case.is_none() {
                let known: Vec<&str> = world.names.keys().map(String::as_str).collect();
                mistakes.unknown(&node.place, "case.unknown", found, known.into_iter());
            }
            case.map(FieldValue::from)
        }
        _ => Some(text(found)),
    }
}

fn named(
    found: &str,
    known: &std::collections::BTreeMap<String, crate::Id>,
    node: &Node,
    mistakes: &Mistakes,
) -> Option<FieldValue> {
    let id = known.get(found);
    if id.is_none() {
        mistakes.unknown(
            &node.place,
            "name.unknown",
            found,
            known.keys().map(String::as_str),
        );
    }
    id.map(|id| (*id).into())
}

/// A value as a test would write it.
pub(super) fn shown(
    world: &World,
    calendar: &Calendar,
    kind: Option<&FieldKind>,
    value: &FieldValue,
) -> String {
    match (value, kind) {
        (FieldValue::Flag(flag), _) => if *flag { "yes" } else { "no" }.to_owned(),
        (FieldValue::Number(at), Some(FieldKind::Time { .. })) => {
            moment(calendar, calendar::Moment::from_millis(*at))
        }
        (FieldValue::Number(number), _) => number.to_string(),
        (
            FieldValue::Text(_),
            Some(FieldKind::Person | FieldKind::People | FieldKind::Unit | FieldKind::Customer),
        ) => world.name_of(value.as_id()),
        (FieldValue::Text(text), Some(FieldKind::Case)) => {
            let case = value.as_id().and_then(|id| world.cases.get(&id));
            case.map_or_else(|| text.clone(), |case| case.number.clone())
        }
        (FieldValue::Text(text), _) => text.clone(),
        (FieldValue::List(items), kind) => items
            .iter()
            .map(|item| shown(world, calendar, kind, item))
            .collect::<Vec<_>>()
            .join(", "),
        (FieldValue::Row(cells), _) => format!("{} cells", cells.len()),
    }
}

/// A moment as a test writes it: local time, seconds only where there are any.
pub(super) fn moment(calendar: &Calendar, at: calendar::Moment) -> String {
    let (date, time) = (calendar.date_of(at), calendar.time_of(at));
    let minute = format!("{date} {:02}:{:02}", time.hour(), time.minute());
    if time.second() == 0 {
        minute
    } else {
        format!("{minute}:{:02}", time.second())
    }
}

/// What stands at a node, for messages and comparison: lists joined with commas.
pub(super) fn written(node: &Node) -> String {
    match &node.kind {
        Kind::List(items) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        _ => node.as_text().unwrap_or_default().to_owned(),
    }
}
