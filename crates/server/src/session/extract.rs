//! The caller of a request: logged in, with the token against forged requests where something may change.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use calendar::Moment;
use regulation::{Actor, Id};

use super::LoggedIn;
use crate::app::App;
use crate::http::{ClientAddress, Language, Problem};

/// The cookie's name.
pub const COOKIE_NAME: &str = "shouwen_session";

/// A person who is logged in, with the functions held now.
pub struct Caller {
    /// The person.
    pub person: Id,
    /// The person with functions.
    pub actor: Actor,
    /// The language of answers.
    pub language: Language,
    /// The session.
    pub session: LoggedIn,
    /// The cookie's token.
    pub token: String,
    /// Where the request came from.
    pub address: ClientAddress,
}

/// The session token in a request's cookies.
pub fn token(parts: &Parts) -> Option<String> {
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

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let token = token(parts).ok_or_else(Problem::unauthenticated)?;
        let found = app
            .sessions
            .find(&app.centre.store, &token)
            .await?
            .ok_or_else(Problem::unauthenticated)?;
        app.way_in.floods.person(found.person)?;
        if !parts.method.is_safe() {
            let given = parts
                .headers
                .get("x-csrf-token")
                .map(|value| value.as_bytes())
                .unwrap_or_default();
            if !same(given, found.csrf.as_bytes()) {
                return Err(Problem::forbidden(
                    "请求没有带上本次登录的校验码。请刷新页面后再试。",
                    "The request does not carry this log-in's token. Reload the page and try again.",
                ));
            }
        }
        let surroundings = app.centre.surroundings();
        if !surroundings
            .picture
            .people
            .get(&found.person)
            .is_some_and(|person| person.active)
        {
            return Err(Problem::unauthenticated());
        }
        let actor = surroundings
            .picture
            .actor(found.person, Moment::from_millis(app.centre.store.now()));
        Ok(Caller {
            person: found.person,
            actor,
            language: Language::of(&parts.headers),
            session: found,
            token,
            address: parts.extensions.get().copied().unwrap_or_default(),
        })
    }
}

/// Compares without telling by its duration where two texts differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
