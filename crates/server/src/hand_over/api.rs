//! `/api/hand-overs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::run::left;
use super::{HandOver, begin, go_on, load};
use crate::app::App;
use crate::http::wire::{Page, read_id};
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::organisation::check_person;
use crate::organisation::reach::need_over_person;
use crate::permission::Permission;
use crate::session::Caller;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(hand_over_work))
        .routes(routes!(hand_over))
        .routes(routes!(go_on_with_hand_over))
        .routes(routes!(hand_over_cases))
}

const COUNTS: &str = "SELECT state, COUNT(*) FROM hand_over_cases WHERE hand_over = $1 GROUP BY state";
const CASES: &str = "SELECT h.case_id, c.number, h.state, h.said_zh, h.said_en FROM hand_over_cases h \
     JOIN cases c ON c.id = h.case_id WHERE h.hand_over = $1 AND h.case_id > $2 ORDER BY h.case_id LIMIT $3";

/// Everything a leaver had, to be handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandOver {
    /// Who leaves.
    pub leaver: String,
    /// Who takes over.
    pub successor: String,
    /// Why; it stands in every case.
    pub reason: String,
    /// Whether the leaver's functions go to the successor (but for administrations); else they only end.
    #[serde(default)]
    pub with_functions: bool,
}

/// How far a handing over is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverView {
    /// Its number.
    pub id: String,
    /// Who leaves.
    pub leaver_name: String,
    /// Who takes over.
    pub successor_name: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub begun_at: String,
    /// When it was finished: the leaver is deactivated.
    pub ended_at: Option<String>,
    /// Cases not yet gone through: go on.
    pub waiting: i64,
    /// Cases handed over.
    pub done: i64,
    /// Cases where the regulation refused: each says why.
    pub refused: i64,
}

/// What became of one case.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverCase {
    /// The case.
    pub case: String,
    /// Its number.
    pub number: String,
    /// `waiting`, `done` or `refused`.
    pub state: String,
    /// Why refused.
    pub reason: Option<String>,
}

/// How the list is paged.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FromCase {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

async fn shown(app: &App, work: &HandOver) -> Answer<HandOverView> {
    let picture = app.centre.surroundings().picture;
    let name = |person: Id| picture.person_name(Some(person)).unwrap_or_default().to_owned();
    let (mut waiting, mut done, mut refused) = (0, 0, 0);
    for row in app.centre.store.query(COUNTS, &[work.id.0.into()]).await? {
        let count = row.int(1)?;
        match row.text(0)? {
            "done" => done = count,
            "refused" => refused = count,
            _ => waiting += count,
        }
    }
    Ok(HandOverView {
        id: work.id.to_string(),
        leaver_name: name(work.leaver),
        successor_name: name(work.successor),
        reason: work.reason.clone(),
        begun_at: work.begun.to_string(),
        ended_at: work.ended.map(|at| at.to_string()),
        waiting,
        done,
        refused,
    })
}

/// Refuses who may not hand this person's work over, or grant what goes with it.
fn may(app: &App, caller: &Caller, leaver: Id, with_functions: bool) -> Answer<()> {
    need_over_person(app, caller, Permission::HandOverWork, leaver)?;
    if with_functions {
        need_over_person(app, caller, Permission::GrantFunctions, leaver)?;
    }
    Ok(())
}

async fn found(app: &App, caller: &Caller, text: &str) -> Answer<HandOver> {
    let id = read_id("hand_over", text)?;
    caller.need(app, Permission::HandOverWork)?;
    let missing = || Problem::not_found("这次移交", "handing over");
    let work = load(&app.centre.store, id).await?.ok_or_else(missing)?;
    // Who has left holds nothing any more: then it is shown to whoever began it, and to who may over the successor.
    let over = may(
        app,
        caller,
        work.leaver,
        work.with_functions && work.ended.is_none(),
    );
    if over.is_err() && work.made_by != caller.person {
        return Err(missing());
    }
    Ok(work)
}

/// Hand over everything a leaver had, in one act. Up to 200 cases are gone through at once; where more wait, go on.
#[utoipa::path(post, path = "/api/hand-overs", tag = "hand-overs", request_body = NewHandOver,
    responses((status = 201, body = HandOverView), Problem))]
pub async fn hand_over_work(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewHandOver>,
) -> Answer<(StatusCode, Json<HandOverView>)> {
    caller.need(&app, Permission::HandOverWork)?;
    let leaver = read_id("leaver", &new.leaver)?;
    let successor = read_id("successor", &new.successor)?;
    may(&app, &caller, leaver, new.with_functions)?;
    let picture = app.centre.surroundings().picture;
    let reason = new.reason.trim();
    let mut problems = Vec::new();
    if reason.is_empty() || reason.chars().count() > 500 {
        problems.push((
            "reason".to_owned(),
            Said::new("原因要写1到500个字", "a reason has 1 to 500 characters"),
        ));
    }
    let stays = picture.people.get(&successor).is_some_and(|person| person.active);
    if successor == leaver || !stays {
        problems.push((
            "successor".to_owned(),
            Said::new(
                "接手人须是另一个在职人员",
                "the successor is somebody else, and active",
            ),
        ));
    }
    if !problems.is_empty() {
        return Err(Problem::input(problems));
    }
    let now = caller.now(&app);
    let Some(person) = picture.people.get(&leaver) else {
        return Err(Problem::not_found("这个人", "person"));
    };
    // What would be refused at the end is refused now, before anything has moved.
    check_person(&app.centre.store, Some(caller.person), leaver, &left(person, now)).await?;
    let work = HandOver {
        id: Id(app.centre.store.new_id()),
        leaver,
        successor,
        reason: reason.to_owned(),
        with_functions: new.with_functions,
        made_by: caller.person,
        begun: now,
        ended: None,
    };
    let subject = format!("person:{leaver}");
    let mut access = caller.access("hand_over_begun", &subject);
    access.reason = Some(reason);
    let id = begin(&app, work.clone(), access).await?;
    go_on(&app, &caller, &work).await?;
    let work = load(&app.centre.store, id).await?.unwrap_or(work);
    Ok((StatusCode::CREATED, Json(shown(&app, &work).await?)))
}

/// How far a handing over is.
#[utoipa::path(get, path = "/api/hand-overs/{hand_over}", tag = "hand-overs",
    params(("hand_over" = String, Path, description = "Its number")), responses((status = 200, body = HandOverView), Problem))]
pub async fn hand_over(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<HandOverView>> {
    let work = found(&app, &caller, &text).await?;
    shown(&app, &work).await.map(Json)
}

/// Go on with a handing over: the next 200 cases, and after the last one the leaver goes.
#[utoipa::path(post, path = "/api/hand-overs/{hand_over}/go-on", tag = "hand-overs",
    params(("hand_over" = String, Path, description = "Its number")), responses((status = 200, body = HandOverView), Problem))]
pub async fn go_on_with_hand_over(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<HandOverView>> {
    let work = found(&app, &caller, &text).await?;
    if work.ended.is_none() {
        may(&app, &caller, work.leaver, work.with_functions)?;
        go_on(&app, &caller, &work).await?;
    }
    let work = load(&app.centre.store, work.id).await?.unwrap_or(work);
    shown(&app, &work).await.map(Json)
}

/// What became of each case.
#[utoipa::path(get, path = "/api/hand-overs/{hand_over}/cases", tag = "hand-overs", params(FromCase,
    ("hand_over" = String, Path, description = "Its number")), responses((status = 200, body = Page<HandOverCase>), Problem))]
pub async fn hand_over_cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(paging): Params<FromCase>,
) -> Answer<Json<Page<HandOverCase>>> {
    let work = found(&app, &caller, &text).await?;
    let after = paging
        .after
        .as_deref()
        .map(|text| read_id("after", text))
        .transpose()?;
    let limit = i64::from(paging.limit.unwrap_or(50).clamp(1, 200));
    let params = [
        work.id.0.into(),
        after.map_or(0, |id| id.0).into(),
        (limit + 1).into(),
    ];
    let mut rows = app.centre.store.query(CASES, &params).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let said = caller.language.pick(row.text(3)?, row.text(4)?);
        items.push(HandOverCase {
            case: row.int(0)?.to_string(),
            number: row.text(1)?.to_owned(),
            state: row.text(2)?.to_owned(),
            reason: Some(said).filter(|said| !said.is_empty()).map(str::to_owned),
        });
    }
    let next = items
        .last()
        .filter(|_| more)
        .map(|last: &HandOverCase| last.case.clone());
    Ok(Json(Page { items, next }))
}
