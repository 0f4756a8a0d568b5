//! `/api/files` and the files of cases and contacts.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use calendar::Moment;
use futures_util::stream;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use store::{Batch, FileId, StoreError};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::record::{self, Attachment};
use super::{intake, kind, name};
use crate::app::App;
use crate::cases::reach::reachable;
use crate::contacts;
use crate::customers::api::id;
use crate::http::{Answer, Params, Problem, Route};
use crate::session::Caller;

/// The longest name that is read.
const LONGEST_NAME: usize = 1000;

/// What may run inside a shown file: nothing.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'none'; frame-ancestors 'self'";

/// A file's name as the person has it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Such as `photo.jpg`.
    pub name: String,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileLine {
    /// Id: what fields of files and signatures take.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind, told by its content.
    pub kind: String,
    /// Bytes.
    pub size: i64,
    /// Whether it may be shown inside a page.
    pub shown: bool,
    /// `clean` by the virus scanner, or `unchecked` where none is set.
    pub checked: String,
    /// Who brought it in.
    pub person_name: Option<String>,
    /// When.
    pub at: String,
}

fn line(app: &App, found: Attachment) -> FileLine {
    let picture = app.centre.surroundings().picture;
    FileLine {
        id: found.id.to_string(),
        shown: kind::is_shown(&found.kind),
        name: found.name,
        kind: found.kind,
        size: found.size,
        checked: found.checked,
        person_name: picture.person_name(found.person).map(str::to_owned),
        at: found.at.to_string(),
    }
}

/// Takes a file in and gives it its row.
async fn taken(
    app: &App,
    caller: &Caller,
    named: &Named,
    case: Option<Id>,
    contact: Option<Id>,
    request: Request,
) -> Answer<(StatusCode, Json<FileLine>)> {
    let given: String = named.name.chars().take(LONGEST_NAME).collect();
    let mut harmless = name::harmless(&given);
    let limits = intake::keeper(app)?.limits.clone();
    let store = &app.centre.store;
    let [total, of_case, of_contact, of_person] = record::room(store, case, contact, caller.person).await?;
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<i64>().ok())
        .unwrap_or(0);
    let room = |used: i64, limit: u64| {
        used.saturating_add(announced.max(1)) <= i64::try_from(limit).unwrap_or(i64::MAX)
    };
    let own = match (case, contact) {
        (Some(_), _) => of_case,
        (None, Some(_)) => of_contact,
        (None, None) => of_person,
    };
    if !room(total, limits.total) || !room(own, limits.of_case) {
        return Err(Problem::input(vec![(
            "file".to_owned(),
            Said::new(
                "附件的空间已用完。请删去不用的附件，或请管理员增加空间。",
                "There is no room for more files. Remove some, or ask the administrator for more room.",
            ),
        )]));
    }
    let taken = intake::take(app, &harmless, request.into_body()).await?;
    if harmless.is_empty() || kind::ending(&harmless).is_none() {
        let ending = taken.kind.endings.first().copied().unwrap_or("bin");
        let stem = if harmless.is_empty() { "file" } else { &harmless };
        harmless = format!("{stem}.{ending}");
    }
    let attachment = Attachment {
        id: Id(store.new_id()),
        file: taken.file.to_string(),
        name: harmless,
        kind: taken.kind.mime.to_owned(),
        size: i64::try_from(taken.size).unwrap_or(i64::MAX),
        case,
        contact,
        person: Some(caller.person),
        at: Moment::from_millis(store.now()),
        checked: taken.checked.to_owned(),
    };
    let mut batch = Batch::new();
    record::set(
        store,
        &mut batch,
        attachment.id,
        Some(&attachment),
        Some(caller.person),
    )
    .await?;
    store.commit(batch).await?;
    Ok((StatusCode::CREATED, Json(line(app, attachment))))
}

/// Upload a file to a case: the body is the file itself.
#[utoipa::path(post, path = "/api/cases/{id}/files", tag = "files",
    params(("id" = String, Path, description = "The case"), Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = FileLine), Problem))]
pub async fn upload_to_case(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(named): Params<Named>,
    request: Request,
) -> Answer<(StatusCode, Json<FileLine>)> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    taken(&app, &caller, &named, Some(case), None, request).await
}

/// Upload a file to a contact: the body is the file itself.
#[utoipa::path(post, path = "/api/contacts/{id}/files", tag = "files",
    params(("id" = String, Path, description = "The contact"), Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = FileLine), Problem))]
pub async fn upload_to_contact(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(named): Params<Named>,
    request: Request,
) -> Answer<(StatusCode, Json<FileLine>)> {
    let contact = id("id", &text)?;
    contacts::must_reach(&app, &caller, contact).await?;
    taken(&app, &caller, &named, None, Some(contact), request).await
}

/// Upload a file for a form about to be sent: the body is the file itself. It belongs to the case whose form names it; what
/// no form names is removed after a day.
#[utoipa::path(post, path = "/api/files", tag = "files", params(Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = FileLine), Problem))]
pub async fn upload(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(named): Params<Named>,
    request: Request,
) -> Answer<(StatusCode, Json<FileLine>)> {
    taken(&app, &caller, &named, None, None, request).await
}

/// A case's files, oldest first.
#[utoipa::path(get, path = "/api/cases/{id}/files", tag = "files", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Vec<FileLine>), Problem))]
pub async fn case_files(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<Vec<FileLine>>> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let found = record::of_case(&app.centre.store, case).await?;
    Ok(Json(found.into_iter().map(|one| line(&app, one)).collect()))
}

/// A contact's files, oldest first.
#[utoipa::path(get, path = "/api/contacts/{id}/files", tag = "files",
    params(("id" = String, Path, description = "The contact")),
    responses((status = 200, body = Vec<FileLine>), Problem))]
pub async fn contact_files(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<Vec<FileLine>>> {
    let contact = id("id", &text)?;
    contacts::must_reach(&app, &caller, contact).await?;
    let found = record::of_contact(&app.centre.store, contact).await?;
    Ok(Json(found.into_iter().map(|one| line(&app, one)).collect()))
}

/// A file that the caller may see: as its case or contact is, or their own that belongs nowhere yet.
async fn seen(app: &App, caller: &Caller, text: &str) -> Answer<Attachment> {
    let missing = || Problem::not_found("这个文件", "file");
    let found = record::find(&app.centre.store, id("id", text)?)
        .await?
        .ok_or_else(missing)?;
    let reached = match (found.case, found.contact) {
        (Some(case), _) => reachable(app, caller, case).await.map(|_| ()),
        (None, Some(contact)) => contacts::must_reach(app, caller, contact).await,
        (None, None) if found.person == Some(caller.person) => Ok(()),
        (None, None) => Err(missing()),
    };
    reached.map_err(|_| missing())?;
    Ok(found)
}

/// A file's content: pictures to be shown, everything else to be saved.
#[utoipa::path(get, path = "/api/files/{id}", tag = "files", params(("id" = String, Path, description = "The file")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), Problem))]
pub async fn file(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Response> {
    let found = seen(&app, &caller, &text).await?;
    intake::keeper(&app)?;
    let keeper = app
        .attachments
        .clone()
        .ok_or_else(|| Problem::not_found("这个文件", "file"))?;
    let file: FileId = found.file.parse()?;
    let (send, parts) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    let opened = tokio::task::spawn_blocking({
        let keeper = Arc::clone(&keeper);
        move || keeper.files.open(&file)
    });
    let mut opened = opened
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))??;
    tokio::task::spawn_blocking(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let part = match std::io::Read::read(&mut *opened, &mut buffer) {
                Ok(0) => return,
                Ok(read) => Ok(Bytes::copy_from_slice(buffer.get(..read).unwrap_or_default())),
                Err(error) => Err(error),
            };
            let broken = part.is_err();
            if send.blocking_send(part).is_err() || broken {
                return;
            }
        }
    });
    let parts = stream::unfold(parts, |mut parts| async {
        parts.recv().await.map(|part| (part, parts))
    });
    let shown = kind::is_shown(&found.kind);
    let mime = if found.kind == "text/plain" {
        "text/plain; charset=utf-8"
    } else {
        found.kind.as_str()
    };
    let mut response = Body::from_stream(parts).into_response();
    let headers = response.headers_mut();
    for (header, value) in [
        (CONTENT_TYPE, mime.to_owned()),
        (CONTENT_DISPOSITION, name::disposition(shown, &found.name)),
        (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (CONTENT_LENGTH, found.size.to_string()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header, value);
        }
    }
    Ok(response)
}

/// Remove a file that one brought in oneself, while no form of its case names it and the case is open. That it was there
/// stays in the history.
#[utoipa::path(delete, path = "/api/files/{id}", tag = "files", params(("id" = String, Path, description = "The file")),
    responses((status = 204), Problem))]
pub async fn remove_file(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<StatusCode> {
    let found = seen(&app, &caller, &text).await?;
    if found.person != Some(caller.person) {
        return Err(Problem::forbidden(
            "只有上传的人可以删除附件。",
            "Only who brought a file in may remove it.",
        ));
    }
    if let Some(case) = found.case {
        let (state, _) = app.centre.case(case).await?;
        let own = found.id.to_string();
        let named = state.fields.values().any(|value| names(value, &own));
        if named || state.ended.is_some() {
            return Err(Problem::conflict(
                "in_use",
                "表单里已用到这个附件，或事项已办结，不能删除。",
                "A form names this file, or the case has ended; it stays.",
            ));
        }
    }
    let mut batch = Batch::new();
    record::set(&app.centre.store, &mut batch, found.id, None, Some(caller.person)).await?;
    match app.centre.store.commit(batch).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(store::CommitError::Stale { .. }) => Err(crate::customers::change::busy()),
        Err(error) => Err(error.into()),
    }
}

fn names(value: &regulation::FieldValue, id: &str) -> bool {
    match value {
        regulation::FieldValue::Text(text) => text == id,
        regulation::FieldValue::List(items) => items.iter().any(|item| names(item, id)),
        regulation::FieldValue::Row(cells) => cells.values().any(|cell| names(cell, id)),
        _ => false,
    }
}
