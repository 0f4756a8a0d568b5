//! `/api/units` and `/api/people`: what pickers choose from.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::{Id, Organisation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Held, Picture};
use crate::app::App;
use crate::http::{Answer, Params, Problem};
use crate::session::Caller;

/// A unit.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The unit above it.
    pub parent: Option<String>,
}

/// A person in a list.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonLine {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where their first function is held.
    pub unit_name: Option<String>,
    /// Functions held now, as people say them.
    pub functions: Vec<String>,
}

/// Which people.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// Only who holds something in this unit or below it.
    pub unit: Option<String>,
    /// Only who holds this function, by key.
    pub function: Option<String>,
}

/// All units, the upper ones first.
#[utoipa::path(get, path = "/api/units", tag = "organisation", responses((status = 200, body = Vec<UnitView>), Problem))]
pub async fn units(State(app): State<Arc<App>>, _caller: Caller) -> Answer<Json<Vec<UnitView>>> {
    let picture = app.centre.surroundings().picture;
    let mut units: Vec<_> = picture.units.values().collect();
    units.sort_by_key(|unit| (depth(&picture, unit.id), unit.id));
    let view = |unit: &super::Unit| UnitView {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        parent: unit.parent.map(|parent| parent.to_string()),
    };
    Ok(Json(units.into_iter().map(view).collect()))
}

fn depth(picture: &Picture, unit: Id) -> usize {
    let above = |unit: &Id| picture.units.get(unit).and_then(|unit| unit.parent);
    std::iter::successors(Some(unit), above)
        .take(picture.units.len())
        .count()
}

/// Active people with the functions they hold now.
#[utoipa::path(get, path = "/api/people", tag = "organisation", params(Whom),
    responses((status = 200, body = Vec<PersonLine>), Problem))]
pub async fn people(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(whom): Params<Whom>,
) -> Answer<Json<Vec<PersonLine>>> {
    let around = app.centre.surroundings();
    let picture = &around.picture;
    let now = Moment::from_millis(app.centre.store.now());
    let unit = match whom.unit.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let known = text
                .parse()
                .map(Id)
                .ok()
                .filter(|unit| picture.units.contains_key(unit));
            Some(known.ok_or_else(|| Problem::not_found("这个部门", "unit"))?)
        }
    };
    let function = whom.function.as_deref().filter(|text| !text.is_empty());
    let wanted = |held: &Held| {
        unit.is_none_or(|unit| picture.within(held.unit, unit))
            && function.is_none_or(|function| held.function == function)
    };
    let mut people: Vec<_> = picture.people.values().filter(|person| person.active).collect();
    people.sort_by_key(|person| person.id);
    let mut lines = Vec::new();
    for person in people {
        let held: Vec<_> = person
            .held
            .iter()
            .filter(|held| held.since <= now && now < held.until)
            .collect();
        if (unit.is_some() || function.is_some()) && !held.iter().any(|held| wanted(held)) {
            continue;
        }
        let mut functions: Vec<String> = Vec::new();
        for held in &held {
            let title = around.packs.function(&held.function);
            let title = title.map_or_else(
                || held.function.clone(),
                |known| caller.language.say(&known.title),
            );
            if !functions.contains(&title) {
                functions.push(title);
            }
        }
        lines.push(PersonLine {
            id: person.id.to_string(),
            name: person.name.clone(),
            unit_name: held.first().map(|held| picture.unit_name(held.unit).to_owned()),
            functions,
        });
    }
    Ok(Json(lines))
}
