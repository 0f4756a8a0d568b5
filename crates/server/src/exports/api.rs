//! `/api/exports`: asking for a file, and taking it away.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body as Stream, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use regulation::Said;
use store::Batch;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Format, NewExport};
use crate::access_log::Access;
use crate::app::App;
use crate::http::{Answer, Body, Language, Problem, Route};
use crate::jobs::api::{JobView, own};
use crate::jobs::{self, Kind};
use crate::permission::Permission;
use crate::session::Caller;

/// The longest reason.
const LONGEST_REASON: usize = 200;

/// The longest other word.
const LONGEST: usize = 100;

/// The routes of exports.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(file))
}

fn problems(asked: &NewExport) -> Vec<(String, Said)> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, zh: String, en: String| problems.push((field.to_owned(), Said { zh, en }));
    let reason = asked.reason.as_deref().unwrap_or("").trim();
    if reason.is_empty() && asked.what.owes_reason() {
        wrong(
            "reason",
            "文件含有客户资料，请写明导出的理由。".into(),
            "The file holds customers' data: say why it is taken.".into(),
        );
    }
    if reason.chars().count() > LONGEST_REASON {
        wrong(
            "reason",
            format!("理由最多{LONGEST_REASON}个字。"),
            format!("A reason has at most {LONGEST_REASON} characters."),
        );
    }
    for (field, text) in [
        ("procedure", &asked.procedure),
        ("pack", &asked.pack),
        ("from", &asked.from),
        ("to", &asked.to),
    ] {
        if text.as_deref().is_some_and(|text| text.chars().count() > LONGEST) {
            wrong(
                field,
                format!("最多{LONGEST}个字。"),
                format!("At most {LONGEST} characters."),
            );
        }
    }
    if asked
        .language
        .as_deref()
        .is_some_and(|word| !matches!(word, "zh" | "en"))
    {
        wrong(
            "language",
            "language只能是zh或en。".into(),
            "language is zh or en.".into(),
        );
    }
    problems
}

/// Ask for a file. It is made as a job; what is asked goes into the access log.
#[utoipa::path(post, path = "/api/exports", tag = "exports", request_body = NewExport,
    responses((status = 202, body = JobView), Problem))]
pub async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(mut asked): Body<NewExport>,
) -> Answer<(StatusCode, Json<JobView>)> {
    caller.need(&app, asked.what.permission())?;
    if asked.in_full {
        caller.need(&app, Permission::UnmaskCustomers)?;
    }
    let problems = problems(&asked);
    if !problems.is_empty() {
        return Err(Problem::input(problems));
    }
    let english = caller.language == Language::English;
    asked
        .language
        .get_or_insert_with(|| if english { "en" } else { "zh" }.to_owned());
    let store = &app.centre.store;
    let mut batch = Batch::new();
    let id = jobs::add(store, &mut batch, Kind::Export, caller.person, &asked)?;
    let address = caller.address.to_string();
    let detail = format!("job {id}{}", if asked.in_full { ", numbers in full" } else { "" });
    Access {
        person: Some(caller.person),
        address: Some(&address),
        deed: "exported",
        subject: asked.what.word(),
        reason: asked
            .reason
            .as_deref()
            .map(str::trim)
            .filter(|reason| !reason.is_empty()),
        detail: Some(&detail),
    }
    .record_with(store, &mut batch);
    store.commit(batch).await?;
    app.jobs.notify_one();
    let job = own(&app, &caller, &id.to_string()).await?;
    Ok((StatusCode::ACCEPTED, Json(JobView::of(job, caller.language))))
}

/// Take the file of a finished export away: only who asked for it.
#[utoipa::path(get, path = "/api/exports/{id}/file", operation_id = "export_file", tag = "exports",
    params(("id" = String, Path, description = "The export's job")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"), Problem))]
pub async fn file(State(app): State<Arc<App>>, caller: Caller, Route(id): Route<String>) -> Answer<Response> {
    let job = own(&app, &caller, &id).await?;
    let asked: Option<NewExport> = serde_json::from_value(job.asked.clone()).ok();
    let Some(asked) = asked.filter(|_| job.kind == Kind::Export && job.state == "done") else {
        return Err(Problem::not_found("这个文件", "file"));
    };
    // Whoever lost the right loses the file with it.
    caller.need(&app, asked.what.permission())?;
    let address = caller.address.to_string();
    Access {
        person: Some(caller.person),
        address: Some(&address),
        deed: "export_taken",
        subject: asked.what.word(),
        reason: asked.reason.as_deref(),
        detail: Some(&format!("job {id}")),
    }
    .record(&app.centre.store)
    .await?;
    let (kind, ending) = match asked.format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let parts = stream::try_unfold((app, 0_i64), move |(app, part)| async move {
        let mut found = jobs::parts(&app.centre.store, job.id, part, 1).await?;
        let bytes = found.pop().filter(|_| part >= 0);
        Ok::<_, store::StoreError>(bytes.map(|bytes| (Bytes::from(bytes), (app, part + 1))))
    });
    let mut response = Stream::from_stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let name = format!(
        "attachment; filename=\"{}-{}.{ending}\"",
        asked.what.word(),
        job.id
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
