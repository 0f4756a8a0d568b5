//! `/api/customers`: found, made, shown, changed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use store::Batch;
use utoipa::{IntoParams, ToSchema};

use super::change::{self, ATTEMPTS};
use super::input::{self, CustomerInput, NumberInput, PlaceInput, Problems};
use super::record::Customer;
use super::view::{CustomerView, view};
use super::{Found, masked, search, sight};
use crate::app::App;
use crate::cases::query::Cursor;
use crate::http::wire::Page;
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::permission::Permission;
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
    /// `person` or `organisation`.
    pub kind: String,
    /// Numbers, masked.
    pub phones: Vec<String>,
    /// Premises.
    pub premises: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether the confirmed outcome of a case marked them (GEN-12).
    pub marked: bool,
    /// How many of their cases have not ended.
    pub open_cases: i64,
}

/// A new customer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    /// Name.
    pub name: String,
    /// A number, in short for `about.numbers`.
    pub phone: Option<String>,
    /// Premises on one line each, in short for `about.places`.
    pub premises: Option<String>,
    /// The unit that registers it; the caller's own unless said.
    pub unit: Option<String>,
    /// Everything else.
    pub about: Option<CustomerInput>,
}

/// A change of a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerChange {
    /// The version that was seen.
    pub seen: i64,
    /// What is to be otherwise.
    pub about: CustomerInput,
}

/// The longest search words.
const LONGEST_WORDS: usize = 100;

pub(super) fn line(found: Found) -> CustomerLine {
    CustomerLine {
        id: found.id.to_string(),
        name: found.name,
        kind: if found.organisation {
            "organisation"
        } else {
            "person"
        }
        .to_owned(),
        phones: found.phones.iter().map(|phone| masked(phone)).collect(),
        premises: found.premises.lines().map(str::to_owned).collect(),
        tags: found.tags,
        marked: found.marked,
        open_cases: found.open_cases,
    }
}

/// Reads an id from the path or a field.
pub fn id(field: &str, text: &str) -> Answer<Id> {
    text.parse().ok().filter(|id: &Id| id.0 > 0).ok_or_else(|| {
        Problem::malformed(
            format!("{field}不是有效的编号：{text}"),
            format!("{field} is not an id: {text}"),
        )
    })
}

/// Customers by name or number, those within the caller's sight.
#[utoipa::path(get, path = "/api/customers", tag = "customers", params(Sought),
    responses((status = 200, body = Page<CustomerLine>), Problem))]
pub async fn customers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(sought): Params<Sought>,
) -> Answer<Json<Page<CustomerLine>>> {
    let cursor = Cursor::read(sought.after.as_deref())?;
    let limit = i64::from(sought.limit.unwrap_or(50).clamp(1, 200));
    let text: String = sought
        .q
        .as_deref()
        .unwrap_or("")
        .chars()
        .take(LONGEST_WORDS)
        .collect();
    let sight = sight::params(&app, &caller);
    let mut found = search(&app.centre.store, sight, &text, (cursor.0, cursor.1), limit + 1).await?;
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

fn problems(problems: Problems) -> Problem {
    Problem::input(problems)
}

/// What a new customer's short forms say in full.
fn in_full(new: &NewCustomer) -> CustomerInput {
    let mut about = new.about.clone().unwrap_or_default();
    about.name = Some(new.name.clone());
    if let Some(phone) = new.phone.as_ref().filter(|phone| !phone.trim().is_empty()) {
        about.numbers.get_or_insert_default().push(NumberInput {
            number: Some(phone.clone()),
            ..NumberInput::default()
        });
    }
    if let Some(premises) = &new.premises {
        let lines = premises.lines().filter(|line| !line.trim().is_empty());
        let places = lines.map(|line| PlaceInput {
            text: line.trim().to_owned(),
            ..PlaceInput::default()
        });
        about.places.get_or_insert_default().extend(places);
    }
    about
}

/// The short forms keep their names in what is wrong with them.
fn in_short(mut problems: Problems, new: &NewCustomer) -> Problems {
    let short = new.about.is_none();
    for (field, _) in problems.iter_mut().filter(|_| short) {
        if field.starts_with("numbers[") {
            "phone".clone_into(field);
        } else if field.starts_with("places") {
            "premises".clone_into(field);
        }
    }
    problems
}

/// Whether those named in relations are there for the caller.
async fn related_are_seen(
    app: &App,
    caller: &Caller,
    about: &CustomerInput,
    before: &Customer,
) -> Answer<()> {
    for (index, relation) in about.relations.iter().flatten().enumerate() {
        let Ok(other) = relation.customer.parse::<Id>() else {
            continue;
        };
        let known = before.relations.keys().any(|(known, _)| *known == other);
        if !known && !sight::sees(app, caller, other).await? {
            return Err(Problem::input(vec![(
                format!("relations[{index}].customer"),
                Said::new(
                    "没有找到这位客户，请从列出的客户中选择。",
                    "There is no such customer; choose one listed.",
                ),
            )]));
        }
    }
    Ok(())
}

/// Make a customer.
#[utoipa::path(post, path = "/api/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, body = CustomerLine), Problem))]
pub async fn create_customer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewCustomer>,
) -> Answer<(StatusCode, Json<CustomerLine>)> {
    let store = &app.centre.store;
    let around = app.centre.surroundings();
    let unit = match new.unit.as_deref() {
        Some(text) => {
            let unit = id("unit", text)?;
            if !around.picture.units.contains_key(&unit) || !around.picture.reaches(&caller.actor, unit) {
                return Err(Problem::not_found("这个部门", "unit"));
            }
            Some(unit)
        }
        None => caller.actor.holdings.first().map(|holding| holding.unit),
    };
    let at = Moment::from_millis(store.now());
    let record = Id(store.new_id());
    let mut customer = Customer {
        unit,
        registrar: Some(caller.person),
        registered: Some(at),
        ..Customer::default()
    };
    let about = in_full(&new);
    input::put(&mut customer, record, &about).map_err(|wrong| problems(in_short(wrong, &new)))?;
    related_are_seen(&app, &caller, &about, &Customer::default()).await?;
    let mut batch = Batch::new();
    change::write(&mut batch, record, None, &customer, Some(caller.person), at)?;
    store.commit(batch).await?;
    Ok((StatusCode::CREATED, Json(line(Found::new(record, &customer)))))
}

/// Everything known of a customer. The id of a record that was merged into another shows that one.
#[utoipa::path(get, path = "/api/customers/{id}", tag = "customers", params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = CustomerView), Problem))]
pub async fn customer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<CustomerView>> {
    view(&app, &caller, id("id", &text)?).await.map(Json)
}

/// Change a customer.
#[utoipa::path(patch, path = "/api/customers/{id}", tag = "customers", request_body = CustomerChange,
    params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = CustomerView), Problem))]
pub async fn change_customer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<CustomerChange>,
) -> Answer<Json<CustomerView>> {
    let record = id("id", &text)?;
    sight::must_see(&app, &caller, record).await?;
    caller.need(&app, Permission::EditCustomers)?;
    let store = &app.centre.store;
    for _ in 0..ATTEMPTS {
        let Some(standing) = change::load(store, record).await? else {
            return Err(Problem::not_found("这位客户", "customer"));
        };
        if let Some(into) = standing.customer.merged_into {
            return Err(Problem::conflict(
                "merged",
                format!("这份资料已并入客户{into}，请修改那一份。"),
                format!("This record was merged into customer {into}; change that one."),
            ));
        }
        change::fresh(&standing, wanted.seen, caller.person)?;
        let mut customer = standing.customer.clone();
        input::put(&mut customer, record, &wanted.about).map_err(problems)?;
        related_are_seen(&app, &caller, &wanted.about, &standing.customer).await?;
        if customer != standing.customer {
            let at = Moment::from_millis(store.now());
            let mut batch = Batch::new();
            change::write(
                &mut batch,
                record,
                Some(&standing),
                &customer,
                Some(caller.person),
                at,
            )?;
            if change::commit(store, batch).await?.is_none() {
                continue;
            }
        }
        return view(&app, &caller, record).await.map(Json);
    }
    Err(change::busy())
}
