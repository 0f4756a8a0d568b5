//! `/api/contacts`: registered by hand, linked to cases, listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use regulation::{Id, Said};
use serde::Deserialize;
use store::{Batch, CommitError, Head, RecordId, Row, StoredEvent, Value};
use utoipa::ToSchema;

use super::query::{self, ContactLine};
use super::{CONTACT, of_case};
use crate::app::App;
use crate::cases::api::CHANNELS;
use crate::cases::query::Cursor;
use crate::cases::reach::reachable;
use crate::customers::api::id;
use crate::customers::{digits, sight};
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::registry::{self, Setting};
use crate::schema::{CONTACT_CASES, CONTACTS};
use crate::session::Caller;

/// Longest texts in characters.
const LONGEST: usize = 2000;
/// How many cases one contact may have brought.
const CASES: usize = 20;
/// How often a change is made anew when others were faster.
const ATTEMPTS: usize = 8;

/// A contact to be registered.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// The channel, as of cases.
    pub channel: String,
    /// `in` (unless said) or `out`.
    pub direction: Option<String>,
    /// When; now unless said.
    pub at: Option<String>,
    /// The customer, where known.
    pub customer: Option<String>,
    /// The number it came from.
    pub number: Option<String>,
    /// Where it was taken; the caller's own unit unless said.
    pub unit: Option<String>,
    /// What it was about.
    #[serde(default)]
    pub summary: String,
    /// The answer given, or which department was told.
    #[serde(default)]
    pub answer: String,
    /// Cases it was about.
    #[serde(default)]
    pub cases: Vec<String>,
}

/// What is to be otherwise about a contact; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    /// The customer.
    pub customer: Option<String>,
    /// What it was about.
    pub summary: Option<String>,
    /// The answer given.
    pub answer: Option<String>,
    /// Further cases it was about.
    #[serde(default)]
    pub link: Vec<String>,
    /// Cases it was not about after all.
    #[serde(default)]
    pub unlink: Vec<String>,
}

fn text(field: &str, text: &str) -> Answer<String> {
    let text = text.trim();
    if text.chars().count() <= LONGEST {
        return Ok(text.to_owned());
    }
    Err(Problem::input(vec![(
        field.to_owned(),
        Said::new(
            format!("最多{LONGEST}个字。"),
            format!("At most {LONGEST} characters."),
        ),
    )]))
}

async fn cases(app: &App, caller: &Caller, wanted: &[String]) -> Answer<BTreeSet<Id>> {
    if wanted.len() > CASES {
        return Err(Problem::malformed(
            format!("一次来访最多关联{CASES}个事项。"),
            format!("A contact has at most {CASES} cases."),
        ));
    }
    let mut all = BTreeSet::new();
    for one in wanted {
        let case = id("cases", one)?;
        reachable(app, caller, case).await?;
        all.insert(case);
    }
    Ok(all)
}

async fn customer(app: &App, caller: &Caller, wanted: Option<&str>) -> Answer<Option<Id>> {
    let Some(text) = wanted else { return Ok(None) };
    let customer = id("customer", text)?;
    sight::must_see(app, caller, customer).await?;
    Ok(Some(customer))
}

fn case_row(contact: Id, case: Id) -> Row {
    Row {
        table: &CONTACT_CASES,
        values: vec![contact.0.into(), case.0.into()],
    }
}

/// Register a contact.
#[utoipa::path(post, path = "/api/contacts", tag = "contacts", request_body = NewContact,
    responses((status = 201, body = ContactLine), Problem))]
pub async fn register_contact(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewContact>,
) -> Answer<(StatusCode, Json<ContactLine>)> {
    let store = &app.centre.store;
    let around = app.centre.surroundings();
    if !CHANNELS.contains(&new.channel.as_str()) {
        let known = CHANNELS.join(", ");
        return Err(Problem::malformed(
            format!("没有“{}”这个渠道。可用的有：{known}。", new.channel),
            format!("There is no channel \"{}\". Known: {known}.", new.channel),
        ));
    }
    let direction = new.direction.as_deref().unwrap_or("in");
    if !["in", "out"].contains(&direction) {
        return Err(Problem::malformed(
            "direction应为in（来）或out（去）。",
            "direction is in or out.",
        ));
    }
    let unit = match new.unit.as_deref() {
        Some(text) => id("unit", text)?,
        None => caller
            .actor
            .holdings
            .first()
            .map(|holding| holding.unit)
            .ok_or_else(|| {
                Problem::forbidden(
                    "您没有担任任何职能，不能登记来访。",
                    "You hold no function and cannot register contacts.",
                )
            })?,
    };
    if !around.picture.units.contains_key(&unit) || !around.picture.reaches(&caller.actor, unit) {
        return Err(Problem::not_found("这个部门", "unit"));
    }
    let now = Moment::from_millis(store.now());
    let at = match new.at.as_deref() {
        None => now,
        Some(text) => Moment::parse_rfc3339(text)
            .ok()
            .filter(|at| at.as_millis() <= now.as_millis() + 60_000)
            .ok_or_else(|| {
                Problem::malformed(
                    "at应写成2026-11-20T13:41:00+08:00，且不能晚于现在。",
                    "Write at as 2026-11-20T13:41:00+08:00, not later than now.",
                )
            })?,
    };
    let customer = customer(&app, &caller, new.customer.as_deref()).await?;
    let cases = cases(&app, &caller, &new.cases).await?;
    let number: String = digits(new.number.as_deref().unwrap_or(""))
        .chars()
        .take(20)
        .collect();
    let contact = Id(store.new_id());
    let mut rows = vec![Row {
        table: &CONTACTS,
        values: vec![
            contact.0.into(),
            new.channel.as_str().into(),
            direction.into(),
            at.as_millis().into(),
            caller.person.0.into(),
            customer.map(|customer| customer.0).into(),
            unit.0.into(),
            number.into(),
            text("summary", &new.summary)?.into(),
            text("answer", &new.answer)?.into(),
        ],
    }];
    rows.extend(cases.into_iter().map(|case| case_row(contact, case)));
    let setting = Setting {
        kind: CONTACT,
        record: contact,
        actor: Some(caller.person),
        at: now,
    };
    let mut batch = Batch::new();
    registry::set(&mut batch, &mut Head::EMPTY.clone(), &setting, &[], &rows)?;
    store.commit(batch).await?;
    shown(&app, &caller, contact)
        .await
        .map(|line| (StatusCode::CREATED, Json(line)))
}

async fn shown(app: &App, caller: &Caller, contact: Id) -> Answer<ContactLine> {
    query::one(app, caller, contact)
        .await?
        .ok_or_else(|| Problem::not_found("这次来访", "contact"))
}

/// A contact.
#[utoipa::path(get, path = "/api/contacts/{id}", tag = "contacts", params(("id" = String, Path, description = "The contact")),
    responses((status = 200, body = ContactLine), Problem))]
pub async fn contact(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<ContactLine>> {
    shown(&app, &caller, id("id", &text)?).await.map(Json)
}

/// Change a contact: the customer that became known, the cases that came of it.
#[utoipa::path(patch, path = "/api/contacts/{id}", tag = "contacts", request_body = ContactChange,
    params(("id" = String, Path, description = "The contact")),
    responses((status = 200, body = ContactLine), Problem))]
pub async fn change_contact(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(path): Route<String>,
    Body(wanted): Body<ContactChange>,
) -> Answer<Json<ContactLine>> {
    let contact = id("id", &path)?;
    shown(&app, &caller, contact).await?;
    let customer = customer(&app, &caller, wanted.customer.as_deref()).await?;
    let link = cases(&app, &caller, &wanted.link).await?;
    let unlink = cases(&app, &caller, &wanted.unlink).await?;
    let store = &app.centre.store;
    for _ in 0..ATTEMPTS {
        let history = store.load(RecordId(contact.0)).await?;
        let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
        let before = registry::rows(&history)?;
        let mut rows: Vec<Row> = before
            .iter()
            .filter(|row| {
                let case = row.values.get(1).and_then(Value::as_int).map(Id);
                row.table.name != "contact_cases" || case.is_none_or(|case| !unlink.contains(&case))
            })
            .cloned()
            .collect();
        for case in &link {
            let row = case_row(contact, *case);
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        if rows.len() > CASES + 1 {
            return Err(Problem::malformed(
                format!("一次来访最多关联{CASES}个事项。"),
                format!("A contact has at most {CASES} cases."),
            ));
        }
        if let Some(row) = rows.iter_mut().find(|row| row.table.name == "contacts") {
            let mut put = |place: usize, value: Value| {
                if let Some(cell) = row.values.get_mut(place) {
                    *cell = value;
                }
            };
            if let Some(customer) = customer {
                put(5, customer.0.into());
            }
            if let Some(summary) = &wanted.summary {
                put(8, text("summary", summary)?.into());
            }
            if let Some(answer) = &wanted.answer {
                put(9, text("answer", answer)?.into());
            }
        }
        if rows != before {
            let setting = Setting {
                kind: CONTACT,
                record: contact,
                actor: Some(caller.person),
                at: Moment::from_millis(store.now()),
            };
            let mut batch = Batch::new();
            registry::set(&mut batch, &mut head, &setting, &before, &rows)?;
            match store.commit(batch).await {
                Ok(_) => {}
                Err(CommitError::Stale { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        return shown(&app, &caller, contact).await.map(Json);
    }
    Err(crate::customers::change::busy())
}

/// Contacts within the caller's reach, newest first.
#[utoipa::path(get, path = "/api/contacts", tag = "contacts", params(Paging),
    responses((status = 200, body = Page<ContactLine>), Problem))]
pub async fn contacts(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<ContactLine>>> {
    let cursor = Cursor::read(paging.after.as_deref())?;
    query::all(&app, &caller, cursor, paging.rows()).await.map(Json)
}

/// A case's contacts, oldest first.
#[utoipa::path(get, path = "/api/cases/{id}/contacts", tag = "contacts", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Vec<ContactLine>), Problem))]
pub async fn case_contacts(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<Vec<ContactLine>>> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    Ok(Json(of_case(&app, &caller, case).await?))
}
