//! `/api/setup`: the first set-up of an empty centre.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{awaited, make};
use crate::app::App;
use crate::http::{Answer, Body, ClientAddress, Language, Problem};
use crate::packs::{Bundle, built_in, built_in_names};

/// What can be chosen at the first start.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetUpOffer {
    /// Regulations of the box.
    pub packs: Vec<PackOffer>,
    /// How many characters a password has at least.
    pub password_least: usize,
}

/// A regulation of the box.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackOffer {
    /// Its name.
    pub name: String,
    /// As printed.
    pub title: String,
    /// Its version.
    pub version: String,
    /// How many clauses it has.
    pub clauses: usize,
    /// How many procedures it has.
    pub procedures: usize,
}

/// Somebody who is there from the first day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstPerson {
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// Password.
    pub password: String,
}

/// Working hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstHours {
    /// When work begins, Monday to Friday: `08:30`.
    pub opens: String,
    /// When it ends.
    pub closes: String,
    /// When it ends on Saturdays, where they are worked; public holidays and make-up days follow the national calendar.
    pub saturday_closes: Option<String>,
}

/// The answers of the first set-up: eleven that are owed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// The one-time code that the terminal showed.
    pub code: String,
    /// The company.
    pub company: String,
    /// The regulation that is put in force.
    pub pack: String,
    /// Working hours.
    pub hours: FirstHours,
    /// Who sets the system up: units, regulations, hours.
    pub system_administrator: FirstPerson,
    /// Who makes people and hands out functions. Somebody else, as the house rules ask.
    pub security_administrator: FirstPerson,
}

/// What the first set-up made.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstCentre {
    /// The company's unit.
    pub unit: String,
    /// The regulation in force.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// Who can log in.
    pub logins: Vec<String>,
}

fn gone() -> Problem {
    Problem::not_found("首次设置", "first set-up")
}

/// What the first set-up asks. Not there once somebody is.
#[utoipa::path(get, path = "/api/setup", tag = "first start", responses((status = 200, body = SetUpOffer), Problem))]
pub async fn first_start(State(app): State<Arc<App>>, language: Language) -> Answer<Json<SetUpOffer>> {
    awaited(&app).ok_or_else(gone)?;
    let packs = built_in_names()
        .into_iter()
        .filter(|name| name != "house")
        .filter_map(|name| {
            let pack = Bundle::of(&built_in(&name)?).link().ok()?;
            Some(PackOffer {
                title: language.say(&pack.title),
                version: pack.version.clone(),
                clauses: pack.clauses.len(),
                procedures: pack.procedures.len(),
                name,
            })
        })
        .collect();
    Ok(Json(SetUpOffer {
        packs,
        password_least: crate::session::LEAST_OF_PASSWORD,
    }))
}

/// Set the centre up, once. Not there once somebody is.
#[utoipa::path(post, path = "/api/setup", tag = "first start", request_body = SetUp,
    responses((status = 201, body = FirstCentre), Problem))]
pub async fn set_up(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    Body(wanted): Body<SetUp>,
) -> Answer<(StatusCode, Json<FirstCentre>)> {
    let first = awaited(&app).ok_or_else(gone)?;
    if !first.fits(&wanted.code) {
        tracing::warn!(%address, "a wrong code for the first set-up");
        return Err(Problem::forbidden(
            "一次性代码不对。请看启动服务的终端上显示的代码。",
            "The one-time code is wrong. It stands on the terminal where the server was started.",
        ));
    }
    let answers = make::checked(wanted)?;
    let _one = first.making.lock().await;
    let made = make::make(&app, &address.to_string(), answers).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
