//! The caller of a request: a person logged in at a browser, with the token against forged requests where something may
//! change; or a program with an access token, within the token's scopes.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header::{AUTHORIZATION, COOKIE, USER_AGENT};
use axum::http::request::Parts;
use calendar::Moment;
use regulation::{Actor, Id};
use store::StoreError;

use super::LoggedIn;
use super::secret::same;
use super::store::Owes;
use crate::access_log::Access;
use crate::app::App;
use crate::http::{ClientAddress, Language, Problem};
use crate::permission;
use crate::tokens::{self, Bearer};

/// The cookie's name.
pub const COOKIE_NAME: &str = "shouwen_session";

/// What the caller showed to be let in.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A log-in at a browser, by its cookie's token.
    Session(String),
    /// A program's access token.
    Token(Bearer),
}

/// Who calls, with the functions held now.
pub struct Caller {
    /// The person, or the person for whom a program calls.
    pub person: Id,
    /// The person with functions.
    pub actor: Actor,
    /// The language of answers.
    pub language: Language,
    /// Where the request came from.
    pub address: ClientAddress,
    /// The same as a text, for what is written down.
    pub address_text: String,
    /// What was shown.
    pub credential: Credential,
}

/// A person at a browser, who may still owe a password or a second factor. For what concerns the log-in itself.
pub struct Browser {
    /// Who.
    pub caller: Caller,
    /// The session.
    pub session: LoggedIn,
    /// The cookie's token.
    pub token: String,
    /// Where the request came from.
    pub address: ClientAddress,
}

/// Where a request came from.
pub struct Origin {
    /// The client, as the connection or a trusted proxy tells it.
    pub client: ClientAddress,
    /// What the program at the other end calls itself, cut to a line.
    pub agent: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let client = parts.extensions.get().copied().unwrap_or_default();
        let agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Origin {
            client,
            agent: agent.chars().take(200).collect(),
        })
    }
}

/// The session token in a request's cookies.
fn cookie(parts: &Parts) -> Option<String> {
    parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == COOKIE_NAME).then(|| value.to_owned())
        })
}

/// The access token in a request's head.
fn bearer(parts: &Parts) -> Option<Result<String, Problem>> {
    let value = parts.headers.get(AUTHORIZATION)?;
    let token = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    Some(token.ok_or_else(Problem::unauthenticated))
}

fn mixed() -> Problem {
    Problem::malformed(
        "请求同时带有登录Cookie和接口令牌。请只用其中一种。",
        "The request carries a log-in cookie and an access token. Send one of them.",
    )
}

impl FromRequestParts<Arc<App>> for Browser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let token = cookie(parts).ok_or_else(Problem::unauthenticated)?;
        if parts.headers.contains_key(AUTHORIZATION) {
            return Err(mixed());
        }
        let session = app
            .sessions
            .find(&app.centre.store, &token)
            .await?
            .ok_or_else(Problem::unauthenticated)?;
        if !parts.method.is_safe() {
            let given = parts
                .headers
                .get("x-csrf-token")
                .map(|value| value.as_bytes())
                .unwrap_or_default();
            if !same(given, session.csrf.as_bytes()) {
                return Err(Problem::forbidden(
                    "请求没有带上本次登录的校验码。请刷新页面后再试。",
                    "The request does not carry this log-in's token. Reload the page and try again.",
                ));
            }
        }
        let caller = caller(parts, app, session.person, Credential::Session(token.clone()))?;
        Ok(Browser {
            caller,
            session,
            token,
            address: parts.extensions.get().copied().unwrap_or_default(),
        })
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Some(token) = bearer(parts) else {
            let browser = Browser::from_request_parts(parts, app).await?;
            return match browser.session.owes {
                Owes::Nothing => Ok(browser.caller),
                owes => Err(Problem::owes(owes)),
            };
        };
        if cookie(parts).is_some() {
            return Err(mixed());
        }
        let found = tokens::find(app, &token?)
            .await?
            .ok_or_else(Problem::unauthenticated)?;
        let path = parts
            .extensions
            .get::<MatchedPath>()
            .map_or("", MatchedPath::as_str);
        found.permits(parts.method.as_str(), path)?;
        app.token_rates.take(found.id, app.centre.store.now())?;
        caller(parts, app, found.person, Credential::Token(found))
    }
}

fn caller(parts: &Parts, app: &Arc<App>, person: Id, credential: Credential) -> Result<Caller, Problem> {
    app.way_in.floods.person(person)?;
    let surroundings = app.centre.surroundings();
    if !surroundings
        .picture
        .people
        .get(&person)
        .is_some_and(|person| person.active)
    {
        return Err(Problem::unauthenticated());
    }
    let actor = surroundings
        .picture
        .actor(person, Moment::from_millis(app.centre.store.now()));
    let path = parts.extensions.get::<MatchedPath>();
    permission::keep_apart(&actor, path.map_or("", MatchedPath::as_str))?;
    let address: ClientAddress = parts.extensions.get().copied().unwrap_or_default();
    Ok(Caller {
        person,
        actor,
        language: Language::of(&parts.headers),
        address,
        address_text: address.to_string(),
        credential,
    })
}

impl Caller {
    /// A line for the access log about what this caller does.
    pub fn access<'a>(&'a self, deed: &'a str, subject: &'a str) -> Access<'a> {
        Access {
            person: Some(self.person),
            address: Some(&self.address_text),
            deed,
            subject,
            ..Access::default()
        }
    }
}

impl Credential {
    /// Whether it still lets its owner in. Asking is no sign of life.
    pub async fn stands(&self, app: &App) -> Result<bool, StoreError> {
        match self {
            Credential::Session(token) => app.sessions.stands(&app.centre.store, token).await,
            Credential::Token(bearer) => tokens::stands(&app.centre.store, bearer.id).await,
        }
    }
}
