//! Which names a condition may use at its place, and of what type they are.

use std::collections::BTreeMap;

use super::outline::{FactType, Outline, RECORD};
use crate::expression::{Environment, ObjectType, Parameter, Type};
use crate::model::FieldKind;

/// The type that a condition sees in a field of this kind.
pub fn field_type(key: &str, kind: &FieldKind) -> Type {
    match kind {
        FieldKind::Line | FieldKind::Text | FieldKind::Phone | FieldKind::Place | FieldKind::Signature => {
            Type::Text
        }
        FieldKind::Choice(options) => choice(key, options),
        FieldKind::Choices(options) => Type::list(choice(key, options)),
        FieldKind::Number { .. } | FieldKind::Money => Type::Int,
        FieldKind::Flag => Type::Bool,
        FieldKind::Time { .. } => Type::Moment,
        FieldKind::Date => Type::Date,
        FieldKind::Person => Type::id("person"),
        FieldKind::People => Type::list(Type::id("person")),
        FieldKind::OutsideBody => Type::id("outside_body"),
        FieldKind::Unit => Type::id("unit"),
        FieldKind::Customer => Type::id("customer"),
        FieldKind::Case => Type::id("case"),
        FieldKind::Files => Type::list(Type::Text),
        FieldKind::Rows(_) => Type::list(Type::object(format!("row of {key}"))),
    }
}

fn choice<S>(key: &str, options: &[(String, S)]) -> Type {
    Type::choice(key, options.iter().map(|(key, _)| key.as_str()))
}

/// The type of what every case has; `None` for methods and for names that are none.
pub(crate) fn record_type(key: &str, stages: &[&str]) -> Option<Type> {
    Some(match key {
        "round" | "urged" | "open_subcases" | "subcases" => Type::Int,
        "stage" => Type::choice("stage", stages.iter().copied()),
        "previous_round" => Type::object("previous_round"),
        "received_at" | "opened_at" => Type::Moment,
        "ended" | "supervised" | "held" => Type::Bool,
        "handler" | "first_contact_owner" | "registrar" => Type::id("person"),
        "customer" => Type::id("customer"),
        "unit" | "owning_unit" => Type::id("unit"),
        "channel" | "number" => Type::Text,
        _ => return None,
    })
}

/// An environment with an object of these fields under a root.
pub(crate) fn with_fields<'k>(
    mut environment: Environment,
    root: &str,
    mut object: ObjectType,
    fields: impl IntoIterator<Item = (&'k str, &'k FieldKind)>,
) -> Environment {
    for (key, kind) in fields {
        if let FieldKind::Rows(inner) = kind {
            let row = inner.iter().fold(ObjectType::new(), |row, field| {
                row.field(field.key.as_str(), field_type(&field.key, &field.kind))
            });
            environment = environment.object(format!("row of {key}"), row);
        }
        object = object.field(key, field_type(key, kind));
    }
    environment.root_object(root, object)
}

/// What every condition of a procedure may speak of; `input`, `start` and `round` come with their places.
pub(crate) fn environment(
    outline: &Outline<'_>,
    functions: &[&str],
    all: &BTreeMap<&str, Outline<'_>>,
) -> Environment {
    let fields = || outline.fields.iter().map(|(key, (kind, _))| (key.as_str(), kind));
    let mut case = ObjectType::new();
    for key in RECORD {
        if let Some(kind) = record_type(key, &outline.stages) {
            case = case.field(key, kind);
        }
    }
    let action = || Parameter::name("操作", "action", outline.actions.iter().copied());
    let deadline = || Parameter::name("时限", "deadline", outline.deadlines.iter().copied());
    let stages: std::collections::BTreeSet<&str> = all
        .values()
        .flat_map(|outline| outline.stages.iter().copied())
        .collect();
    case = case
        .method("done", [action()], Type::Int)
        .method("doer", [action()], Type::id("person"))
        .method(
            "subcases_in",
            [Parameter::name("环节", "stage", stages)],
            Type::Int,
        )
        .method("late", [deadline()], Type::Bool)
        .method("exempt", [deadline()], Type::Bool);

    let previous = fields().fold(ObjectType::new(), |object, (key, kind)| {
        object.field(key, field_type(key, kind))
    });
    let environment = Environment::new().object("previous_round", previous);
    let environment = with_fields(environment, "case", case, fields());
    let actor = ObjectType::new()
        .field("person", Type::id("person"))
        .method("certified", [Parameter::Any(Type::Text)], Type::Bool)
        .method(
            "holds",
            [Parameter::name("职能", "function", functions.iter().copied())],
            Type::Bool,
        );
    let facts = outline
        .facts
        .iter()
        .fold(ObjectType::new(), |facts, (key, kind)| {
            facts.field(
                *key,
                match kind {
                    FactType::Number => Type::Int,
                    FactType::Truth => Type::Bool,
                    FactType::Moment => Type::Moment,
                },
            )
        });
    environment
        .root_object("actor", actor)
        .root_object("facts", facts)
        .root("now", Type::Moment)
}

/// What figures see besides: the round that is counted.
pub(crate) fn with_round(environment: Environment, outline: &Outline<'_>) -> Environment {
    let deadline = || Parameter::name("时限", "deadline", outline.deadlines.iter().copied());
    let round = ObjectType::new()
        .method(
            "reached",
            [Parameter::name("环节", "stage", outline.stages.iter().copied())],
            Type::Bool,
        )
        .method("done", [deadline()], Type::Bool)
        .method("kept", [deadline()], Type::Bool)
        .method("late", [deadline()], Type::Bool)
        .method("exempt", [deadline()], Type::Bool);
    with_fields(
        environment,
        "round",
        round,
        outline.fields.iter().map(|(key, (kind, _))| (key.as_str(), kind)),
    )
}

/// What is being typed.
pub(crate) fn with_input<'k>(
    environment: &Environment,
    fields: impl IntoIterator<Item = (&'k str, &'k FieldKind)>,
) -> Environment {
    with_fields(environment.clone(), "input", ObjectType::new(), fields)
}
