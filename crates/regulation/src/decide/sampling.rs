//! Draws over ended cases, and what the engine types when it opens a case by itself.

use std::collections::BTreeMap;

use super::needs::queries;
use super::open::provisional;
use super::scope::{Around, Truth, Typed};
use super::sight::Sight;
use super::{FactQuery, Facts, Opened, Setting, itself};
use crate::Id;
use crate::case::{Case, FieldValue, Fields};
use crate::model::{Obligation, Sample, Source};

static NO_FACTS: BTreeMap<String, FieldValue> = BTreeMap::new();

/// The field in which a case opened by a draw or a duty has its due time.
pub const DUE: &str = "due";
/// The field in which a case opened by a duty names its turn.
pub const TURN: &str = "turn";

/// What is known of a case that a draw opens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// Responsible unit, if the sample says one.
    pub unit: Option<Id>,
    /// The customer: that of the drawn case unless the sample says another.
    pub customer: Option<Id>,
    /// What is typed, the due time with it.
    pub input: Fields,
}

/// Whether a case belongs to the population of a sample: ended, neither void nor merged, and the condition holds.
pub fn in_population(setting: &Setting<'_>, sample: &Sample, case: &Case) -> bool {
    let Some(procedure) = setting.pack.procedure(&case.procedure) else {
        return false;
    };
    let around = Around::case(setting, procedure, case, &NO_FACTS, Typed::Nothing);
    case.ended.is_some() && !case.void && case.merged.is_none() && around.truth(&sample.of) == Truth::Yes
}

/// What the case opened for a drawn one begins with.
pub fn drawn(setting: &Setting<'_>, sample: &Sample, case: &Case) -> Drawn {
    let mut drawn = Drawn {
        unit: Some(case.unit),
        customer: case.customer,
        input: Fields::new(),
    };
    let Some(procedure) = setting.pack.procedure(&case.procedure) else {
        return drawn;
    };
    let around = Around::case(setting, procedure, case, &NO_FACTS, Typed::Nothing);
    for (key, source) in &sample.opens.fields {
        let value = match source {
            Source::Actor => setting.actor.person.map(FieldValue::from),
            Source::Now => Some(FieldValue::Number(setting.now.as_millis())),
            Source::Value(expression) => around.value(expression),
        };
        let id = value.as_ref().and_then(FieldValue::as_id);
        match (key.as_str(), value) {
            ("unit", _) => drawn.unit = id.or(drawn.unit),
            ("customer", _) => drawn.customer = id,
            (_, Some(value)) => {
                drawn.input.insert(key.clone(), value);
            }
            (_, None) => {}
        }
    }
    let calendar = setting.organisation.calendar(setting.pack, drawn.unit);
    let due = calendar.due(case.ended.unwrap_or(setting.now), &sample.within, &sample.day);
    drawn
        .input
        .insert(DUE.to_owned(), FieldValue::Number(due.at.as_millis()));
    drawn
}

/// What must be asked of other records to know whether a duty is due at once in this unit (STK-9).
pub fn duty_asks(setting: &Setting<'_>, duty: &Obligation, unit: Id) -> Vec<FactQuery> {
    let opened = Opened {
        unit: Some(unit),
        owning_unit: Some(unit),
        ..Opened::default()
    };
    let turn = setting.pack.procedure(&duty.procedure).and_then(|procedure| {
        Some((
            procedure,
            provisional(setting, procedure, &opened, &Fields::new())?,
        ))
    });
    match (turn, &duty.or_when) {
        (Some((procedure, case)), Some(condition)) => {
            let sight = Sight {
                procedure,
                case: std::borrow::Cow::Owned(case),
                typed: Typed::Nothing,
            };
            // The turn does not exist yet and may never: the other records alone say whether it is due.
            let mut asked: Vec<FactQuery> = Vec::new();
            for mut query in queries(setting, &sight, &vec![condition]) {
                query.id = itself::fact_of(&query).to_owned();
                if asked.iter().all(|known| known.id != query.id) {
                    asked.push(query);
                }
            }
            asked
        }
        _ => Vec::new(),
    }
}

/// Whether a duty is due at once in this unit, before its turn's own time.
pub fn duty_is_due(setting: &Setting<'_>, duty: &Obligation, unit: Id, facts: &Facts) -> bool {
    match (setting.pack.procedure(&duty.procedure), &duty.or_when) {
        (Some(procedure), Some(condition)) => {
            let around = Around::new(
                setting,
                procedure,
                None,
                Some(unit),
                &facts.values,
                Typed::Nothing,
            );
            around.truth(condition) == Truth::Yes
        }
        _ => false,
    }
}
