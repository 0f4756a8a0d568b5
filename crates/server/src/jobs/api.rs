//! `/api/jobs`: the caller's own jobs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use regulation::Id;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Job;
use crate::app::App;
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Language, Params, Problem, Route};
use crate::session::Caller;

const CANCEL: &str = "UPDATE jobs SET cancelled = 1 WHERE id = $1 AND person = $2 AND ended IS NULL";
const FORGET: &str = "DELETE FROM jobs WHERE id = $1 AND person = $2 AND ended IS NOT NULL";

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    /// Id.
    pub id: String,
    /// `export`, `import_check`, `import`, `import_undo`.
    pub kind: String,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// How much is done.
    pub done: i64,
    /// Of how much; 0 while that is not known.
    pub total: i64,
    /// What was asked.
    #[schema(value_type = Object)]
    pub asked: serde_json::Value,
    /// What came out.
    #[schema(value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
    /// Why it failed, and what to do.
    pub why: Option<String>,
    /// When it was asked for.
    pub made_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Until when it and its file are kept, once it ended.
    pub kept_until: Option<String>,
}

impl JobView {
    /// As it stands, in a language.
    pub fn of(job: Job, language: Language) -> Self {
        let time = |at: i64| Moment::from_millis(at).to_string();
        JobView {
            id: job.id.to_string(),
            kind: job.kind.word().to_owned(),
            state: job.state,
            done: job.done,
            total: job.total,
            asked: job.asked,
            result: job.result,
            why: job.why.map(|why| language.say(&why)),
            made_at: time(job.made),
            ended_at: job.ended.map(time),
            kept_until: job.ended.map(|ended| time(ended + super::KEPT)),
        }
    }
}

/// The routes of jobs.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(jobs))
        .routes(routes!(job, cancel))
}

/// A job of the caller's own; others' are as good as not there.
///
/// # Errors
/// When there is none.
pub async fn own(app: &App, caller: &Caller, id: &str) -> Answer<Job> {
    let missing = || Problem::not_found("这个任务", "job");
    let id: i64 = id.parse().map_err(|_| missing())?;
    let job = super::job(&app.centre.store, Id(id)).await?;
    job.filter(|job| job.person == caller.person).ok_or_else(missing)
}

/// The caller's jobs, the newest first.
#[utoipa::path(get, path = "/api/jobs", tag = "jobs", params(Paging), responses((status = 200, body = Page<JobView>), Problem))]
pub async fn jobs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<JobView>>> {
    let before = match paging.after.as_deref() {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| {
            Problem::malformed(
                "翻页标记after有误。请用上一页返回的next。",
                "The paging mark `after` is wrong. Use the `next` of the page before.",
            )
        })?,
    };
    let limit = paging.rows();
    let mut found = super::of_person(&app.centre.store, caller.person, before, limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|job| job.id.to_string());
    let items = found
        .into_iter()
        .map(|job| JobView::of(job, caller.language))
        .collect();
    Ok(Json(Page { items, next }))
}

/// A job of the caller.
#[utoipa::path(get, path = "/api/jobs/{id}", tag = "jobs",
    params(("id" = String, Path, description = "The job")), responses((status = 200, body = JobView), Problem))]
pub async fn job(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
) -> Answer<Json<JobView>> {
    let job = own(&app, &caller, &id).await?;
    Ok(Json(JobView::of(job, caller.language)))
}

/// Stop a job that has not ended, or forget one that has, with its file.
#[utoipa::path(delete, path = "/api/jobs/{id}", operation_id = "job_cancel", tag = "jobs",
    params(("id" = String, Path, description = "The job")), responses((status = 204), Problem))]
pub async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
) -> Answer<StatusCode> {
    let job = own(&app, &caller, &id).await?;
    let (store, key) = (&app.centre.store, [job.id.0.into(), caller.person.0.into()]);
    if store.execute(CANCEL, &key).await? == 0 {
        super::clear_file(store, job.id).await?;
        store.execute(FORGET, &key).await?;
    }
    app.jobs.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
