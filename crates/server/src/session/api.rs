//! `/api/session`: log in, log out, who am I.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use regulation::{Id, Organisation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LoggedIn;
use super::extract::{Browser, COOKIE_NAME, Origin};
use super::log_in::{self, Proved, Trying};
use crate::app::App;
use crate::http::{Answer, Body, ClientAddress, Language, Problem};

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Name to log in with.
    pub login: String,
    /// Password.
    pub password: String,
    /// The code of the second factor or a recovery code, where the person has one.
    pub code: Option<String>,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// The person.
    pub person: PersonView,
    /// To be sent as `x-csrf-token` with every request that changes something.
    pub csrf: String,
    /// `zh` or `en`.
    pub language: String,
    /// Functions held now.
    pub functions: Vec<FunctionView>,
    /// The IANA zone in which screens show times: that of the unit where the first function is held.
    pub zone: String,
    /// Whether this is demo data.
    pub demo: bool,
    /// What must be done before anything else is open: `password`, `second_factor`, or nothing.
    pub owes: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Name to log in with.
    pub login: String,
}

/// A function held.
#[derive(Serialize, ToSchema)]
pub struct FunctionView {
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// The unit's id.
    pub unit: String,
    /// The unit's name.
    pub unit_name: String,
}

/// A language.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Speaks {
    /// `zh` or `en`.
    pub language: String,
}

fn cookie(app: &App, client: ClientAddress, token: &str, seconds: i64) -> HeaderValue {
    let secure = if app.secure_cookies || client.secure {
        "; Secure"
    } else {
        ""
    };
    let text = format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn view(app: &App, found: &LoggedIn, language: Language) -> Session {
    let surroundings = app.centre.surroundings();
    let person = surroundings.picture.people.get(&found.person);
    let now = calendar::Moment::from_millis(app.centre.store.now());
    let actor = surroundings.picture.actor(found.person, now);
    let unit = actor.holdings.first().map(|holding| holding.unit);
    let packs = unit.map(|unit| surroundings.packs.all_for(&surroundings.picture, unit));
    let pack = packs.iter().flatten().next();
    let calendar = pack.map_or(&surroundings.picture.fallback, |pack| {
        surroundings.picture.calendar(pack, unit)
    });
    Session {
        zone: calendar.zone().iana_name().unwrap_or("Asia/Shanghai").to_owned(),
        person: PersonView {
            id: found.person.to_string(),
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            login: person.map(|person| person.login.clone()).unwrap_or_default(),
        },
        csrf: found.csrf.clone(),
        language: found.language.clone(),
        functions: actor
            .holdings
            .iter()
            .map(|holding| FunctionView {
                key: holding.function.clone(),
                title: surroundings.packs.function(&holding.function).map_or_else(
                    || holding.function.clone(),
                    |function| language.say(&function.title),
                ),
                unit: holding.unit.to_string(),
                unit_name: surroundings.picture.unit_name(holding.unit).to_owned(),
            })
            .collect(),
        demo: person.is_some_and(|person| person.demo),
        owes: Some(found.owes.word())
            .filter(|word| !word.is_empty())
            .map(str::to_owned),
    }
}

/// Log in.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = Login,
    responses((status = 200, body = Session), Problem))]
pub async fn login(
    State(app): State<Arc<App>>,
    origin: Origin,
    language: Language,
    Body(login): Body<Login>,
) -> Answer<Response> {
    let trying = Trying {
        login: &login.login,
        password: &login.password,
        code: login.code.as_deref(),
        address: &origin.client.to_string(),
        // The demo's passwords are printed; they must not answer to the network.
        near: origin.client.on_this_machine,
    };
    let (person, way) = log_in::by_password(&app, &trying).await?;
    let (cookie, session) = begin(&app, person, way, Proved::ByPassword, &origin, language).await?;
    let mut response = Json(session).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// Begins a session for a person who proved to be who they are, and gives the cookie.
pub async fn begin(
    app: &App,
    person: Id,
    way: &str,
    proved: Proved,
    origin: &Origin,
    language: Language,
) -> Answer<(HeaderValue, Session)> {
    let (token, session) = log_in::begin(app, person, way, proved, origin).await?;
    let cookie = cookie(app, origin.client, &token, 7 * 24 * 3600);
    Ok((cookie, view(app, &session, language)))
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = Session), Problem))]
pub async fn session(State(app): State<Arc<App>>, browser: Browser) -> Answer<Json<Session>> {
    Ok(Json(view(&app, &browser.session, browser.caller.language)))
}

/// Log out.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204), Problem))]
pub async fn logout(State(app): State<Arc<App>>, browser: Browser) -> Answer<Response> {
    app.sessions.end(&app.centre.store, &browser.token).await?;
    let subject = format!("person:{}", browser.caller.person);
    browser
        .caller
        .access("logged_out", &subject)
        .record(&app.centre.store)
        .await?;
    let mut headers = HeaderMap::new();
    headers.append(SET_COOKIE, cookie(&app, browser.caller.address, "", 0));
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// Change the language of the log-in.
#[utoipa::path(put, path = "/api/session/language", tag = "session", request_body = Speaks,
    responses((status = 204), Problem))]
pub async fn set_language(
    State(app): State<Arc<App>>,
    browser: Browser,
    Body(speaks): Body<Speaks>,
) -> Answer<StatusCode> {
    if !matches!(speaks.language.as_str(), "zh" | "en") {
        return Err(Problem::malformed(
            "language只能是zh或en。",
            "language is zh or en.",
        ));
    }
    app.sessions
        .set_language(&app.centre.store, &browser.token, &speaks.language)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
