//! What went on with a customer: their cases, their contacts, and who looked at their numbers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::Id;
use serde::Serialize;
use utoipa::ToSchema;

use super::api::id;
use super::sight;
use crate::app::App;
use crate::cases::query::{self, CaseLine, Cursor};
use crate::contacts::{self, ContactLine};
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Params, Problem, Route};
use crate::permission::Permission;
use crate::session::Caller;

/// The customer's cases within the caller's reach, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/cases", tag = "customers",
    params(("id" = String, Path, description = "The customer"), Paging),
    responses((status = 200, body = Page<CaseLine>), Problem))]
pub async fn customer_cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<CaseLine>>> {
    let customer = id("id", &text)?;
    sight::must_see(&app, &caller, customer).await?;
    let around = app.centre.surroundings();
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::of_customer(
        &app.centre.store,
        &around,
        caller.person,
        customer,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    Ok(Json(Page { items, next }))
}

/// The customer's contacts, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/contacts", tag = "customers",
    params(("id" = String, Path, description = "The customer"), Paging),
    responses((status = 200, body = Page<ContactLine>), Problem))]
pub async fn customer_contacts(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<ContactLine>>> {
    let customer = id("id", &text)?;
    sight::must_see(&app, &caller, customer).await?;
    let cursor = Cursor::read(paging.after.as_deref())?;
    contacts::of_customer(&app, &caller, customer, cursor, paging.rows())
        .await
        .map(Json)
}

/// One look at a number in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct Look {
    /// When.
    pub at: String,
    /// Who.
    pub person_name: String,
    /// What was looked at, never the number itself.
    pub what: String,
    /// The reason given.
    pub reason: String,
}

const LOOKS: &str = "SELECT id, at, person, detail, reason FROM access_log WHERE subject = $1 AND deed = 'unmasked' \
     AND (-at, id) > ($2, $3) ORDER BY -at, id LIMIT $4";

/// Who saw the customer's numbers in full and why, newest first. For those who may see them themselves.
#[utoipa::path(get, path = "/api/customers/{id}/looks", tag = "customers",
    params(("id" = String, Path, description = "The customer"), Paging),
    responses((status = 200, body = Page<Look>), Problem))]
pub async fn customer_looks(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<Look>>> {
    let customer = id("id", &text)?;
    sight::must_see(&app, &caller, customer).await?;
    caller.need(&app, Permission::UnmaskCustomers)?;
    let picture = app.centre.surroundings().picture;
    let cursor = Cursor::read(paging.after.as_deref())?;
    let limit = paging.rows();
    let subject = format!("customer:{customer}");
    let params = [
        subject.into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
    ];
    let mut rows = app.centre.store.query(LOOKS, &params).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(Cursor(-last.int(1)?, last.int(0)?).text()),
        None => None,
    };
    let items = rows
        .iter()
        .map(|row| {
            Ok(Look {
                at: Moment::from_millis(row.int(1)?).to_string(),
                person_name: picture
                    .person_name(row.opt_int(2)?.map(Id))
                    .unwrap_or_default()
                    .to_owned(),
                what: row.opt_text(3)?.unwrap_or_default().to_owned(),
                reason: row.opt_text(4)?.unwrap_or_default().to_owned(),
            })
        })
        .collect::<Result<_, store::StoreError>>()?;
    Ok(Json(Page { items, next }))
}
