//! `/api/customers`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use regulation::Said;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Found, NewRecord, create, digits, masked, search};
use crate::app::App;
use crate::cases::query::Cursor;
use crate::http::wire::Page;
use crate::http::{Answer, Body, Params, Problem};
use crate::session::Caller;

/// What is searched for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Sought {
    /// A part of the name, or at least the last four digits of a number.
    pub q: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// A customer in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerLine {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Numbers, masked.
    pub phones: Vec<String>,
    /// Premises.
    pub premises: Vec<String>,
    /// How many of their cases have not ended.
    pub open_cases: i64,
}

/// A new customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    /// Name.
    pub name: String,
    /// Number.
    pub phone: Option<String>,
    /// Premises.
    pub premises: Option<String>,
}

/// The longest name, number and premises.
const LONGEST: (usize, usize, usize) = (100, 30, 500);

fn line(found: Found) -> CustomerLine {
    CustomerLine {
        id: found.id.to_string(),
        name: found.name,
        phones: found.phones.iter().map(|phone| masked(phone)).collect(),
        premises: found.premises.lines().map(str::to_owned).collect(),
        open_cases: found.open_cases,
    }
}

/// Customers by name or number.
#[utoipa::path(get, path = "/api/customers", tag = "customers", params(Sought),
    responses((status = 200, body = Page<CustomerLine>), Problem))]
pub async fn customers(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Params(sought): Params<Sought>,
) -> Answer<Json<Page<CustomerLine>>> {
    let cursor = Cursor::read(sought.after.as_deref())?;
    let limit = i64::from(sought.limit.unwrap_or(50).clamp(1, 200));
    let text = sought.q.as_deref().unwrap_or("");
    let mut found = search(&app.centre.store, text, (cursor.0, cursor.1), limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found
        .last()
        .filter(|_| more)
        .map(|(found, rank)| Cursor(*rank, found.id.0).text());
    Ok(Json(Page {
        items: found.into_iter().map(|(found, _)| line(found)).collect(),
        next,
    }))
}

fn problems(new: &NewCustomer) -> Vec<(String, Said)> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, zh: String, en: String| problems.push((field.to_owned(), Said { zh, en }));
    let (name, phone, premises) = LONGEST;
    if new.name.trim().is_empty() {
        wrong(
            "name",
            "请填写客户名称。".into(),
            "Give the customer's name.".into(),
        );
    } else if new.name.chars().count() > name {
        wrong(
            "name",
            format!("名称最多{name}个字。"),
            format!("A name has at most {name} characters."),
        );
    }
    if let Some(given) = new.phone.as_deref().filter(|given| !given.trim().is_empty()) {
        let count = digits(given).trim_start_matches('+').len();
        if given.chars().count() > phone || !(3..=20).contains(&count) {
            wrong(
                "phone",
                "电话号码应有3至20位数字。".into(),
                "A number has 3 to 20 digits.".into(),
            );
        }
    }
    if new
        .premises
        .as_deref()
        .is_some_and(|text| text.chars().count() > premises)
    {
        wrong(
            "premises",
            format!("房产最多{premises}个字。"),
            format!("Premises have at most {premises} characters."),
        );
    }
    problems
}

/// Make a customer.
#[utoipa::path(post, path = "/api/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, body = CustomerLine), Problem))]
pub async fn create_customer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewCustomer>,
) -> Answer<(StatusCode, Json<CustomerLine>)> {
    let problems = problems(&new);
    if !problems.is_empty() {
        return Err(Problem::input(problems));
    }
    let record = NewRecord {
        name: new.name,
        premises: new.premises.unwrap_or_default(),
        notes: String::new(),
        phones: new.phone.into_iter().collect(),
    };
    let store = &app.centre.store;
    let made = create(
        store,
        Some(caller.person),
        Moment::from_millis(store.now()),
        &record,
    )
    .await?;
    Ok((StatusCode::CREATED, Json(line(made))))
}
