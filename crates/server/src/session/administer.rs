//! What the security administrator does about log-ins: links and temporary passwords, second factors that were lost,
//! sessions and lock-outs of others, and how people log in at all.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::settings::LogInSettings;
use super::{Caller, Credential, factor, links, set_temporary_password};
use crate::app::App;
use crate::http::wire::read_id;
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::organisation::reach::need_over_person;
use crate::permission::Permission;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(make_password_link))
        .routes(routes!(set_a_temporary_password))
        .routes(routes!(remove_lost_factor))
        .routes(routes!(end_lock_out))
        .routes(routes!(sessions_of))
        .routes(routes!(end_session))
        .routes(routes!(end_sessions))
        .routes(routes!(log_in_settings))
        .routes(routes!(set_log_in_settings))
}

/// A link for setting a password.
#[derive(Serialize, ToSchema)]
pub struct PasswordLink {
    /// The secret, shown this once: `/set-password#` with it behind is the address to hand over.
    pub link: String,
    /// When it dies unused.
    pub ends_at: String,
}

/// A password that the person changes at the first log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemporaryPassword {
    /// The password.
    pub password: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub struct SessionLine {
    /// Its number.
    pub id: String,
    /// `password`, `ldap` or `oidc`.
    pub way: String,
    /// From which address.
    pub address: String,
    /// What the browser called itself.
    pub agent: String,
    /// When it began.
    pub started_at: String,
    /// When it was last used, to the minute.
    pub seen_at: String,
    /// When it ends in any case.
    pub ends_at: String,
    /// Whether it is the one that asks.
    pub own: bool,
}

/// Whose sessions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OfWhom {
    /// The person; oneself unless said.
    pub person: Option<String>,
}

/// Resolves a person of the path over whom the caller has a permission.
fn person_under(app: &App, caller: &Caller, permission: Permission, text: &str) -> Answer<Id> {
    let person = read_id("person", text)?;
    need_over_person(app, caller, permission, person)?;
    Ok(person)
}

async fn noted(app: &App, caller: &Caller, deed: &str, person: Id) -> Answer<()> {
    let subject = format!("person:{person}");
    caller.access(deed, &subject).record(&app.centre.store).await?;
    Ok(())
}

/// Whoever may change somebody's log-in must not change their own that way: that is what the own page is for.
fn not_oneself(caller: &Caller, person: Id) -> Answer<()> {
    if caller.person != person {
        return Ok(());
    }
    Err(Problem::forbidden(
        "自己的登录方式请在“我的登录”中修改。",
        "Change your own log-in on your own page.",
    ))
}

/// Make a link by which a person sets a password: one use, one day; earlier links die.
#[utoipa::path(post, path = "/api/people/{person}/password-link", tag = "log-ins",
    params(("person" = String, Path, description = "The person")), responses((status = 201, body = PasswordLink), Problem))]
pub async fn make_password_link(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<(StatusCode, Json<PasswordLink>)> {
    let person = person_under(&app, &caller, Permission::ManageSessions, &text)?;
    not_oneself(&caller, person)?;
    noted(&app, &caller, "password_link_made", person).await?;
    let (link, ends) = links::make(&app.centre.store, person, Some(caller.person)).await?;
    let ends_at = Moment::from_millis(ends).to_string();
    Ok((StatusCode::CREATED, Json(PasswordLink { link, ends_at })))
}

/// Set a password that the person must change at the first log-in. Their log-ins end.
#[utoipa::path(put, path = "/api/people/{person}/temporary-password", tag = "log-ins", request_body = TemporaryPassword,
    params(("person" = String, Path, description = "The person")), responses((status = 204), Problem))]
pub async fn set_a_temporary_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(given): Body<TemporaryPassword>,
) -> Answer<StatusCode> {
    let person = person_under(&app, &caller, Permission::ManageSessions, &text)?;
    not_oneself(&caller, person)?;
    set_temporary_password(&app.centre.store, person, &given.password).await?;
    app.sessions.end_others(&app.centre.store, person, None).await?;
    noted(&app, &caller, "temporary_password_set", person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take away a second factor whose device and recovery codes are lost. The person's log-ins end.
#[utoipa::path(delete, path = "/api/people/{person}/second-factor", tag = "log-ins",
    params(("person" = String, Path, description = "The person")), responses((status = 204), Problem))]
pub async fn remove_lost_factor(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<StatusCode> {
    let person = person_under(&app, &caller, Permission::ManageSessions, &text)?;
    not_oneself(&caller, person)?;
    noted(&app, &caller, "second_factor_taken_away", person).await?;
    factor::remove(&app.centre.store, person).await?;
    app.sessions.end_others(&app.centre.store, person, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a person try again at once who typed a wrong password too often (on this node).
#[utoipa::path(delete, path = "/api/people/{person}/lock-out", tag = "log-ins",
    params(("person" = String, Path, description = "The person")), responses((status = 204), Problem))]
pub async fn end_lock_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<StatusCode> {
    let person = person_under(&app, &caller, Permission::ManageSessions, &text)?;
    noted(&app, &caller, "lock_out_ended", person).await?;
    let picture = app.centre.surroundings().picture;
    if let Some(known) = picture.people.get(&person) {
        app.attempts.right(&format!("name:{}", known.login));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sessions of oneself or of another.
#[utoipa::path(get, path = "/api/sessions", tag = "log-ins", params(OfWhom),
    responses((status = 200, body = Vec<SessionLine>), Problem))]
pub async fn sessions_of(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(whose): Params<OfWhom>,
) -> Answer<Json<Vec<SessionLine>>> {
    let person = match whose.person.as_deref() {
        None => caller.person,
        Some(text) => read_id("person", text)?,
    };
    if person != caller.person {
        need_over_person(&app, &caller, Permission::ManageSessions, person)?;
    }
    let own = own_session(&app, &caller).await?;
    let found = app.sessions.list(&app.centre.store, person).await?;
    let time = |at: i64| Moment::from_millis(at).to_string();
    let lines = found.into_iter().map(|session| SessionLine {
        own: Some(session.id) == own,
        id: session.id.to_string(),
        way: session.way,
        address: session.address,
        agent: session.agent,
        started_at: time(session.times[0]),
        seen_at: time(session.times[1]),
        ends_at: time(session.times[2]),
    });
    Ok(Json(lines.collect()))
}

async fn own_session(app: &App, caller: &Caller) -> Answer<Option<i64>> {
    let Credential::Session(token) = &caller.credential else {
        return Ok(None);
    };
    let found = app.sessions.find(&app.centre.store, token).await?;
    Ok(found.map(|session| session.id))
}

/// End one session of oneself, or with `person` of another.
#[utoipa::path(delete, path = "/api/sessions/{session}", tag = "log-ins", params(OfWhom,
    ("session" = String, Path, description = "Its number")), responses((status = 204), Problem))]
pub async fn end_session(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(whose): Params<OfWhom>,
) -> Answer<StatusCode> {
    let id = read_id("session", &text)?;
    let person = match whose.person.as_deref() {
        None => caller.person,
        Some(text) => read_id("person", text)?,
    };
    if person != caller.person {
        need_over_person(&app, &caller, Permission::ManageSessions, person)?;
    }
    if !app.sessions.end_one(&app.centre.store, person, id.0).await? {
        return Err(Problem::not_found("这次登录", "session"));
    }
    noted(&app, &caller, "session_ended", person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End every session of a person.
#[utoipa::path(delete, path = "/api/people/{person}/sessions", tag = "log-ins",
    params(("person" = String, Path, description = "The person")), responses((status = 204), Problem))]
pub async fn end_sessions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<StatusCode> {
    let person = person_under(&app, &caller, Permission::ManageSessions, &text)?;
    app.sessions.end_others(&app.centre.store, person, None).await?;
    noted(&app, &caller, "sessions_ended", person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How people log in here.
#[utoipa::path(get, path = "/api/log-in-settings", tag = "log-ins", responses((status = 200, body = LogInSettings), Problem))]
pub async fn log_in_settings(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<LogInSettings>> {
    caller.need(&app, Permission::ManageSessions)?;
    Ok(Json(LogInSettings::read(&app.centre.store).await?))
}

/// Set how people log in here. A second factor that is asked for now is owed at the next log-in.
#[utoipa::path(put, path = "/api/log-in-settings", tag = "log-ins", request_body = LogInSettings,
    responses((status = 204), Problem))]
pub async fn set_log_in_settings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(settings): Body<LogInSettings>,
) -> Answer<StatusCode> {
    caller.need(&app, Permission::ManageSessions)?;
    if let Some(field) = settings.faulty() {
        let say = Said::new("超出了允许的范围", "out of bounds");
        return Err(Problem::input(vec![(field.to_owned(), say)]));
    }
    let detail = serde_json::to_string(&settings).unwrap_or_default();
    let mut access = caller.access("log_in_settings_changed", "settings:log_in");
    access.detail = Some(&detail);
    access.record(&app.centre.store).await?;
    settings.keep(&app.centre.store).await?;
    app.sessions.set_idle(settings.idle_minutes);
    Ok(StatusCode::NO_CONTENT)
}
