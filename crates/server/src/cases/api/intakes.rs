//! What the caller may open, and the forms for it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::model::{Deadline, Procedure, Trigger};
use regulation::source::nearest;
use regulation::{Id, Pack, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::rights;
use crate::app::App;
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, FieldView, clause_tag, field_view, limit_words};
use crate::http::{Answer, Language, Problem, Route};
use crate::session::Caller;

/// A procedure that the caller may open by hand.
#[derive(Serialize, ToSchema)]
pub struct IntakeLine {
    /// The pack.
    pub pack: String,
    /// The procedure's key.
    pub procedure: String,
    /// As people say it.
    pub title: String,
    /// The clause of the intake.
    pub clause: Option<ClauseTag>,
    /// Whether a customer stands behind it.
    pub customer: bool,
}

/// Packs in force where the caller works, each once.
fn packs_of(around: &Surroundings, caller: &Caller) -> Vec<(Id, Arc<Pack>)> {
    let mut packs: Vec<(Id, Arc<Pack>)> = Vec::new();
    for holding in &caller.actor.holdings {
        for pack in around.packs.all_for(&around.picture, holding.unit) {
            if !packs.iter().any(|(_, known)| known.name == pack.name) {
                packs.push((holding.unit, pack));
            }
        }
    }
    packs
}

/// Procedures that the caller may open by hand.
#[utoipa::path(get, path = "/api/intakes", tag = "cases", responses((status = 200, body = Vec<IntakeLine>), Problem))]
pub async fn intakes(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<IntakeLine>>> {
    let around = app.centre.surroundings();
    let mut lines = Vec::new();
    for (unit, pack) in packs_of(&around, &caller) {
        let setting = app.centre.setting_for(&around, &pack, &caller.actor);
        let procedures = pack
            .procedures
            .values()
            .filter(|procedure| rights::may_open(&setting, procedure, unit));
        for procedure in procedures {
            let line = IntakeLine {
                pack: pack.name.to_string(),
                procedure: procedure.key.clone(),
                title: caller.language.say(&procedure.title),
                clause: procedure
                    .intake_clause
                    .as_ref()
                    .map(|clause| clause_tag(&around.packs, clause, caller.language)),
                customer: procedure.customer,
            };
            let known = lines
                .iter()
                .position(|known: &IntakeLine| known.procedure == line.procedure);
            // A pack in force hides what it takes over from a pack it uses: the pack that states it shows it.
            match known {
                Some(at) if *procedure.stated_in == *pack.name => lines[at] = line,
                Some(_) => {}
                None => lines.push(line),
            }
        }
    }
    Ok(Json(lines))
}

/// An intake form.
#[derive(Serialize, ToSchema)]
pub struct Intake {
    /// The pack.
    pub pack: String,
    /// The procedure's key.
    pub procedure: String,
    /// As people say it.
    pub title: String,
    /// The form's title.
    pub form_title: String,
    /// Its fields in the paper's order.
    pub fields: Vec<FieldView>,
    /// Clocks that start when the case is opened.
    pub clocks: Vec<StartingClock>,
    /// Whether a customer stands behind it.
    pub customer: bool,
}

/// A clock that will start.
#[derive(Serialize, ToSchema)]
pub struct StartingClock {
    /// The deadline's key.
    pub deadline: String,
    /// Its name.
    pub title: String,
    /// The clause.
    pub clause: ClauseTag,
    /// The limit in words.
    pub limit: String,
    /// When it would be due.
    pub due_at: Option<String>,
}

pub(super) fn starting(around: &Surroundings, deadline: &Deadline, language: Language) -> StartingClock {
    StartingClock {
        deadline: deadline.key.clone(),
        title: language.say(&deadline.title),
        clause: clause_tag(&around.packs, &deadline.clause, language),
        limit: limit_words(deadline, language),
        due_at: None,
    }
}

pub(super) fn procedure_of(
    around: &Surroundings,
    caller: &Caller,
    pack: &str,
    procedure: &str,
) -> Answer<(Id, Arc<Pack>, Arc<Procedure>)> {
    let missing = || Problem::not_found("这种事项", "kind of case");
    let (unit, pack) = packs_of(around, caller)
        .into_iter()
        .find(|(_, known)| &*known.name == pack)
        .ok_or_else(missing)?;
    match pack.procedure(procedure) {
        Some(found) => Ok((unit, pack.clone(), found.clone())),
        None => Err(Problem::from(Refusal::Unknown {
            name: procedure.to_owned(),
            nearest: nearest(procedure, pack.procedures.keys().map(String::as_str)).map(str::to_owned),
        })),
    }
}

/// The intake form of a procedure.
#[utoipa::path(get, path = "/api/intakes/{pack}/{procedure}", tag = "cases",
    params(("pack" = String, Path, description = "The pack"), ("procedure" = String, Path, description = "The procedure")),
    responses((status = 200, body = Intake), Problem))]
pub async fn intake(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((pack, procedure)): Route<(String, String)>,
) -> Answer<Json<Intake>> {
    let around = app.centre.surroundings();
    let (_, pack, procedure) = procedure_of(&around, &caller, &pack, &procedure)?;
    let form = procedure.intake.as_ref().and_then(|form| pack.forms.get(form));
    let first = procedure.stages.first().map(|stage| stage.key.as_str());
    let clocks = procedure
        .deadlines
        .iter()
        .filter(|deadline| match &deadline.from {
            Trigger::Received => true,
            Trigger::Stage(stage) => Some(stage.as_str()) == first,
            _ => false,
        });
    Ok(Json(Intake {
        pack: pack.name.to_string(),
        procedure: procedure.key.clone(),
        title: caller.language.say(&procedure.title),
        form_title: caller
            .language
            .say(form.map_or(&procedure.title, |form| &form.title)),
        fields: procedure
            .intake_fields
            .iter()
            .map(|field| field_view(field, caller.language))
            .collect(),
        clocks: clocks
            .map(|deadline| starting(&around, deadline, caller.language))
            .collect(),
        customer: procedure.customer,
    }))
}
