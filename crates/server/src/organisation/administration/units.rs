//! `/api/units`: make, rename, move, close.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{key, text, version};
use crate::app::App;
use crate::http::wire::read_id;
use crate::http::{Answer, Body, Problem, Route};
use crate::organisation::{Terms, UnitRecord, close_unit, set_unit_under};
use crate::permission::Permission;
use crate::session::Caller;

/// A unit as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitChange {
    /// Key for imports: letters, digits, `_`, `-`.
    pub key: String,
    /// As people call it.
    pub name: String,
    /// The unit above it; none only for the topmost.
    pub parent: Option<String>,
    /// Which of a pack's calendars it keeps; `default` unless said.
    pub calendar: Option<String>,
    /// The version that was looked at; wanted for a change, not for a new unit.
    pub seen: Option<i64>,
}

/// A unit as its administrator sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitDetail {
    /// Id.
    pub id: String,
    /// Key for imports.
    pub key: String,
    /// Name.
    pub name: String,
    /// The unit above it.
    pub parent: Option<String>,
    /// Which of a pack's calendars it keeps.
    pub calendar: String,
    /// Since when it is closed.
    pub closed_at: Option<String>,
    /// Version, to be sent back with a change as `seen`.
    pub version: i64,
}

/// A record's version, as it was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The version.
    pub seen: i64,
}

async fn shown(app: &App, unit: Id) -> Answer<UnitDetail> {
    let picture = app.centre.surroundings().picture;
    let known = picture
        .units
        .get(&unit)
        .ok_or_else(|| Problem::not_found("这个部门", "unit"))?;
    Ok(UnitDetail {
        id: unit.to_string(),
        key: known.key.clone(),
        name: known.name.clone(),
        parent: known.parent.map(|parent| parent.to_string()),
        calendar: known.calendar.clone(),
        closed_at: known.closed.map(|at| at.to_string()),
        version: version(&app.centre.store, unit).await?,
    })
}

/// Whoever may manage units, over the unit and over the one it is to lie below. A topmost unit is made by whoever may
/// manage a topmost one.
fn may(app: &App, caller: &Caller, unit: Option<Id>, parent: Option<Id>) -> Answer<()> {
    caller.need(app, Permission::ManageUnits)?;
    let picture = app.centre.surroundings().picture;
    let over = |unit: Id| Permission::ManageUnits.over(&caller.actor, picture.as_ref(), unit);
    let missing = || Problem::not_found("这个部门", "unit");
    if unit.is_some_and(|unit| !picture.units.contains_key(&unit) || !over(unit)) {
        return Err(missing());
    }
    match parent {
        Some(parent) => {
            let known = picture
                .units
                .get(&parent)
                .filter(|_| over(parent))
                .ok_or_else(missing)?;
            // What already lies below a closed unit may stay there.
            let moves =
                unit.is_none_or(|unit| picture.units.get(&unit).and_then(|unit| unit.parent) != Some(parent));
            if known.closed.is_some() && moves {
                return Err(crate::organisation::ChangeError::Closed(parent).into());
            }
        }
        None => {
            let top = |unit: &Id| picture.units.get(unit).is_some_and(|unit| unit.parent.is_none());
            let stays = unit.is_some_and(|unit| top(&unit));
            if !stays && !picture.units.keys().any(|unit| top(unit) && over(*unit)) {
                return Err(missing());
            }
        }
    }
    Ok(())
}

async fn put(app: &App, caller: &Caller, unit: Option<Id>, change: &UnitChange) -> Answer<Id> {
    let parent = change
        .parent
        .as_deref()
        .map(|text| read_id("parent", text))
        .transpose()?;
    may(app, caller, unit, parent)?;
    let wanted = UnitRecord {
        key: key("key", &change.key)?,
        name: text("name", &change.name, 100)?,
        parent,
        calendar: key("calendar", change.calendar.as_deref().unwrap_or("default"))?,
    };
    let id = unit.unwrap_or_else(|| Id(app.centre.store.new_id()));
    let subject = format!("unit:{id}");
    let terms = Terms {
        seen: change.seen,
        access: Some(caller.access(
            if unit.is_some() {
                "unit_changed"
            } else {
                "unit_made"
            },
            &subject,
        )),
    };
    let made = set_unit_under(&app.centre.store, Some(caller.person), Some(id), &wanted, &terms).await?;
    app.centre.refresh().await?;
    Ok(made)
}

/// Make a unit.
#[utoipa::path(post, path = "/api/units", tag = "organisation", request_body = UnitChange,
    responses((status = 201, body = UnitDetail), Problem))]
pub async fn make_unit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(change): Body<UnitChange>,
) -> Answer<(StatusCode, Json<UnitDetail>)> {
    let made = put(&app, &caller, None, &change).await?;
    Ok((StatusCode::CREATED, Json(shown(&app, made).await?)))
}

/// A unit, for whoever manages units.
#[utoipa::path(get, path = "/api/units/{unit}", tag = "organisation",
    params(("unit" = String, Path, description = "The unit")), responses((status = 200, body = UnitDetail), Problem))]
pub async fn unit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<UnitDetail>> {
    let unit = read_id("unit", &text)?;
    caller.need(&app, Permission::ManageUnits)?;
    shown(&app, unit).await.map(Json)
}

/// Rename or move a unit, or give it another calendar. Whose functions reach what follows at once.
#[utoipa::path(put, path = "/api/units/{unit}", tag = "organisation", request_body = UnitChange,
    params(("unit" = String, Path, description = "The unit")), responses((status = 200, body = UnitDetail), Problem))]
pub async fn change_unit_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(change): Body<UnitChange>,
) -> Answer<Json<UnitDetail>> {
    let unit = read_id("unit", &text)?;
    let changed = put(&app, &caller, Some(unit), &change).await?;
    shown(&app, changed).await.map(Json)
}

async fn set_closed(
    app: &App,
    caller: &Caller,
    text: &str,
    seen: Seen,
    closed: bool,
) -> Answer<Json<UnitDetail>> {
    let unit = read_id("unit", text)?;
    caller.need(app, Permission::ManageUnits)?;
    let picture = app.centre.surroundings().picture;
    if !picture.units.contains_key(&unit)
        || !Permission::ManageUnits.over(&caller.actor, picture.as_ref(), unit)
    {
        return Err(Problem::not_found("这个部门", "unit"));
    }
    let subject = format!("unit:{unit}");
    let terms = Terms {
        seen: Some(seen.seen),
        access: Some(caller.access(if closed { "unit_closed" } else { "unit_reopened" }, &subject)),
    };
    close_unit(&app.centre.store, Some(caller.person), unit, closed, &terms).await?;
    app.centre.refresh().await?;
    shown(app, unit).await.map(Json)
}

/// Close a unit in which nothing happens any more. It stays in every record that names it.
#[utoipa::path(post, path = "/api/units/{unit}/close", tag = "organisation", request_body = Seen,
    params(("unit" = String, Path, description = "The unit")), responses((status = 200, body = UnitDetail), Problem))]
pub async fn close_a_unit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(seen): Body<Seen>,
) -> Answer<Json<UnitDetail>> {
    set_closed(&app, &caller, &text, seen, true).await
}

/// Open a closed unit again.
#[utoipa::path(post, path = "/api/units/{unit}/reopen", tag = "organisation", request_body = Seen,
    params(("unit" = String, Path, description = "The unit")), responses((status = 200, body = UnitDetail), Problem))]
pub async fn reopen_unit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(seen): Body<Seen>,
) -> Answer<Json<UnitDetail>> {
    set_closed(&app, &caller, &text, seen, false).await
}
