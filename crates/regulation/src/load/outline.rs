//! The names of a procedure and the kinds of its fields, read before any condition: what conditions may speak of.

use std::collections::BTreeMap;

use super::field::field_kind;
use super::statements::{Stated, Statements};
use crate::model::FieldKind;
use crate::source::{Key, Mistakes, Node, Place};

/// Keys that every case has; no field may be called so.
pub(crate) const RECORD: [&str; 25] = [
    // Not of the record, but of what is typed: TEL-19.
    "read_back",
    "round",
    "stage",
    "previous_round",
    "received_at",
    "opened_at",
    "ended",
    "handler",
    "first_contact_owner",
    "registrar",
    "customer",
    "unit",
    "owning_unit",
    "channel",
    "urged",
    "supervised",
    "held",
    "open_subcases",
    "subcases",
    "number",
    "done",
    "doer",
    "subcases_in",
    "late",
    "exempt",
];

/// A procedure's names.
pub(crate) struct Outline<'a> {
    pub stated: Stated<'a>,
    pub stages: Vec<&'a str>,
    pub actions: Vec<&'a str>,
    pub approvals: Vec<&'a str>,
    pub deadlines: Vec<&'a str>,
    pub facts: Vec<(&'a str, FactType)>,
    pub uniques: Vec<&'a str>,
    /// What a case of it can hold; the same key asked twice must be of one kind.
    pub fields: BTreeMap<String, (FieldKind, &'a Place)>,
    /// Rights it has: those whose name is not that of one of its own actions.
    pub rights: Vec<Stated<'a>>,
}

/// What a fact gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactType {
    Number,
    Truth,
    Moment,
}

/// The keys of a table, in order.
pub(crate) fn keys<'a>(node: &'a Node, table: &str) -> Vec<&'a str> {
    entries(node, table)
        .iter()
        .map(|(key, _)| key.text.as_str())
        .collect()
}

/// Keys and values of a table under a key; empty if it is absent or no table.
pub(crate) fn entries<'a>(node: &'a Node, table: &str) -> &'a [(Key, Node)] {
    match node.get(table).map(|node| &node.kind) {
        Some(crate::source::Kind::Map(entries)) => entries,
        _ => &[],
    }
}

/// The fields that something asks for: its own table, or those of the form it names.
pub(crate) fn asked<'a>(node: Option<&'a Node>, all: &Statements<'a>) -> &'a [(Key, Node)] {
    match node {
        Some(node) => match (&node.kind, node.as_text()) {
            (crate::source::Kind::Map(entries), _) => entries,
            (_, Some(form)) => all
                .forms
                .iter()
                .find(|stated| stated.key == form)
                .map_or(&[], |form| entries(form.node, "fields")),
            _ => &[],
        },
        None => &[],
    }
}

/// The fields that are asked when a case is opened.
pub(crate) fn intake<'a>(node: &'a Node, all: &Statements<'a>) -> &'a [(Key, Node)] {
    match node.get("intake").and_then(|intake| intake.get("form")) {
        Some(form) => asked(Some(form), all),
        None => asked(node.get("ask"), all),
    }
}

/// Reads the names of a procedure.
pub(crate) fn outline<'a>(stated: Stated<'a>, all: &Statements<'a>, mistakes: &Mistakes) -> Outline<'a> {
    let node = stated.node;
    let actions = keys(node, "actions");
    let rights: Vec<Stated<'a>> = all
        .rights
        .iter()
        .filter(|right| !actions.contains(&right.key))
        .copied()
        .collect();
    let mut outline = Outline {
        stated,
        stages: keys(node, "stages"),
        actions: actions
            .iter()
            .copied()
            .chain(rights.iter().map(|right| right.key))
            .collect(),
        approvals: keys(node, "approvals"),
        deadlines: keys(node, "deadlines"),
        facts: entries(node, "facts")
            .iter()
            .map(|(key, fact)| (key.text.as_str(), fact_type(fact)))
            .collect(),
        uniques: keys(node, "unique"),
        fields: BTreeMap::new(),
        rights,
    };
    outline.take(intake(node, all), mistakes);
    outline.take(entries(node, "fields"), mistakes);
    for (_, action) in entries(node, "actions") {
        outline.take(asked(action.get("ask"), all), mistakes);
    }
    for right in outline.rights.clone() {
        outline.take(asked(right.node.get("ask"), all), mistakes);
    }
    outline
}

fn fact_type(fact: &Node) -> FactType {
    if fact.get("exists").is_some() {
        FactType::Truth
    } else if fact.get("latest").is_some() {
        FactType::Moment
    } else {
        FactType::Number
    }
}

impl<'a> Outline<'a> {
    fn take(&mut self, asked: &'a [(Key, Node)], mistakes: &Mistakes) {
        for (key, node) in asked {
            if node.get("given").is_some() {
                continue;
            }
            if RECORD.contains(&key.text.as_str()) {
                mistakes.note(
                    &key.place,
                    "field.taken",
                    (
                        format!("“{}”是每个事项都有的项目，不能作字段名", key.text),
                        format!("\"{}\" is something that every case has; no field can be called so", key.text),
                    ),
                    (
                        format!("请改用别的字段名，需要时在 sets 里写 {}: input.字段名", key.text),
                        format!("Give the field another name, and write `sets: {{ {}: input.that_field }}` where it is meant", key.text),
                    ),
                );
                continue;
            }
            let kind = field_kind(node);
            match self.fields.get_mut(&key.text) {
                None => {
                    self.fields.insert(key.text.clone(), (kind, &key.place));
                }
                Some((known, place)) => {
                    if !unite(known, &kind) {
                        mistakes.note(
                            &key.place,
                            "field.kind",
                            (
                                format!("字段“{}”在 {place} 是另一种类型", key.text),
                                format!("The field \"{}\" is of another kind at {place}", key.text),
                            ),
                            (
                                "同一流程内同名字段须为同一类型；请改名或改类型",
                                "Within a procedure a field of one name has one kind: rename it, or change its kind",
                            ),
                        );
                    }
                }
            }
        }
    }

    /// The kind of a field.
    pub(crate) fn field(&self, key: &str) -> Option<&FieldKind> {
        self.fields.get(key).map(|(kind, _)| kind)
    }
}

/// Makes two kinds one, options together. `false`: they are not of one kind.
pub(crate) fn unite(known: &mut FieldKind, new: &FieldKind) -> bool {
    match (known, new) {
        (FieldKind::Choice(known), FieldKind::Choice(new))
        | (FieldKind::Choices(known), FieldKind::Choices(new)) => {
            for option in new {
                if !known.iter().any(|(key, _)| *key == option.0) {
                    known.push(option.clone());
                }
            }
            true
        }
        // A line and a longer text hold the same; the longer one is kept.
        (known @ FieldKind::Line, FieldKind::Text) => {
            *known = FieldKind::Text;
            true
        }
        (FieldKind::Text, FieldKind::Line) => true,
        (FieldKind::Time { .. }, FieldKind::Time { .. })
        | (FieldKind::Number { .. }, FieldKind::Number { .. }) => true,
        (known, new) => known == new,
    }
}
