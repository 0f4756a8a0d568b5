//! Statistics of the cases received in a period (CMP-8): by procedure, by stage, and by every choice that their forms and
//! actions ask: class, cause, handling, correction, whatever the pack calls them. Beside them the pack's own figures.

use std::collections::{BTreeMap, HashSet};

use regulation::model::{Field, FieldKind, Procedure};
use regulation::{Case, FieldValue, Pack};
use serde::Serialize;
use store::{Store, StoreError};
use utoipa::ToSchema;

use super::clause_report::FigureRow;
use super::figures::{PORTION, as_it_stood, received};
use super::{Period, Reach};
use crate::http::Language;

/// The statistics of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics {
    /// The pack.
    pub pack: String,
    /// Its title.
    pub title: String,
    /// From, inclusive.
    pub from: String,
    /// To, exclusive.
    pub to: String,
    /// The time it stands at.
    pub as_of: String,
    /// Whether there are too many cases for one answer; nothing is counted then, and a shorter period is asked for.
    pub too_many: bool,
    /// The procedures with cases received in the period, in the pack's order.
    pub procedures: Vec<ProcedureStatistics>,
    /// The pack's figures over the same cases.
    pub figures: Vec<FigureRow>,
}

/// The cases of one procedure.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ProcedureStatistics {
    /// Its key.
    pub procedure: String,
    /// Its name.
    pub title: String,
    /// Received in the period; void ones are left out.
    pub received: i64,
    /// Of them ended.
    pub ended: i64,
    /// Of them with a second round or more.
    pub more_rounds: i64,
    /// Taken back as registered in error.
    pub void: i64,
    /// By stage, in the procedure's order.
    pub stages: Vec<CountOf>,
    /// By every choice that was asked.
    pub fields: Vec<FieldStatistics>,
}

/// One choice.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldStatistics {
    /// The field's key.
    pub field: String,
    /// Its label.
    pub title: String,
    /// How many chose what, in the form's order. Where several may be chosen, one case counts under each.
    pub values: Vec<CountOf>,
    /// Not filled.
    pub without: i64,
}

/// A count with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountOf {
    /// Key.
    pub key: String,
    /// Name.
    pub title: String,
    /// How many.
    pub count: i64,
}

#[derive(Default)]
struct Seen {
    received: i64,
    ended: i64,
    more_rounds: i64,
    void: i64,
    stages: BTreeMap<String, i64>,
    /// By field and option.
    chosen: BTreeMap<(String, String), i64>,
    /// By field.
    filled: BTreeMap<String, i64>,
}

impl Seen {
    fn note(&mut self, case: &Case, choices: &HashSet<&str>) {
        if case.void {
            self.void += 1;
            return;
        }
        self.received += 1;
        self.ended += i64::from(case.ended.is_some());
        self.more_rounds += i64::from(case.round > 1);
        *self.stages.entry(case.stage.clone()).or_default() += 1;
        for (field, value) in case
            .fields
            .iter()
            .filter(|(field, _)| choices.contains(field.as_str()))
        {
            let chosen = match value {
                FieldValue::List(several) => several.as_slice(),
                one => std::slice::from_ref(one),
            };
            *self.filled.entry(field.clone()).or_default() += 1;
            for one in chosen {
                if let FieldValue::Text(one) = one {
                    *self.chosen.entry((field.clone(), one.clone())).or_default() += 1;
                }
            }
        }
    }
}

/// Counts the cases received in the period, as they stood at its time. `None` when there are more than one answer replays.
pub async fn procedures(
    store: &Store,
    pack: &Pack,
    period: Period,
    reach: Reach<'_>,
    language: Language,
) -> Result<Option<Vec<ProcedureStatistics>>, StoreError> {
    let Some(records) = received(store, &pack.name, period, reach).await? else {
        return Ok(None);
    };
    let choices: BTreeMap<&str, HashSet<&str>> = pack
        .procedures
        .values()
        .map(|procedure| {
            (
                procedure.key.as_str(),
                choices_of(procedure).map(|field| field.key.as_str()).collect(),
            )
        })
        .collect();
    let (none, mut seen) = (HashSet::new(), BTreeMap::<String, Seen>::new());
    for portion in records.chunks(PORTION) {
        for case in as_it_stood(store, portion, period).await? {
            let choices = choices.get(case.procedure.as_str()).unwrap_or(&none);
            seen.entry(case.procedure.clone())
                .or_default()
                .note(&case, choices);
        }
    }
    let told = pack.procedures.values().filter_map(|procedure| {
        let seen = seen.get(&procedure.key)?;
        Some(told(procedure, seen, language))
    });
    Ok(Some(told.collect()))
}

/// The choices that a procedure asks, in the form's order and then by key. What is personal is not counted out of its case.
fn choices_of(procedure: &Procedure) -> impl Iterator<Item = &Field> {
    let form = &procedure.intake_fields;
    let others = procedure
        .fields
        .values()
        .filter(move |field| !form.iter().any(|known| known.key == field.key));
    form.iter()
        .chain(others)
        .filter(|field| !field.personal && matches!(field.kind, FieldKind::Choice(_) | FieldKind::Choices(_)))
}

fn told(procedure: &Procedure, seen: &Seen, language: Language) -> ProcedureStatistics {
    let stages = procedure.stages.iter().filter_map(|stage| {
        let count = *seen.stages.get(&stage.key)?;
        Some(CountOf {
            key: stage.key.clone(),
            title: language.say(&stage.title),
            count,
        })
    });
    ProcedureStatistics {
        procedure: procedure.key.clone(),
        title: language.say(&procedure.title),
        received: seen.received,
        ended: seen.ended,
        more_rounds: seen.more_rounds,
        void: seen.void,
        stages: stages.collect(),
        fields: choices_of(procedure)
            .filter_map(|field| choice(field, seen, language))
            .collect(),
    }
}

fn choice(field: &Field, seen: &Seen, language: Language) -> Option<FieldStatistics> {
    let (FieldKind::Choice(options) | FieldKind::Choices(options)) = &field.kind else {
        return None;
    };
    let values = options.iter().map(|(key, title)| CountOf {
        key: key.clone(),
        title: language.say(title),
        count: seen
            .chosen
            .get(&(field.key.clone(), key.clone()))
            .copied()
            .unwrap_or(0),
    });
    Some(FieldStatistics {
        field: field.key.clone(),
        title: language.say(&field.title),
        values: values.collect(),
        without: seen.received - seen.filled.get(&field.key).copied().unwrap_or(0),
    })
}
