//! `/api/imports`: a file is sent, its columns are matched, it is looked through, brought in, and taken back.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use calendar::Moment;
use regulation::Id;
use serde::{Deserialize, Serialize};
use store::Batch;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bring::Ordered;
use super::fields::{Kind, fields, suggested};
use super::plan::Reading;
use super::record::{self, Import, Wish};
use super::sheet::{LARGEST, Sheet};
use super::template::template;
use crate::access_log::Access;
use crate::app::App;
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::jobs::api::JobView;
use crate::jobs::{self, Kind as JobKind};
use crate::permission::Permission;
use crate::session::Caller;

/// How long a file may take to arrive.
const SLOWEST: Duration = Duration::from_secs(50);

/// How large a portion of a kept file is.
const PORTION: usize = 512 * 1024;

/// How many rows of the file are shown.
const SHOWN: usize = 5;

/// A file to be imported.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// What its rows are.
    #[param(inline)]
    pub kind: Kind,
    /// The file's name, to know it by.
    #[param(max_length = 200)]
    pub name: Option<String>,
}

/// Of cases: which procedure's fields are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// The pack.
    pub pack: Option<String>,
    /// The procedure.
    pub procedure: Option<String>,
    /// The action by which each ended.
    pub action: Option<String>,
}

/// A field that a column can hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnField {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: String,
    /// A row without it cannot be taken.
    pub required: bool,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// Id.
    pub id: String,
    /// `units`, `staff`, `customers`, `cases`, `history`.
    pub kind: String,
    /// The file's name.
    pub name: String,
    /// Who sent it.
    pub person: String,
    /// Name.
    pub person_name: Option<String>,
    /// When.
    pub made_at: String,
    /// `new`, `checked`, `running`, `done`, `undone`.
    pub state: String,
    /// How many rows the file has.
    pub rows: i64,
    /// How many were brought in.
    pub brought: i64,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// For each column the field that it probably holds.
    pub suggested: Vec<Option<String>>,
    /// What columns can hold.
    pub fields: Vec<ColumnField>,
    /// How it was ordered to be read.
    pub wish: Option<Wish>,
    /// Its newest job.
    pub job: Option<String>,
}

/// A file just sent, with its first rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentView {
    /// The import.
    #[serde(flatten)]
    pub import: ImportView,
    /// Its first rows as they stand there.
    pub first_rows: Vec<Vec<String>>,
}

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultView {
    /// The line of the file.
    pub line: i64,
    /// The column; empty where it is the whole row.
    pub column: String,
    /// What stands there, masked where it is personal.
    pub value: String,
    /// What is wrong and how to mend it.
    pub say: String,
}

/// The routes of imports.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    let sending = OpenApiRouter::new()
        .routes(routes!(send, imports))
        .layer(DefaultBodyLimit::max(LARGEST + 1024));
    OpenApiRouter::new()
        .merge(sending)
        .routes(routes!(import))
        .routes(routes!(template_file))
        .routes(routes!(faults))
        .routes(routes!(check))
        .routes(routes!(run))
        .routes(routes!(undo))
}

fn kind(text: &str) -> Answer<Kind> {
    Kind::of(text).ok_or_else(|| Problem::not_found("这种导入", "kind of import"))
}

fn procedure_of(
    app: &App,
    pack: Option<&str>,
    procedure: Option<&str>,
) -> Option<Arc<regulation::model::Procedure>> {
    let pack = app.centre.surroundings().packs.in_force_anywhere(pack?)?;
    pack.procedure(procedure?).cloned()
}

async fn view(app: &App, caller: &Caller, import: Import) -> Answer<ImportView> {
    let wish = import.wish.clone().unwrap_or_default();
    let procedure = procedure_of(app, wish.pack.as_deref(), wish.procedure.as_deref());
    let fields = fields(import.kind, procedure.as_deref(), wish.action.as_deref());
    let around = app.centre.surroundings();
    Ok(ImportView {
        id: import.id.to_string(),
        kind: import.kind.word().to_owned(),
        name: import.name,
        person: import.person.to_string(),
        person_name: around.picture.person_name(Some(import.person)).map(str::to_owned),
        made_at: Moment::from_millis(import.made).to_string(),
        state: import.state,
        rows: import.rows,
        brought: record::count(&app.centre.store, import.id).await?,
        suggested: suggested(&import.headers, &fields),
        columns: import.headers,
        fields: fields
            .into_iter()
            .map(|field| ColumnField {
                title: caller.language.pick(&field.zh, &field.en).to_owned(),
                key: field.key,
                required: field.required,
            })
            .collect(),
        wish: import.wish,
        job: import.job.map(|job| job.to_string()),
    })
}

async fn found(app: &App, caller: &Caller, id: &str) -> Answer<Import> {
    let missing = || Problem::not_found("这次导入", "import");
    let id = id.parse().map(Id).map_err(|_| missing())?;
    let import = record::one(&app.centre.store, id).await?.ok_or_else(missing)?;
    // Of what somebody may not bring in they need not know that it is there.
    let may = import.kind.permission().anywhere(&caller.actor);
    Some(import).filter(|_| may).ok_or_else(missing)
}

/// Refuses who may bring nothing in.
fn may_import(app: &App, caller: &Caller) -> Answer<()> {
    if Kind::ALL
        .into_iter()
        .any(|kind| kind.permission().anywhere(&caller.actor))
    {
        return Ok(());
    }
    caller.need(app, Permission::ImportData)
}

/// Send a file: CSV (UTF-8 or GBK) or an Excel workbook (.xlsx), as the body itself.
#[utoipa::path(post, path = "/api/imports", operation_id = "send_import", tag = "imports", params(Sent),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = SentView), Problem))]
pub async fn send(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(sent): Params<Sent>,
    request: Request,
) -> Answer<(StatusCode, Json<SentView>)> {
    caller.need(&app, sent.kind.permission())?;
    let name: String = sent
        .name
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect();
    let bytes = tokio::time::timeout(SLOWEST, Bytes::from_request(request, &app))
        .await
        .map_err(|_| Problem::too_slow())?
        .map_err(|_| {
            Problem::status(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "文件超过20MB。请拆成几个文件。",
                "The file has more than 20 MB. Split it.",
            )
        })?;
    let kept = bytes.clone();
    let sheet = tokio::task::spawn_blocking(move || Sheet::read(&bytes)).await;
    let sheet = match sheet {
        Ok(Ok(sheet)) => sheet,
        Ok(Err(wrong)) => return Err(Problem::input(vec![("file".to_owned(), wrong.0)])),
        Err(error) => {
            tracing::error!(%error, "a file brought its reader down");
            return Err(Problem::malformed("文件读不出来。", "The file cannot be read."));
        }
    };
    let store = &app.centre.store;
    let import = Import {
        id: Id(store.new_id()),
        kind: sent.kind,
        name,
        person: caller.person,
        made: store.now(),
        state: "new".to_owned(),
        headers: sheet.headers,
        rows: sheet.rows.len() as i64,
        wish: None,
        job: None,
    };
    for (part, portion) in (0_i64..).zip(kept.chunks(PORTION)) {
        jobs::keep_part(store, import.id, part, portion.to_vec()).await?;
    }
    let mut batch = Batch::new();
    record::add(store, &mut batch, &import)?;
    log(&app, &caller, &mut batch, "import_sent", &import);
    store.commit(batch).await?;
    let first_rows = sheet
        .rows
        .into_iter()
        .take(SHOWN)
        .map(|(_, cells)| cells)
        .collect();
    let import = view(&app, &caller, import).await?;
    Ok((StatusCode::CREATED, Json(SentView { import, first_rows })))
}

fn log(app: &App, caller: &Caller, batch: &mut Batch, deed: &str, import: &Import) {
    let (address, subject) = (caller.address.to_string(), format!("import:{}", import.id));
    Access {
        person: Some(caller.person),
        address: Some(&address),
        deed,
        subject: &subject,
        reason: None,
        detail: Some(import.kind.word()),
    }
    .record_with(&app.centre.store, batch);
}

/// Imports, the newest first.
#[utoipa::path(get, path = "/api/imports", operation_id = "imports", tag = "imports", params(Paging), responses((status = 200, body = Page<ImportView>), Problem))]
pub async fn imports(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<ImportView>>> {
    may_import(&app, &caller)?;
    let before = paging.after.as_deref().map_or(Ok(i64::MAX), mark)?;
    let limit = paging.rows();
    let mut found = record::page(&app.centre.store, before, limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|import| import.id.to_string());
    let mut items = Vec::with_capacity(found.len());
    for import in found {
        if !import.kind.permission().anywhere(&caller.actor) {
            continue;
        }
        items.push(view(&app, &caller, import).await?);
    }
    Ok(Json(Page { items, next }))
}

fn mark(text: &str) -> Answer<i64> {
    text.parse().map_err(|_| {
        Problem::malformed(
            "翻页标记after有误。请用上一页返回的next。",
            "The paging mark `after` is wrong. Use the `next` of the page before.",
        )
    })
}

/// One import.
#[utoipa::path(get, path = "/api/imports/{id}", operation_id = "import_one", tag = "imports",
    params(("id" = String, Path, description = "The import")), responses((status = 200, body = ImportView), Problem))]
pub async fn import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
) -> Answer<Json<ImportView>> {
    let import = found(&app, &caller, &id).await?;
    Ok(Json(view(&app, &caller, import).await?))
}

/// A workbook to fill in, for a kind of import; of cases with the fields of a procedure.
#[utoipa::path(get, path = "/api/import-templates/{kind}", operation_id = "import_template", tag = "imports",
    params(("kind" = String, Path, description = "`units`, `staff`, `customers`, `cases`, `history`"), Of),
    responses((status = 200, description = "The workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problem))]
pub async fn template_file(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(word): Route<String>,
    Params(of): Params<Of>,
) -> Answer<Response> {
    may_import(&app, &caller)?;
    let kind = kind(&word)?;
    let procedure = procedure_of(&app, of.pack.as_deref(), of.procedure.as_deref());
    let fields = fields(kind, procedure.as_deref(), of.action.as_deref());
    let bytes = template(&fields, caller.language).map_err(|error| {
        tracing::error!(%error, "a template cannot be written");
        Problem::unavailable("模板暂不可用。", "The template is not available.")
    })?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    );
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{}.xlsx\"", kind.word())) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// What is wrong with an import's rows, as it was found when it was looked through, brought in or to be taken back.
#[utoipa::path(get, path = "/api/imports/{id}/faults", operation_id = "import_faults", tag = "imports",
    params(("id" = String, Path, description = "The import"), Paging), responses((status = 200, body = Page<FaultView>), Problem))]
pub async fn faults(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<FaultView>>> {
    let import = found(&app, &caller, &id).await?;
    let after = paging.after.as_deref().map_or(Ok(0), mark)?;
    let limit = paging.rows();
    let mut found = record::faults(&app.centre.store, import.id, after, limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|(no, _)| no.to_string());
    let items = found
        .into_iter()
        .map(|(_, fault)| FaultView {
            line: fault.line,
            column: fault.header,
            value: fault.value,
            say: caller.language.say(&fault.say),
        })
        .collect();
    Ok(Json(Page { items, next }))
}

fn state_problem(zh: &str, en: &str) -> Problem {
    Problem::status(StatusCode::CONFLICT, "import_state", zh, en)
}

/// Orders a job of an import.
async fn order(
    app: &App,
    caller: &Caller,
    import: &Import,
    wish: &Wish,
    kind: JobKind,
    state: &'static str,
) -> Answer<(StatusCode, Json<JobView>)> {
    let store = &app.centre.store;
    if let Some(job) = import.job
        && let Some(job) = jobs::job(store, job).await?
        && !job.is_over()
    {
        return Err(state_problem(
            "这次导入还有任务在进行。请等它结束，或先停止。",
            "A job of this import is still under way. Wait for it, or stop it.",
        ));
    }
    let mut batch = Batch::new();
    let ordered = Ordered {
        import: import.id.to_string(),
    };
    let job = jobs::add(store, &mut batch, kind, caller.person, &ordered)?;
    record::ordered(&mut batch, import.id, wish, job, state)?;
    log(app, caller, &mut batch, kind.word(), import);
    store.commit(batch).await?;
    app.jobs.notify_one();
    let job = jobs::api::own(app, caller, &job.to_string()).await?;
    Ok((StatusCode::ACCEPTED, Json(JobView::of(job, caller.language))))
}

/// The wish as it can be read, or what of it cannot.
fn readable(app: &App, import: &Import, wish: &Wish) -> Answer<()> {
    let now = Moment::from_millis(app.centre.store.now());
    let reading = Reading::of(app.centre.surroundings(), import.kind, &import.headers, wish, now);
    reading.map(drop).map_err(Problem::input)
}

/// Look a file through: every row that cannot be taken, with its reason. Nothing is changed.
#[utoipa::path(post, path = "/api/imports/{id}/check", operation_id = "import_check", tag = "imports", request_body = Wish,
    params(("id" = String, Path, description = "The import")), responses((status = 202, body = JobView), Problem))]
pub async fn check(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
    Body(wish): Body<Wish>,
) -> Answer<(StatusCode, Json<JobView>)> {
    let import = found(&app, &caller, &id).await?;
    if matches!(import.state.as_str(), "done" | "running" | "undone") {
        return Err(state_problem(
            "这次导入已经执行过。请重新上传文件。",
            "This import has run already. Send the file again.",
        ));
    }
    readable(&app, &import, &wish)?;
    order(&app, &caller, &import, &wish, JobKind::ImportCheck, "checked").await
}

/// Bring a file in. Rows that cannot be taken are left out and named.
#[utoipa::path(post, path = "/api/imports/{id}/run", operation_id = "import_run", tag = "imports", request_body = Wish,
    params(("id" = String, Path, description = "The import")), responses((status = 202, body = JobView), Problem))]
pub async fn run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
    Body(wish): Body<Wish>,
) -> Answer<(StatusCode, Json<JobView>)> {
    let import = found(&app, &caller, &id).await?;
    if matches!(import.state.as_str(), "done" | "undone") {
        return Err(state_problem(
            "这次导入已经执行过。请重新上传文件。",
            "This import has run already. Send the file again.",
        ));
    }
    readable(&app, &import, &wish)?;
    order(&app, &caller, &import, &wish, JobKind::Import, "running").await
}

/// Take an import back as a whole; refused, with the rows named, where one has been used since.
#[utoipa::path(post, path = "/api/imports/{id}/undo", operation_id = "import_undo", tag = "imports",
    params(("id" = String, Path, description = "The import")), responses((status = 202, body = JobView), Problem))]
pub async fn undo(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
) -> Answer<(StatusCode, Json<JobView>)> {
    let import = found(&app, &caller, &id).await?;
    let state = match import.state.as_str() {
        "done" => "done",
        "running" => "running",
        _ => {
            return Err(state_problem(
                "这次导入没有可撤销的内容。",
                "There is nothing of this import to take back.",
            ));
        }
    };
    let wish = import.wish.clone().unwrap_or_default();
    order(&app, &caller, &import, &wish, JobKind::ImportUndo, state).await
}
