//! `/api/cases/{id}/presence`: who else has a case open now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use super::presence::Looking;
use crate::app::App;
use crate::cases::api::reachable;
use crate::http::wire::read_id as id;
use crate::http::{Answer, Body, Problem, Route};
use crate::organisation::Picture;
use crate::session::Caller;

/// Who has a case open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Present {
    /// The case.
    pub case: String,
    /// Everybody else who has it open now, each once, on whatever node.
    pub people: Vec<PersonPresent>,
}

/// Somebody who has a case open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonPresent {
    /// Who.
    pub person: String,
    /// Their name.
    pub name: String,
    /// The action whose form they are filling in.
    pub typing: Option<String>,
}

/// What a screen shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceShown {
    /// The screen's own event stream, as its event `here` named it.
    pub connection: String,
    /// The action whose form is being filled in.
    pub typing: Option<String>,
}

// $1 the case
const REACH: &str =
    "SELECT unit, owning_unit, handler, first_contact_owner, registrar FROM cases WHERE id = $1";

/// Whether a person may see a case, as the tables show it.
pub(super) async fn may_see(app: &App, person: Id, case: Id) -> Result<bool, StoreError> {
    let rows = app.centre.store.query(REACH, &[case.0.into()]).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let picture = app.centre.surroundings().picture;
    let actor = picture.actor(person, calendar::Moment::from_millis(app.centre.store.now()));
    let mine = [row.opt_int(2)?, row.opt_int(3)?, row.opt_int(4)?].contains(&Some(person.0));
    Ok(mine || picture.reaches(&actor, Id(row.int(0)?)) || picture.reaches(&actor, Id(row.int(1)?)))
}

/// Everybody but this person.
pub(super) fn others(app: &App, picture: &Picture, person: Id, case: Id) -> Present {
    let there = app.live.presence.at(case, app.centre.store.now());
    let people = there.into_iter().filter(|(there, _)| *there != person);
    Present {
        case: case.to_string(),
        people: people
            .map(|(person, typing)| PersonPresent {
                person: person.to_string(),
                name: picture.person_name(Some(person)).unwrap_or_default().to_owned(),
                typing,
            })
            .collect(),
    }
}

/// Who else has a case open now. Whoever has it open hears of changes by the event `present` of `/api/live`.
#[utoipa::path(get, path = "/api/cases/{id}/presence", tag = "live", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Present), Problem))]
pub async fn presence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<Present>> {
    let case = id("id", &text)?;
    let (around, ..) = reachable(&app, &caller, case).await?;
    Ok(Json(others(&app, &around.picture, caller.person, case)))
}

/// Say that one's screen shows this case, and what is being filled in. It stands until the screen shows another case, leaves,
/// or its event stream ends; nothing of it is kept.
#[utoipa::path(put, path = "/api/cases/{id}/presence", tag = "live", request_body = PresenceShown,
    params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Present), Problem))]
pub async fn show_presence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(shown): Body<PresenceShown>,
) -> Answer<Json<Present>> {
    let case = id("id", &text)?;
    let (around, _, _, procedure) = reachable(&app, &caller, case).await?;
    let connection = id("connection", &shown.connection)?;
    if let Some(action) = &shown.typing
        && procedure.action(action).is_none()
    {
        let say = Said::new("这个事项没有这个动作。", "This case has no such action.");
        return Err(Problem::input(vec![("typing".to_owned(), say)]));
    }
    let looking = Looking {
        person: caller.person,
        case: Some(case),
        typing: shown.typing,
    };
    app.live.presence.shows(connection.0, looking);
    Ok(Json(others(&app, &around.picture, caller.person, case)))
}

/// Say that one's screen shows this case no longer.
#[utoipa::path(delete, path = "/api/cases/{id}/presence/{connection}", tag = "live",
    params(("id" = String, Path, description = "The case"), ("connection" = String, Path, description = "The screen's event stream")),
    responses((status = 204), Problem))]
pub async fn end_presence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, connection)): Route<(String, String)>,
) -> Answer<StatusCode> {
    let case = id("id", &text)?;
    let connection = id("connection", &connection)?;
    app.live.presence.leaves(connection.0, caller.person, case);
    Ok(StatusCode::NO_CONTENT)
}
