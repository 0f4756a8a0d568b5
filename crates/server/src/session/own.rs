//! What people do about their own log-in: change the password, use a link to set one, enrol and remove a second factor,
//! see and end their sessions.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Browser, Origin};
use super::log_in::Proved;
use super::password::{Weakness, weakness};
use super::{factor, links, log_in, set_password};
use crate::access_log::Access;
use crate::app::App;
use crate::http::{Answer, Body, Problem};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(use_password_link))
        .routes(routes!(begin_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(remove_second_factor))
}

/// A password in place of another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The old one.
    pub old: String,
    /// The new one.
    pub new: String,
}

/// The first password, or one in place of a forgotten one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordByLink {
    /// The link's secret.
    pub link: String,
    /// The password.
    pub password: String,
}

/// The own password, typed once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPassword {
    /// The password.
    pub password: String,
}

/// A code from the app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorCode {
    /// Six digits.
    pub code: String,
}

/// What takes a second factor away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorRemoval {
    /// The password.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub code: String,
}

/// What an app is given to know.
#[derive(Serialize, ToSchema)]
pub struct FactorEnrolment {
    /// The secret in base 32, to be typed where no picture can be read.
    pub secret: String,
    /// The address for the picture (`otpauth://…`).
    pub url: String,
}

/// Codes for when the app is lost, shown this once. Each counts once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// The codes.
    pub codes: Vec<String>,
}

fn wrong_password() -> Problem {
    Problem::input(vec![(
        "password".to_owned(),
        Said::new("密码不对", "the password is wrong"),
    )])
}

fn wrong_code() -> Problem {
    Problem::input(vec![(
        "code".to_owned(),
        Said::new(
            "验证码不对或已用过，请输入新的",
            "the code is wrong or used; give a new one",
        ),
    )])
}

/// Who came by the provider and has no password anywhere here shows that they are there by coming anew.
const FRESH_MS: i64 = 10 * 60_000;

/// Asks who is logged in to show once more that it is them: by the password or, for who came by the provider, by having come
/// a moment ago.
async fn confirm_own(app: &App, browser: &Browser, password: &str) -> Answer<()> {
    let address = &browser.caller.address_text;
    let store = &app.centre.store;
    let began = app.sessions.began(store, browser.session.id).await?;
    if began.is_some_and(|(way, at)| way == "oidc" && store.now() - at < FRESH_MS) {
        return Ok(());
    }
    if log_in::knows_own(app, browser.caller.person, password, address).await? {
        return Ok(());
    }
    Err(wrong_password())
}

/// What must be settled after something owed was done: the session goes on with what is still owed.
async fn settle(app: &App, browser: &Browser) -> Answer<()> {
    let began = app.sessions.began(&app.centre.store, browser.session.id).await?;
    let proved = if began.is_some_and(|(way, _)| way == "oidc") {
        Proved::ByProvider
    } else {
        Proved::ByPassword
    };
    let owes = log_in::owed(app, browser.caller.person, proved).await?;
    app.sessions
        .set_owes(&app.centre.store, &browser.token, owes)
        .await?;
    Ok(())
}

/// Change the own password. Every other log-in of the person ends.
#[utoipa::path(put, path = "/api/session/password", tag = "session", request_body = PasswordChange,
    responses((status = 204), Problem))]
pub async fn change_password(
    State(app): State<Arc<App>>,
    browser: Browser,
    Body(change): Body<PasswordChange>,
) -> Answer<StatusCode> {
    let person = browser.caller.person;
    if change.old == change.new {
        return Err(Problem::input(vec![(
            "password".to_owned(),
            Weakness::Same.say(),
        )]));
    }
    if !log_in::has_password(&app, person).await? {
        return Err(Problem::conflict(
            "no_password",
            "您用公司账号登录，在这里没有密码。请在公司账号系统里修改。",
            "You log in by the company's account and have no password here. Change it there.",
        ));
    }
    if !log_in::knows_own(&app, person, &change.old, &browser.caller.address_text).await? {
        return Err(wrong_password());
    }
    set_password(&app.centre.store, person, &change.new).await?;
    let ended = app
        .sessions
        .end_others(&app.centre.store, person, Some(browser.session.id))
        .await?;
    settle(&app, &browser).await?;
    let (subject, detail) = (
        format!("person:{person}"),
        format!("{ended} other sessions ended"),
    );
    let mut access = browser.caller.access("password_changed", &subject);
    access.detail = Some(&detail);
    access.record(&app.centre.store).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a password by a link. The link is used up, and every log-in of the person ends.
#[utoipa::path(post, path = "/api/session/password-link", tag = "session", request_body = PasswordByLink,
    responses((status = 204), Problem))]
pub async fn use_password_link(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(given): Body<PasswordByLink>,
) -> Answer<StatusCode> {
    let store = &app.centre.store;
    let dead = || {
        Problem::status(
            StatusCode::NOT_FOUND,
            "dead_link",
            "这个链接已用过或已过期。请向安全管理员另要一个。",
            "This link was used or its time is over. Ask the security administrator for another.",
        )
    };
    let person = links::of(store, &given.link).await?.ok_or_else(dead)?;
    let login = app
        .centre
        .surroundings()
        .picture
        .people
        .get(&person)
        .map(|person| person.login.clone())
        .unwrap_or_default();
    // A password that will not be taken must not use the link up.
    if let Some(weak) = weakness(&given.password, &login) {
        return Err(Problem::input(vec![("password".to_owned(), weak.say())]));
    }
    if !links::take(store, &given.link).await? {
        return Err(dead());
    }
    set_password(store, person, &given.password).await?;
    app.sessions.end_others(store, person, None).await?;
    let (subject, address) = (format!("person:{person}"), origin.client.to_string());
    Access {
        person: Some(person),
        address: Some(&address),
        deed: "password_set_by_link",
        subject: &subject,
        ..Access::default()
    }
    .record(store)
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to enrol a second factor.
#[utoipa::path(post, path = "/api/session/second-factor", tag = "session", request_body = OwnPassword,
    responses((status = 200, body = FactorEnrolment), Problem))]
pub async fn begin_second_factor(
    State(app): State<Arc<App>>,
    browser: Browser,
    Body(own): Body<OwnPassword>,
) -> Answer<Json<FactorEnrolment>> {
    confirm_own(&app, &browser, &own.password).await?;
    let person = browser.caller.person;
    let login = login_of(&app, person);
    let enrolment = factor::begin(&app.centre.store, person, &login).await?;
    let enrolment = enrolment.ok_or_else(|| {
        Problem::conflict(
            "enrolled",
            "已经登记过动态验证码。要换手机，请先解除，再重新登记。",
            "A second factor is enrolled. To change the device, remove it first, then enrol again.",
        )
    })?;
    Ok(Json(FactorEnrolment {
        secret: enrolment.secret,
        url: enrolment.url,
    }))
}

fn login_of(app: &App, person: Id) -> String {
    let picture = app.centre.surroundings().picture;
    picture
        .people
        .get(&person)
        .map(|person| person.login.clone())
        .unwrap_or_default()
}

/// Confirm the second factor with the app's first code.
#[utoipa::path(post, path = "/api/session/second-factor/confirm", tag = "session", request_body = FactorCode,
    responses((status = 200, body = RecoveryCodes), Problem))]
pub async fn confirm_second_factor(
    State(app): State<Arc<App>>,
    browser: Browser,
    Body(code): Body<FactorCode>,
) -> Answer<Json<RecoveryCodes>> {
    let person = browser.caller.person;
    let codes = factor::confirm(&app.centre.store, person, &code.code)
        .await?
        .ok_or_else(wrong_code)?;
    settle(&app, &browser).await?;
    let subject = format!("person:{person}");
    browser
        .caller
        .access("second_factor_enrolled", &subject)
        .record(&app.centre.store)
        .await?;
    Ok(Json(RecoveryCodes { codes }))
}

/// Remove the second factor.
#[utoipa::path(post, path = "/api/session/second-factor/remove", tag = "session", request_body = FactorRemoval,
    responses((status = 204), Problem))]
pub async fn remove_second_factor(
    State(app): State<Arc<App>>,
    browser: Browser,
    Body(removal): Body<FactorRemoval>,
) -> Answer<StatusCode> {
    let person = browser.caller.person;
    confirm_own(&app, &browser, &removal.password).await?;
    if !factor::passes(&app.centre.store, person, &removal.code).await? {
        return Err(wrong_code());
    }
    factor::remove(&app.centre.store, person).await?;
    settle(&app, &browser).await?;
    let subject = format!("person:{person}");
    browser
        .caller
        .access("second_factor_removed", &subject)
        .record(&app.centre.store)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
