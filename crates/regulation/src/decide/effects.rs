//! What an act does to a case: fields and known keys written, stages entered, the end and what follows from it.

use super::keys::{case_value, key_of, summed};
use super::work::Work;
use super::{Followup, Refusal};
use crate::case::{Change, FieldValue, Fields};
use crate::model::{Source, Trigger};

/// Writes a value: a known key of the case, or a field. A missing value clears what may be empty.
pub(super) fn set(work: &mut Work<'_>, key: &str, value: Option<FieldValue>) {
    let id = value.as_ref().and_then(FieldValue::as_id);
    match key {
        "handler" if work.case.handler != id => work.push(Change::Handler { person: id }),
        "first_contact_owner" => {
            if id.is_some() && work.case.first_contact_owner != id {
                work.push(Change::FirstContactOwner { person: id });
            }
        }
        "unit" => {
            if let Some(unit) = id.filter(|unit| *unit != work.case.unit) {
                work.push(Change::Unit { unit });
            }
        }
        "customer" if work.case.customer != id => work.push(Change::Customer { customer: id }),
        "supervised" => {
            let on = matches!(value, Some(FieldValue::Flag(true)));
            if work.case.supervised != on {
                work.push(Change::Supervised { on });
            }
        }
        "held" => {
            let on = matches!(value, Some(FieldValue::Flag(true)));
            if work.case.held != on {
                work.push(Change::Held { on });
            }
        }
        "urged" => {
            work.push(Change::Urged);
            super::levels::urged(work);
        }
        "handler" | "customer" => {}
        field => match value {
            Some(value) if work.case.fields.get(field) == Some(&value) => {}
            Some(value) => work.push(Change::Set {
                fields: Fields::from([(field.to_owned(), value)]),
                removed: Vec::new(),
            }),
            None if work.case.fields.contains_key(field) => {
                work.push(Change::Set {
                    fields: Fields::new(),
                    removed: vec![field.to_owned()],
                });
            }
            None => {}
        },
    }
}

/// The value of a source, read with this input.
pub(super) fn source(work: &Work<'_>, source: &Source, input: super::scope::Typed<'_>) -> Option<FieldValue> {
    match source {
        Source::Actor => work.setting.actor.person.map(FieldValue::from),
        Source::Now => Some(FieldValue::Number(work.setting.now.as_millis())),
        Source::Value(expression) => work.around(input).value(expression),
    }
}

/// Enters a stage; an end stage ends the case, another one opens it again.
pub(super) fn enter(work: &mut Work<'_>, stage: &str) {
    let end = work.procedure.stage(stage).is_some_and(|known| known.end);
    work.push(Change::Stage {
        stage: stage.to_owned(),
        end,
    });
    work.fired.push(Trigger::Stage(stage.to_owned()));
    if end {
        work.fired.push(Trigger::Ended);
    }
}

/// What follows when the case has ended in this event: how long it is kept, and its parent hears of it.
pub(super) fn ended(work: &mut Work<'_>) -> Result<(), Refusal> {
    let Some(at) = work.case.ended.filter(|_| work.fired.contains(&Trigger::Ended)) else {
        return Ok(());
    };
    if let Some(retain) = &work.procedure.retain {
        let until = work.calendar().after(at, retain, &calendar::DayRule::default());
        work.push(Change::Retained { until });
    }
    for parent in work.case.parent.into_iter().chain(work.case.joint) {
        let (case, stage) = (work.case.id, work.case.stage.clone());
        work.decision
            .followups
            .push(Followup::Parent { parent, case, stage });
    }
    Ok(())
}

/// Sets a mark on the customer that the case holds, or takes one off.
pub(super) fn marks(work: &mut Work<'_>, action: &crate::model::Action) {
    if let Some(mark) = &action.marks
        && let Some(customer) = case_value(&work.case, &mark.customer).and_then(|value| value.as_id())
    {
        work.push(Change::Marked {
            mark: mark.mark.clone(),
            customer,
        });
    }
    if let Some(mark) = &action.unmarks
        && work.case.marks.iter().any(|(known, ..)| known == mark)
    {
        work.push(Change::Unmarked { mark: mark.clone() });
    }
}

/// The customer's record was merged into another: the case, what finds it and what it has claimed follow.
pub(super) fn customer_merged(work: &mut Work<'_>, customer: crate::Id) {
    if work.case.customer == Some(customer) {
        return;
    }
    let before = work.case.clone();
    work.begin(crate::case::EventKind::CustomerMerged, Fields::new());
    work.push(Change::Customer {
        customer: Some(customer),
    });
    index(work);
    super::claims::followed(work, &before);
    work.finish();
}

/// Index entries under which facts of other cases find this one, where they changed.
pub(super) fn index(work: &mut Work<'_>) {
    let procedure = work.procedure;
    for (name, fields) in &procedure.indexed {
        let key = key_of(&work.case, fields).unwrap_or_default();
        let amount = summed(name)
            .and_then(|field| work.case.fields.get(field))
            .and_then(FieldValue::as_number);
        let known = work.case.indexed.iter().find(|(known, _, _)| **known == **name);
        let same = match known {
            Some((_, old_key, old_amount)) => *old_key == key && *old_amount == amount,
            None => key.is_empty(),
        };
        if !same {
            work.push(Change::Indexed {
                name: name.as_str().into(),
                key,
                amount,
            });
        }
    }
}
