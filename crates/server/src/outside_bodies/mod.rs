//! The phone book of outside bodies (外部单位电话): whose number is handed to a customer when the matter is another's
//! (GEN-36). Which number was given is an act of the case; this is what it is chosen from, and from nothing else.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use store::{Batch, CommitError, Head, RecordId, Row, StoreError, StoredEvent};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access_log::Access;
use crate::app::App;
use crate::customers::api::id;
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::permission::Permission;
use crate::registry::{self, Setting};
use crate::schema::OUTSIDE_BODIES;
use crate::session::Caller;

mod chosen;

pub use chosen::{chosen, entry};

/// Longest texts in characters.
const LONGEST: usize = 200;

/// Which kind.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct KindWanted {
    /// As the act that gives a number names it: `water`, `power`, `heat`, `gas`, `cable_tv`, `telephone`, `municipal`, `other`.
    pub kind: Option<String>,
}

/// An outside body.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutsideBody {
    /// Id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its number, in full: it is public.
    pub number: String,
    /// For which area.
    pub area: String,
    /// When it answers.
    pub hours: String,
    /// Note.
    pub note: String,
}

/// An outside body as typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutsideBodyInput {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// For which area.
    #[serde(default)]
    pub area: String,
    /// When it answers.
    #[serde(default)]
    pub hours: String,
    /// Note.
    #[serde(default)]
    pub note: String,
}

const ALL: &str = "SELECT id, kind, name, number, area, hours, note FROM outside_bodies \
     WHERE active = 1 AND (CAST($1 AS TEXT) = '' OR kind = $1) ORDER BY kind, id LIMIT 1000";

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(outside_bodies, add_outside_body))
        .routes(routes!(change_outside_body, remove_outside_body))
}

/// The phone book.
#[utoipa::path(get, path = "/api/outside-bodies", tag = "outside bodies", params(KindWanted),
    responses((status = 200, body = Vec<OutsideBody>), Problem))]
pub async fn outside_bodies(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Params(wanted): Params<KindWanted>,
) -> Answer<Json<Vec<OutsideBody>>> {
    let kind = wanted.kind.unwrap_or_default();
    let rows = app.centre.store.query(ALL, &[kind.into()]).await?;
    let bodies = rows.iter().map(|row| {
        Ok(OutsideBody {
            id: row.int(0)?.to_string(),
            kind: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            number: row.text(3)?.to_owned(),
            area: row.text(4)?.to_owned(),
            hours: row.text(5)?.to_owned(),
            note: row.text(6)?.to_owned(),
        })
    });
    Ok(Json(bodies.collect::<Result<_, StoreError>>()?))
}

fn checked(input: &OutsideBodyInput) -> Answer<()> {
    let mut problems = Vec::new();
    for (field, text, owed) in [
        ("kind", &input.kind, true),
        ("name", &input.name, true),
        ("number", &input.number, true),
        ("area", &input.area, false),
        ("hours", &input.hours, false),
        ("note", &input.note, false),
    ] {
        let letters = text.trim().chars().count();
        if (owed && letters == 0) || letters > LONGEST || text.chars().any(char::is_control) {
            problems.push((
                field.to_owned(),
                Said::new(
                    format!("请填写，最多{LONGEST}个字，不含换行。"),
                    format!("Fill it in, with at most {LONGEST} characters on one line."),
                ),
            ));
        }
    }
    let only = |c: char| c.is_ascii_digit() || " +-()".contains(c);
    if !input.number.trim().chars().all(only)
        || !(3..=20).contains(&crate::customers::digits(&input.number).len())
    {
        problems.push((
            "number".to_owned(),
            Said::new("电话号码应有3至20位数字。", "A number has 3 to 20 digits."),
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::input(problems))
    }
}

async fn set(app: &App, caller: &Caller, body: Id, input: Option<&OutsideBodyInput>) -> Answer<()> {
    caller.need(app, Permission::EditPhoneBook)?;
    let store = &app.centre.store;
    let history = store.load(RecordId(body.0)).await?;
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = registry::rows(&history)?;
    let rows: Vec<Row> = input
        .iter()
        .map(|input| Row {
            table: &OUTSIDE_BODIES,
            values: vec![
                body.0.into(),
                input.kind.trim().into(),
                input.name.trim().into(),
                input.number.trim().into(),
                input.area.trim().into(),
                input.hours.trim().into(),
                input.note.trim().into(),
                true.into(),
            ],
        })
        .collect();
    let setting = Setting {
        kind: "outside_body",
        record: body,
        actor: Some(caller.person),
        at: Moment::from_millis(store.now()),
    };
    let mut batch = Batch::new();
    registry::set(&mut batch, &mut head, &setting, &before, &rows)?;
    let access = Access {
        person: Some(caller.person),
        deed: "changed_phone_book",
        subject: &format!("outside_body:{body}"),
        ..Access::default()
    };
    access.record_with(store, &mut batch);
    match store.commit(batch).await {
        Ok(_) => Ok(()),
        Err(CommitError::Stale { .. }) => Err(crate::customers::change::busy()),
        Err(error) => Err(error.into()),
    }
}

/// Puts an entry into a batch, past the rights of people: for a centre that is being made.
pub fn enter(
    batch: &mut Batch,
    body: Id,
    at: Moment,
    [kind, name, number]: [&str; 3],
) -> Result<(), StoreError> {
    let row = Row {
        table: &OUTSIDE_BODIES,
        values: vec![
            body.0.into(),
            kind.into(),
            name.into(),
            number.into(),
            "".into(),
            "".into(),
            "".into(),
            true.into(),
        ],
    };
    let setting = Setting {
        kind: "outside_body",
        record: body,
        actor: None,
        at,
    };
    registry::set(batch, &mut Head::EMPTY.clone(), &setting, &[], &[row])
}

fn shown(body: Id, input: OutsideBodyInput) -> OutsideBody {
    OutsideBody {
        id: body.to_string(),
        kind: input.kind,
        name: input.name,
        number: input.number,
        area: input.area,
        hours: input.hours,
        note: input.note,
    }
}

/// Add an outside body.
#[utoipa::path(post, path = "/api/outside-bodies", tag = "outside bodies", request_body = OutsideBodyInput,
    responses((status = 201, body = OutsideBody), Problem))]
pub async fn add_outside_body(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(input): Body<OutsideBodyInput>,
) -> Answer<(StatusCode, Json<OutsideBody>)> {
    checked(&input)?;
    let body = Id(app.centre.store.new_id());
    set(&app, &caller, body, Some(&input)).await?;
    Ok((StatusCode::CREATED, Json(shown(body, input))))
}

async fn known(app: &App, text: &str) -> Answer<Id> {
    let body = id("id", text)?;
    let history = app.centre.store.load(RecordId(body.0)).await?;
    let there = history.last().is_some_and(|last| &*last.kind == "outside_body");
    if there && !registry::rows(&history)?.is_empty() {
        return Ok(body);
    }
    Err(Problem::not_found("这个外部单位", "outside body"))
}

/// Change an outside body.
#[utoipa::path(put, path = "/api/outside-bodies/{id}", tag = "outside bodies", request_body = OutsideBodyInput,
    params(("id" = String, Path, description = "The outside body")),
    responses((status = 200, body = OutsideBody), Problem))]
pub async fn change_outside_body(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(input): Body<OutsideBodyInput>,
) -> Answer<Json<OutsideBody>> {
    caller.need(&app, Permission::EditPhoneBook)?;
    let body = known(&app, &text).await?;
    checked(&input)?;
    set(&app, &caller, body, Some(&input)).await?;
    Ok(Json(shown(body, input)))
}

/// Take an outside body out of the phone book.
#[utoipa::path(delete, path = "/api/outside-bodies/{id}", tag = "outside bodies",
    params(("id" = String, Path, description = "The outside body")),
    responses((status = 204), Problem))]
pub async fn remove_outside_body(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<StatusCode> {
    caller.need(&app, Permission::EditPhoneBook)?;
    let body = known(&app, &text).await?;
    set(&app, &caller, body, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
