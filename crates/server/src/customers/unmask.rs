//! Seeing a number in full: an act with a reason, written down before anything is shown (GEN-11).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use super::api::id;
use super::{change, sight};
use crate::access_log::Access;
use crate::app::App;
use crate::http::{Answer, Body, Problem, Route};
use crate::permission::Permission;
use crate::session::Caller;

/// How many numbers one person may see in full within an hour.
const MOST: i64 = 60;
const HOUR: i64 = 3_600_000;

/// How long a screen shows what was unmasked.
const SHOWN: i64 = 60_000;

/// The longest reason.
const LONGEST: usize = 200;

/// Whose number, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookWanted {
    /// Its place in the record.
    pub no: i64,
    /// Why it is needed.
    pub reason: String,
}

/// What was unmasked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unmasked {
    /// In full.
    pub value: String,
    /// The extension of a number.
    pub extension: Option<String>,
    /// When a screen must hide it again.
    pub hide_at: String,
}

impl Unmasked {
    /// Shown for as long as anything is.
    pub fn new(value: String, extension: Option<String>, now: i64) -> Unmasked {
        Unmasked {
            value,
            extension,
            hide_at: Moment::from_millis(now + SHOWN).to_string(),
        }
    }
}

const LOOKS: &str =
    "SELECT at FROM access_log WHERE person = $1 AND at > $2 AND deed = 'unmasked' ORDER BY at LIMIT $3";

/// A reason that says something.
pub fn reason(text: &str) -> Answer<&str> {
    let text = text.trim();
    let letters = text.chars().count();
    if (2..=LONGEST).contains(&letters) {
        return Ok(text);
    }
    Err(Problem::input(vec![(
        "reason".to_owned(),
        Said::new(
            format!("请说明理由，2到{LONGEST}个字。"),
            format!("Say why, in 2 to {LONGEST} characters."),
        ),
    )]))
}

/// Refuses who has looked too often in the last hour, then writes the look down. What is to be shown waits for it.
pub async fn written_down(
    app: &App,
    person: Id,
    subject: &str,
    detail: &str,
    reason: &str,
) -> Result<(), Problem> {
    let store = &app.centre.store;
    let now = store.now();
    let looks = store
        .query(LOOKS, &[person.0.into(), (now - HOUR).into(), MOST.into()])
        .await?;
    if looks.len() as i64 >= MOST {
        let oldest = looks.first().map_or(Ok(now), |row| row.int(0))?;
        let seconds = (oldest + HOUR - now) / 1000 + 1;
        return Err(Problem::too_many(u32::try_from(seconds).unwrap_or(3600)));
    }
    let access = Access {
        person: Some(person),
        deed: "unmasked",
        subject,
        reason: Some(reason),
        detail: Some(detail),
        ..Access::default()
    };
    access
        .record(store)
        .await
        .map_err(|error: StoreError| error.into())
}

/// See one number of a customer in full.
#[utoipa::path(post, path = "/api/customers/{id}/unmask", tag = "customers", request_body = LookWanted,
    params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = Unmasked), Problem))]
pub async fn unmask_customer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<LookWanted>,
) -> Answer<Json<Unmasked>> {
    let customer = id("id", &text)?;
    sight::must_see(&app, &caller, customer).await?;
    caller.need(&app, Permission::UnmaskCustomers)?;
    let reason = reason(&wanted.reason)?;
    let missing = || Problem::not_found("这个号码", "number");
    let standing = change::load(&app.centre.store, customer)
        .await?
        .ok_or_else(missing)?;
    let number = standing.customer.numbers.get(&wanted.no).ok_or_else(missing)?;
    let detail = format!("{} {}", number.kind, wanted.no);
    written_down(
        &app,
        caller.person,
        &format!("customer:{customer}"),
        &detail,
        reason,
    )
    .await?;
    let extension = Some(number.extension.clone()).filter(|extension| !extension.is_empty());
    Ok(Json(Unmasked::new(
        number.number.clone(),
        extension,
        app.centre.store.now(),
    )))
}
