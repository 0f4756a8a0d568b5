//! `/api/session`: log in, log out, who am I.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::attempts::{FREE_OF_A_NAME, FREE_OF_AN_ADDRESS};
use super::extract::{COOKIE_NAME, Caller};
use super::{LoggedIn, verify_password};
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
    /// Whether this is demo data.
    pub demo: bool,
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

const CREDENTIAL: &str = "SELECT p.id, p.language, p.demo, c.hash FROM people p \
     JOIN credentials c ON c.person = p.id WHERE p.login = $1 AND p.active = 1";

/// A hash of nothing anybody types, so that an unknown name takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2hvdXdlbi1ub2JvZHk$1Pyqvd7Bx2m1yhsGs2zJbAOBUlB2mM7v5u6P2T7gW4M";

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
    Session {
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
    }
}

/// Log in.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = Login,
    responses((status = 200, body = Session), Problem))]
pub async fn login(
    State(app): State<Arc<App>>,
    client: ClientAddress,
    language: Language,
    Body(login): Body<Login>,
) -> Answer<Response> {
    let store = &app.centre.store;
    let now = store.now();
    let keys = [
        (format!("name:{}", login.login.to_lowercase()), FREE_OF_A_NAME),
        (format!("peer:{client}"), FREE_OF_AN_ADDRESS),
    ];
    if let Some(seconds) = keys
        .iter()
        .filter_map(|(key, free)| app.attempts.waits(key, *free, now))
        .max()
    {
        return Err(Problem::too_many(seconds));
    }
    // Counted before the slow comparison and forgiven after it, so that many tries at once are many tries.
    keys.iter().for_each(|(key, _)| app.attempts.wrong(key, now));
    let rows = store.query(CREDENTIAL, &[login.login.as_str().into()]).await?;
    let found = rows.first();
    let hash = found
        .map(|row| row.text(3).map(str::to_owned))
        .transpose()?
        .unwrap_or_else(|| NOBODY.to_owned());
    let password = login.password;
    let fits = {
        // Each comparison takes a core and its memory; more of them at once would only starve the centre.
        let _turn = app.comparing.acquire().await;
        tokio::task::spawn_blocking(move || verify_password(&password, &hash))
            .await
            .unwrap_or(false)
    };
    let Some(row) = found.filter(|_| fits) else {
        return Err(Problem::wrong_login());
    };
    if row.flag(2)? && !client.on_this_machine {
        // The demo's passwords are printed; they must not answer to the network.
        return Err(Problem::wrong_login());
    }
    keys.iter().for_each(|(key, _)| app.attempts.right(key));
    let (token, session) = app
        .sessions
        .start(store, regulation::Id(row.int(0)?), row.text(1)?)
        .await?;
    let mut response = Json(view(&app, &session, language)).into_response();
    response
        .headers_mut()
        .append(SET_COOKIE, cookie(&app, client, &token, 7 * 24 * 3600));
    Ok(response)
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = Session), Problem))]
pub async fn session(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Session>> {
    Ok(Json(view(&app, &caller.session, caller.language)))
}

/// Log out.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204), Problem))]
pub async fn logout(State(app): State<Arc<App>>, caller: Caller) -> Answer<Response> {
    app.sessions.end(&app.centre.store, &caller.token).await?;
    let mut headers = HeaderMap::new();
    headers.append(SET_COOKIE, cookie(&app, caller.address, "", 0));
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// Change the language of the log-in.
#[utoipa::path(put, path = "/api/session/language", tag = "session", request_body = Speaks,
    responses((status = 204), Problem))]
pub async fn set_language(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(speaks): Body<Speaks>,
) -> Answer<StatusCode> {
    if !matches!(speaks.language.as_str(), "zh" | "en") {
        return Err(Problem::malformed(
            "language只能是zh或en。",
            "language is zh or en.",
        ));
    }
    app.sessions
        .set_language(&app.centre.store, &caller.token, &speaks.language)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
