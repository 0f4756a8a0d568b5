//! The case as the facts of a command see it: with the values it will have after it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::needs::known;
use super::scope::{Around, Typed};
use super::{Command, Setting, open};
use crate::case::{Case, FieldValue, Fields, READ_BACK};
use crate::expression::Expression;
use crate::model::{Action, Procedure, Source};

static NONE: BTreeMap<String, FieldValue> = BTreeMap::new();

/// The case as the facts of a command see it: with the values it will have after it.
pub(super) struct Sight<'s> {
    pub(super) procedure: &'s Procedure,
    pub(super) case: Cow<'s, Case>,
    pub(super) typed: Typed<'s>,
}

impl<'s> Sight<'s> {
    /// Before anything is typed.
    pub(super) fn before_typing(procedure: &'s Procedure, case: &'s Case) -> Self {
        Sight {
            procedure,
            case: Cow::Borrowed(case),
            typed: Typed::Unknown,
        }
    }

    /// With what this act types and writes: facts that speak of `case.area` mean the area typed just now.
    pub(super) fn of_act(
        setting: &Setting<'_>,
        procedure: &'s Procedure,
        case: &Case,
        action: &'s Action,
        input: &'s Fields,
    ) -> Self {
        let typed = Typed::Given(input, &action.ask);
        let mut seen = case.clone();
        for (key, value) in input.iter().filter(|(key, _)| *key != READ_BACK) {
            seen.fields.insert(key.clone(), value.clone());
        }
        for (key, source) in &action.sets {
            match source {
                Source::Actor => write(&mut seen, key, setting.actor.person.map(FieldValue::from)),
                Source::Now => write(&mut seen, key, Some(FieldValue::Number(setting.now.as_millis()))),
                Source::Value(value) => written(setting, procedure, &mut seen, typed, key, value),
            }
        }
        Sight {
            procedure,
            case: Cow::Owned(seen),
            typed,
        }
    }
}

/// What the facts of a command see; `None` where there is no such case or procedure.
pub(super) fn sight<'s>(
    setting: &Setting<'s>,
    case: Option<&'s Case>,
    command: &'s Command,
) -> Option<Sight<'s>> {
    if let Command::Open {
        procedure,
        opened,
        input,
    } = command
    {
        let procedure = setting.pack.procedure(procedure)?;
        let case = open::provisional(setting, procedure, opened, input)?;
        return Some(Sight {
            procedure,
            case: Cow::Owned(case),
            typed: Typed::Given(input, &procedure.intake_fields),
        });
    }
    let (case, procedure) = known(setting, case)?;
    let mut sight = Sight {
        procedure,
        case: Cow::Borrowed(case),
        typed: Typed::Nothing,
    };
    match command {
        Command::Act { action, input, .. } => {
            if let Some(action) = procedure.action(action) {
                sight = Sight::of_act(setting, procedure, case, action, input);
            }
        }
        Command::Answer { question, yes, .. } => {
            let asked = case.questions.iter().find(|asked| asked.no == *question);
            let question =
                asked.and_then(|asked| procedure.questions.iter().find(|q| q.key == asked.question));
            if let Some(question) = question {
                let sets = if *yes {
                    &question.yes_sets
                } else {
                    &question.no_sets
                };
                let mut seen = case.clone();
                for (key, value) in sets {
                    written(setting, procedure, &mut seen, Typed::Nothing, key, value);
                }
                sight.case = Cow::Owned(seen);
            }
        }
        _ => {}
    }
    Some(sight)
}

/// Writes what an expression comes to. One that reads facts cannot be known before they are answered.
fn written(
    setting: &Setting<'_>,
    procedure: &Procedure,
    seen: &mut Case,
    typed: Typed<'_>,
    key: &str,
    value: &Expression,
) {
    if value.reads_from("facts") {
        return;
    }
    let value = Around::case(setting, procedure, seen, &NONE, typed).value(value);
    write(seen, key, value);
}

fn write(seen: &mut Case, key: &str, value: Option<FieldValue>) {
    let id = value.as_ref().and_then(FieldValue::as_id);
    match key {
        "handler" => seen.handler = id,
        "first_contact_owner" => seen.first_contact_owner = id.or(seen.first_contact_owner),
        "unit" => seen.unit = id.unwrap_or(seen.unit),
        "customer" => seen.customer = id,
        "supervised" | "urged" | "held" => {}
        field => match value {
            Some(value) => {
                seen.fields.insert(field.to_owned(), value);
            }
            None => {
                seen.fields.remove(field);
            }
        },
    }
}
