//! `/api/board`: a supervisor's view of what is open.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::board::{self, Load, Loads, Restricted, Standing, Waiting};
use super::super::query::{CaseLine, Cursor};
use super::id;
use crate::app::App;
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Params, Problem, Route};
use crate::session::Caller;

/// How many rows each column shows at first.
const FIRST: i64 = 30;

/// What restricts the board.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BoardParams {
    /// Only this unit and what lies below it.
    pub unit: Option<String>,
    /// Only of this procedure.
    pub procedure: Option<String>,
    /// The `next` of the page before; for one column only.
    pub after: Option<String>,
    /// How many rows, 1 to 200; for one column only.
    pub limit: Option<u32>,
}

/// The board.
#[derive(Serialize, ToSchema)]
pub struct Board {
    /// How much is open altogether.
    pub all: Load,
    /// Late, the longest first.
    pub late: Page<CaseLine>,
    /// Due within two hours.
    pub soon: Page<CaseLine>,
    /// Under supervision.
    pub supervised: Page<CaseLine>,
    /// Without a handler.
    pub unassigned: Page<CaseLine>,
    /// Questions that wait for the caller's answer, the oldest first.
    pub questions: Vec<Waiting>,
    /// By department, the most late first.
    pub units: Vec<UnitLoad>,
    /// By handler, the most late first.
    pub people: Vec<PersonLoad>,
}

/// What a department carries.
#[derive(Serialize, ToSchema)]
pub struct UnitLoad {
    /// The unit.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// What it carries.
    #[serde(flatten)]
    pub load: Load,
}

/// What a person carries.
#[derive(Serialize, ToSchema)]
pub struct PersonLoad {
    /// The person.
    pub person: String,
    /// Their name.
    pub name: String,
    /// What they carry.
    #[serde(flatten)]
    pub load: Load,
}

fn restricted(params: &BoardParams) -> Answer<Restricted> {
    let unit = params
        .unit
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(|text| id("unit", text))
        .transpose()?;
    Ok(Restricted {
        unit,
        procedure: params.procedure.clone().unwrap_or_default(),
    })
}

async fn column(
    app: &App,
    caller: &Caller,
    which: Standing,
    restricted: &Restricted,
    cursor: Cursor,
    limit: i64,
) -> Answer<Page<CaseLine>> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let (items, next) = board::column(
        store,
        &around,
        caller.person,
        which,
        restricted,
        (cursor, limit),
        caller.language,
    )
    .await?;
    Ok(Page { items, next })
}

/// What is open within the caller's reach, as a supervisor looks at it.
#[utoipa::path(get, path = "/api/board", tag = "cases", params(BoardParams),
    responses((status = 200, body = Board), Problem))]
pub async fn board(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<BoardParams>,
) -> Answer<Json<Board>> {
    let restricted = restricted(&params)?;
    let first = |which| column(&app, &caller, which, &restricted, Cursor::START, FIRST);
    let (late, soon) = (first(Standing::Late).await?, first(Standing::Soon).await?);
    let (supervised, unassigned) = (
        first(Standing::Supervised).await?,
        first(Standing::Unassigned).await?,
    );
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let questions = board::questions(store, &around, caller.person, caller.language).await?;
    let Loads { all, units, people } = board::loads(store, caller.person, &restricted).await?;
    Ok(Json(Board {
        all,
        late,
        soon,
        supervised,
        unassigned,
        questions,
        units: units
            .into_iter()
            .map(|(unit, load)| UnitLoad {
                unit: unit.to_string(),
                name: around.picture.unit_name(unit).to_owned(),
                load,
            })
            .collect(),
        people: people
            .into_iter()
            .map(|(person, load)| PersonLoad {
                person: person.to_string(),
                name: around
                    .picture
                    .person_name(Some(person))
                    .unwrap_or_default()
                    .to_owned(),
                load,
            })
            .collect(),
    }))
}

/// One column of the board, page by page.
#[utoipa::path(get, path = "/api/board/{column}", tag = "cases",
    params(("column" = String, Path, description = "`late`, `soon`, `supervised` or `unassigned`"), BoardParams),
    responses((status = 200, body = Page<CaseLine>), Problem))]
pub async fn board_column(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(which): Route<Standing>,
    Params(params): Params<BoardParams>,
) -> Answer<Json<Page<CaseLine>>> {
    let restricted = restricted(&params)?;
    let cursor = Cursor::read(params.after.as_deref())?;
    let paging = Paging {
        after: None,
        limit: params.limit,
    };
    column(&app, &caller, which, &restricted, cursor, paging.rows())
        .await
        .map(Json)
}
