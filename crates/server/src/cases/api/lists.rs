//! Lists of cases: the queue, all cases, call-backs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::board::Standing;
use super::super::query::{self, CaseLine, Cursor, Filter, Tab};
use super::id;
use crate::app::App;
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Params, Problem};
use crate::session::Caller;

/// Which list of the queue.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueParams {
    /// `mine`, `first_contact` or `done`.
    #[serde(default)]
    #[param(inline)]
    pub tab: Tab,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200.
    pub limit: Option<u32>,
}

/// The queue.
#[derive(Serialize, ToSchema)]
pub struct Queue {
    /// Rows.
    pub items: Vec<CaseLine>,
    /// Where to go on.
    pub next: Option<String>,
    /// How many each list has, exact to 10,000.
    pub counts: Counts,
}

/// How many each list has.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    /// To be done.
    pub mine: i64,
    /// Followed as first-contact owner.
    pub first_contact: i64,
    /// Ended.
    pub done: i64,
}

/// The caller's queue, nearest deadline first.
#[utoipa::path(get, path = "/api/queue", tag = "cases", params(QueueParams),
    responses((status = 200, body = Queue), Problem))]
pub async fn queue(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<QueueParams>,
) -> Answer<Json<Queue>> {
    let around = app.centre.surroundings();
    let store = &app.centre.store;
    let paging = Paging {
        after: params.after,
        limit: params.limit,
    };
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::tab(
        store,
        &around,
        caller.person,
        params.tab,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    let counts = Counts {
        mine: query::count(store, caller.person, Tab::Mine).await?,
        first_contact: query::count(store, caller.person, Tab::FirstContact).await?,
        done: query::count(store, caller.person, Tab::Done).await?,
    };
    Ok(Json(Queue { items, next, counts }))
}

/// What restricts the list of all cases.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CasesParams {
    /// Only open ones (`true`) or only ended ones (`false`).
    pub open: Option<bool>,
    /// Only of this procedure.
    pub procedure: Option<String>,
    /// Only of this unit.
    pub unit: Option<String>,
    /// In number, subject or customer's name.
    pub q: Option<String>,
    /// Only those that stand so: `late`, `soon`, `supervised`, `unassigned`.
    #[param(inline)]
    pub standing: Option<Standing>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200.
    pub limit: Option<u32>,
}

/// All cases within the caller's reach.
#[utoipa::path(get, path = "/api/cases", tag = "cases", params(CasesParams),
    responses((status = 200, body = Page<CaseLine>), Problem))]
pub async fn cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<CasesParams>,
) -> Answer<Json<Page<CaseLine>>> {
    let around = app.centre.surroundings();
    let unit = params
        .unit
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(|text| id("unit", text))
        .transpose()?;
    let filter = Filter {
        open: params.open,
        procedure: params.procedure.unwrap_or_default(),
        unit,
        text: params.q.unwrap_or_default(),
        standing: params.standing,
    };
    let paging = Paging {
        after: params.after,
        limit: params.limit,
    };
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::all(
        &app.centre.store,
        &around,
        caller.person,
        &filter,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    Ok(Json(Page { items, next }))
}

/// Cases whose call-back is due.
#[utoipa::path(get, path = "/api/call-backs", tag = "cases", params(Paging),
    responses((status = 200, body = Page<CaseLine>), Problem))]
pub async fn call_backs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<CaseLine>>> {
    let around = app.centre.surroundings();
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::call_backs(
        &app.centre.store,
        &around,
        caller.person,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    Ok(Json(Page { items, next }))
}
