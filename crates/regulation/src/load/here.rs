//! Reading at one place of a pack: which names are known there, and what a word means there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calendar::Limit;

use super::field::{field_kind, text};
use super::gather::SourcePack;
use super::outline::{Outline, RECORD};
use super::scope;
use super::statements::Statements;
use crate::expression::{self, Environment, Expression, Type};
use crate::model::FieldKind;
use crate::source::{Key, Mistakes, Node, Place};

/// What an action may write of the record itself.
pub(crate) const WRITTEN: [&str; 7] = [
    "handler",
    "first_contact_owner",
    "unit",
    "customer",
    "supervised",
    "urged",
    "held",
];

/// All that is known while a pack is linked.
pub(crate) struct Reading<'a> {
    pub mistakes: &'a Mistakes,
    pub all: &'a Statements<'a>,
    /// The pack itself.
    pub own: &'a SourcePack,
    /// Procedures by key.
    pub outlines: BTreeMap<&'a str, Outline<'a>>,
    pub functions: Vec<&'a str>,
    /// Clause ids by pack.
    pub clauses: BTreeMap<Arc<str>, BTreeSet<String>>,
}

/// A place in one pack's file, perhaps inside a procedure.
#[derive(Clone)]
pub(crate) struct Here<'r, 'a> {
    pub reading: &'r Reading<'a>,
    pub pack: &'a SourcePack,
    /// The procedure; `None` beside the procedures.
    pub outline: Option<&'r Outline<'a>>,
    pub environment: Environment,
}

impl<'r, 'a> Here<'r, 'a> {
    /// Where nothing of a case is known.
    pub(crate) fn beside(reading: &'r Reading<'a>, pack: &'a SourcePack) -> Self {
        Here {
            reading,
            pack,
            outline: None,
            environment: Environment::new(),
        }
    }

    /// Inside a procedure.
    pub(crate) fn inside(reading: &'r Reading<'a>, pack: &'a SourcePack, outline: &'r Outline<'a>) -> Self {
        let environment = scope::environment(outline, &reading.functions, &reading.outlines);
        Here {
            reading,
            pack,
            outline: Some(outline),
            environment,
        }
    }

    /// The same place in another pack's file: a right, read for a procedure.
    pub(crate) fn stated_in(&self, pack: &'a SourcePack) -> Self {
        Here { pack, ..self.clone() }
    }

    /// Here, with `input` meaning these fields.
    pub(crate) fn with_input(&self, fields: &'a [(Key, Node)]) -> Self {
        let typed: Vec<(&str, FieldKind)> = fields
            .iter()
            .filter(|(_, node)| node.get("given").is_none())
            .map(|(key, node)| (key.text.as_str(), field_kind(node)))
            .collect();
        let environment = scope::with_input(&self.environment, typed.iter().map(|(key, kind)| (*key, kind)));
        Here {
            environment,
            ..self.clone()
        }
    }

    /// Here, with one more name.
    pub(crate) fn with_root(&self, name: &str, kind: Type) -> Self {
        Here {
            environment: self.environment.clone().root(name, kind),
            ..self.clone()
        }
    }

    /// A condition, if one is written.
    pub(crate) fn condition(&self, node: Option<&Node>) -> Option<Expression> {
        self.expression(node?, Some(&Type::Bool))
    }

    /// A value of this type, or of any.
    pub(crate) fn expression(&self, node: &Node, expected: Option<&Type>) -> Option<Expression> {
        let text = node.as_text().filter(|text| !text.trim().is_empty())?;
        let compiled = match expected {
            Some(expected) => expression::compile(text, expected, &self.environment, node.origin()),
            None => expression::infer(text, &self.environment, node.origin()),
        };
        self.reading.mistakes.take(compiled)
    }

    /// Notes a field that cases of this procedure do not have and that something writes.
    pub(crate) fn undeclared(&self, key: &Key, outline: &Outline<'a>) {
        let known = outline.fields.keys().map(String::as_str).chain(WRITTEN);
        let (zh, en) = match crate::source::nearest(&key.text, known) {
            Some(near) => (
                format!("是否应为“{near}”？否则"),
                format!("Did you mean \"{near}\"? Otherwise declare"),
            ),
            None => (String::new(), "Declare".to_owned()),
        };
        self.reading.mistakes.note(
            &key.place,
            "field.undeclared",
            (
                format!("流程“{}”的事项没有字段“{}”", outline.stated.key, key.text),
                format!(
                    "Cases of \"{}\" have no field \"{}\"",
                    outline.stated.key, key.text
                ),
            ),
            (
                format!("{zh}请在该流程的 fields: 下写明它的名称和类型"),
                format!("{en} it with title and kind under `fields:` of that procedure"),
            ),
        );
    }

    /// Notes a name that is not one of these.
    pub(crate) fn known(&self, node: &Node, code: &'static str, names: &[&str]) -> Option<String> {
        let found = node.as_text()?;
        if names.contains(&found) {
            return Some(found.to_owned());
        }
        self.reading
            .mistakes
            .unknown(&node.place, code, found, names.iter().copied());
        None
    }

    /// Notes a form that no file states.
    pub(crate) fn known_form(&self, form: &str, place: &Place) {
        let forms = || self.reading.all.forms.iter().map(|stated| stated.key);
        if !forms().any(|known| known == form) {
            self.reading.mistakes.unknown(
                place,
                "form.unknown",
                form,
                forms().collect::<Vec<_>>().into_iter(),
            );
        }
    }

    /// A procedure by its key.
    pub(crate) fn procedure(&self, node: &Node) -> Option<&'r Outline<'a>> {
        let found = node.as_text()?;
        let outline = self.reading.outlines.get(found);
        if outline.is_none() {
            let known: Vec<&str> = self.reading.outlines.keys().copied().collect();
            self.reading
                .mistakes
                .unknown(&node.place, "procedure.unknown", found, known.into_iter());
        }
        outline
    }

    /// The limit under a key; what is wrong with it has been reported.
    pub(crate) fn limit(&self, node: &Node, key: &str) -> Option<Limit> {
        text(node, key).and_then(|text| text.parse().ok())
    }

    /// The type that a value written under this key of a case of this procedure must have.
    pub(crate) fn written_type(outline: &Outline<'a>, key: &str) -> Option<Type> {
        if RECORD.contains(&key) {
            return matches!(
                key,
                "handler" | "first_contact_owner" | "unit" | "customer" | "supervised" | "urged" | "held"
            )
            .then(|| scope::record_type(key, &outline.stages))
            .flatten();
        }
        outline.field(key).map(|kind| scope::field_type(key, kind))
    }
}
