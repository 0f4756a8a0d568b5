//! `/api/session/ways` and `/api/session/oidc`: which ways in there are, going to the provider, coming back.
//!
//! The provider sends the browser to the page `/login/return`, which hands the answer on from here: so whatever goes wrong
//! has the one shape and is shown where people can try again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use regulation::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::begun;
use super::own_place;
use super::person::{self, Known};
use super::provider::{Answered, Provider, Refused};
use crate::access_log::Access;
use crate::app::App;
use crate::http::{Answer, Body, Language, Problem};
use crate::session::api::{Session, begin};
use crate::session::extract::Origin;
use crate::session::log_in::{self, Proved};

/// Holds what binds a log-in to the browser that began it.
const COOKIE_NAME: &str = "shouwen_oidc";

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(ways))
        .routes(routes!(go))
        .routes(routes!(come_back))
        .routes(routes!(second_factor))
}

/// Ways to log in besides name and password.
#[derive(Serialize, ToSchema)]
pub struct Ways {
    /// The company's provider; none where there is none.
    pub oidc: Option<OidcWay>,
}

/// The company's provider.
#[derive(Serialize, ToSchema)]
pub struct OidcWay {
    /// What the button says.
    pub title: String,
}

/// Where to go afterwards.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Going {
    /// A place within this house's pages.
    #[schema(max_length = 1000)]
    pub to: String,
}

/// Where to go.
#[derive(Serialize, ToSchema)]
pub struct Gone {
    /// The provider's address, with everything it needs.
    pub address: String,
}

/// What the provider sent along with the browser.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComingBack {
    /// Given at the beginning.
    #[schema(max_length = 200)]
    pub state: String,
    /// What the provider gives for a token.
    #[schema(max_length = 8000)]
    pub code: Option<String>,
    /// Who the provider says it is.
    #[schema(max_length = 1000)]
    pub iss: Option<String>,
    /// Why there is no code.
    #[schema(max_length = 1000)]
    pub error: Option<String>,
}

/// The second factor of who came back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// As it came back.
    #[schema(max_length = 200)]
    pub state: String,
    /// A code, or a recovery code.
    #[schema(max_length = 100)]
    pub code: String,
}

/// Logged in, and where to go.
#[derive(Serialize, ToSchema)]
pub struct CameBack {
    /// Who is logged in.
    pub session: Session,
    /// The place that was wanted.
    pub to: String,
}

/// What binds a log-in to a browser; empty where there is none.
pub struct Binding(String);

impl<S: Send + Sync> FromRequestParts<S> for Binding {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let cookies = parts.headers.get_all(COOKIE).iter();
        let found = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                (name == COOKIE_NAME).then(|| value.to_owned())
            });
        Ok(Binding(found.unwrap_or_default()))
    }
}

fn binding(app: &App, origin: &Origin, value: &str, seconds: i64) -> HeaderValue {
    let secure = if app.secure_cookies || origin.client.secure {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{COOKIE_NAME}={value}; Path=/api/session/oidc; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn provider(app: &App) -> Answer<&Provider> {
    app.oidc.as_ref().ok_or_else(|| {
        Problem::status(
            StatusCode::NOT_FOUND,
            "oidc_off",
            "这里没有设置公司账号登录。请用账号和密码登录。",
            "No provider is set up here. Log in by name and password.",
        )
    })
}

/// The log-in is not one that waits: over, used, or another browser's.
fn stranger() -> Problem {
    Problem::status(
        StatusCode::UNAUTHORIZED,
        "oidc_state",
        "这次登录已过期、已用过，或不是在这个浏览器里开始的。请回到登录页重新开始。",
        "This log-in is over, was used, or began in another browser. Go back to the log-in page and begin again.",
    )
}

fn denied() -> Problem {
    Problem::status(
        StatusCode::UNAUTHORIZED,
        "oidc_denied",
        "公司账号系统没有让您登录。请重试，或用账号和密码登录。",
        "The company's provider did not let you in. Try again, or log in by name and password.",
    )
}

fn away(reason: &str) -> Problem {
    tracing::error!(%reason, "the OpenID provider cannot be used");
    Problem::unavailable(
        "公司账号系统暂时连不上。请稍后再试，或用账号和密码登录。",
        "The company's provider cannot be reached. Try again shortly, or log in by name and password.",
    )
}

fn nobody(login: Option<&str>) -> Problem {
    let (zh, en) = match login {
        Some(login) => (
            format!("公司账号“{login}”在这里没有可以登录的人员。请联系安全管理员。"),
            format!(
                "Nobody who may log in here has the company's account \"{login}\". Ask the security administrator."
            ),
        ),
        None => (
            "公司账号系统没有给出您的登录名。请联系系统管理员。".to_owned(),
            "The company's provider does not tell your log-in name. Ask the system administrator.".to_owned(),
        ),
    };
    Problem::forbidden(zh, en)
}

async fn failed(app: &App, person: Option<Id>, origin: &Origin, what: &str) -> Answer<()> {
    let subject = person.map_or_else(
        || "person:unknown".to_owned(),
        |person| format!("person:{person}"),
    );
    let (address, detail) = (origin.client.to_string(), format!("oidc: {what}"));
    Access {
        person: None,
        address: Some(&address),
        deed: "log_in_failed",
        subject: &subject,
        detail: Some(&detail),
        ..Access::default()
    }
    .record(&app.centre.store)
    .await?;
    Ok(())
}

/// The ways in.
#[utoipa::path(get, path = "/api/session/ways", tag = "session", responses((status = 200, body = Ways), Problem))]
pub async fn ways(State(app): State<Arc<App>>) -> Json<Ways> {
    Json(Ways {
        oidc: app.oidc.as_ref().map(|provider| OidcWay {
            title: provider.settings().title.clone(),
        }),
    })
}

/// Go to the company's provider. The answer says where; the browser keeps a cookie until it is back.
#[utoipa::path(post, path = "/api/session/oidc", tag = "session", request_body = Going,
    responses((status = 200, body = Gone), Problem))]
pub async fn go(State(app): State<Arc<App>>, origin: Origin, Body(going): Body<Going>) -> Answer<Response> {
    let provider = provider(&app)?;
    let store = &app.centre.store;
    let begun = begun::begin(store, &own_place(&going.to)).await?;
    let address = provider
        .address(&begun, store.now())
        .await
        .map_err(|refused| match refused {
            Refused::Away(reason) => away(&reason),
            _ => denied(),
        })?;
    let mut response = Json(Gone { address }).into_response();
    response.headers_mut().append(
        SET_COOKIE,
        binding(&app, &origin, &begun.browser, begun::STANDS_MS / 1000),
    );
    Ok(response)
}

/// Come back from the company's provider. Answers 401 with the code `second_factor` where a code is wanted too.
#[utoipa::path(post, path = "/api/session/oidc/return", tag = "session", request_body = ComingBack,
    responses((status = 200, body = CameBack), Problem))]
pub async fn come_back(
    State(app): State<Arc<App>>,
    origin: Origin,
    language: Language,
    Binding(browser): Binding,
    Body(answer): Body<ComingBack>,
) -> Answer<Response> {
    let provider = provider(&app)?;
    let store = &app.centre.store;
    let back = begun::take(store, &answer.state, &browser)
        .await?
        .ok_or_else(stranger)?;
    let Some(code) = answer.code.as_deref().filter(|_| answer.error.is_none()) else {
        tracing::info!(error = ?answer.error, "the OpenID provider let nobody in");
        failed(&app, None, &origin, "denied").await?;
        return Err(denied());
    };
    let answered = Answered {
        code,
        issuer: answer.iss.as_deref(),
    };
    let claims = match provider.claims(answered, &back, store.now()).await {
        Ok(claims) => claims,
        Err(Refused::Away(reason)) => return Err(away(&reason)),
        Err(refused) => {
            tracing::warn!(?refused, "what the OpenID provider answered is not believed");
            let what = match refused {
                Refused::Token(flaw) => flaw.word(),
                Refused::Mixed => "issuer",
                _ => "code",
            };
            failed(&app, None, &origin, what).await?;
            return Err(denied());
        }
    };
    let address = origin.client.to_string();
    let person = match person::known(&app, provider.settings(), &claims, &address).await? {
        Known::As(person) => person,
        Known::Deactivated(person) => {
            failed(&app, Some(person), &origin, "deactivated").await?;
            let login = claims
                .get(&provider.settings().claim)
                .and_then(|claim| claim.as_str());
            return Err(nobody(login));
        }
        Known::Unknown(login) => {
            failed(&app, None, &origin, "unknown").await?;
            return Err(nobody(Some(&login)));
        }
        Known::Nameless => {
            failed(&app, None, &origin, "nameless").await?;
            return Err(nobody(None));
        }
    };
    let twice = person::has_second_factor(provider.settings(), &claims);
    if !twice && log_in::has_factor(&app, person).await? {
        begun::proved(store, &answer.state, &browser, person, &back.place).await?;
        return Err(Problem::second_factor());
    }
    let proved = if twice { Proved::Twice } else { Proved::ByProvider };
    done(&app, person, proved, back.place, &origin, language).await
}

/// Give the second factor after coming back from the company's provider.
#[utoipa::path(post, path = "/api/session/oidc/second-factor", tag = "session", request_body = Factor,
    responses((status = 200, body = CameBack), Problem))]
pub async fn second_factor(
    State(app): State<Arc<App>>,
    origin: Origin,
    language: Language,
    Binding(browser): Binding,
    Body(factor): Body<Factor>,
) -> Answer<Response> {
    provider(&app)?;
    let store = &app.centre.store;
    let (person, place) = begun::waiting(store, &factor.state, &browser)
        .await?
        .ok_or_else(stranger)?;
    log_in::by_code(&app, person, &factor.code, &origin.client.to_string()).await?;
    if !begun::finish(store, &factor.state, &browser).await? {
        return Err(stranger());
    }
    done(&app, person, Proved::ByProvider, place, &origin, language).await
}

/// Begins the session and gives up what bound the log-in.
async fn done(
    app: &App,
    person: Id,
    proved: Proved,
    to: String,
    origin: &Origin,
    language: Language,
) -> Answer<Response> {
    let (cookie, session) = begin(app, person, "oidc", proved, origin, language).await?;
    let mut response = Json(CameBack { session, to }).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    response
        .headers_mut()
        .append(SET_COOKIE, binding(app, origin, "", 0));
    Ok(response)
}
