//! `/api/search`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::Id;
use search::excerpt::{self, Excerpt};
use search::{Ask, Found, Order, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::columns::{Kind, Row};
use super::desk::{Desk, PATIENCE};
use super::reach::{Filter, Reach};
use super::{alike, take};
use crate::access_log::Access;
use crate::app::App;
use crate::cases::query::{self, CaseLine, Cursor};
use crate::customers::masked;
use crate::http::{Answer, Params, Problem};
use crate::permission::Permission;
use crate::session::{Caller, Credential};
use crate::tokens::Scope;

/// Characters of a text that are shown around what matched.
const WIDTH: usize = 90;

/// The longest query, in characters.
const LONGEST: usize = 200;

/// The routes of search.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(alike::alike))
        .routes(routes!(alike::candidates))
}

/// What is searched.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Searched {
    /// Cases.
    Case,
    /// Customers.
    Customer,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Sorted {
    /// The likest first.
    #[default]
    Relevance,
    /// The newest first.
    Time,
}

/// What is searched for, and among what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchParams {
    /// Words. Apart, all of them are wanted; a name's initials or spelling find customers.
    pub q: Option<String>,
    /// The end of a telephone number, four digits or more: finds customers. A right of its own, and written down.
    pub phone: Option<String>,
    /// Only these.
    #[param(inline)]
    pub kind: Option<Searched>,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    pub order: Sorted,
    /// Only open cases (`true`) or only ended ones (`false`).
    pub open: Option<bool>,
    /// Only cases of this procedure.
    pub procedure: Option<String>,
    /// Only cases of this unit.
    pub unit: Option<String>,
    /// Only cases on this channel.
    pub channel: Option<String>,
    /// Only cases received from this moment on, RFC 3339.
    pub from: Option<String>,
    /// Only cases received before this moment, RFC 3339.
    pub to: Option<String>,
    /// A position that the answer must not lie behind, as an act gave it.
    pub position: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many hits, 1 to 50; 20 unless said.
    pub limit: Option<u32>,
}

/// A text with the places that matched, in UTF-16 units.
#[derive(Debug, Serialize, ToSchema)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// First unit and the one behind the last, of each place.
    pub ranges: Vec<[u32; 2]>,
}

impl From<Excerpt> for Marked {
    fn from(excerpt: Excerpt) -> Self {
        Marked {
            text: excerpt.text,
            ranges: excerpt.ranges.into_iter().map(|(from, to)| [from, to]).collect(),
        }
    }
}

/// A customer that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundCustomer {
    /// Name.
    pub name: String,
    /// Numbers, masked.
    pub phones: Vec<String>,
}

/// A hit.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// What it is.
    pub kind: Searched,
    /// Id of the case or the customer.
    pub id: String,
    /// What it is about, or the name.
    pub title: Marked,
    /// Where else the words stand.
    pub excerpt: Marked,
    /// The case's line.
    pub case: Option<CaseLine>,
    /// The customer.
    pub customer: Option<FoundCustomer>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// Hits in order.
    pub items: Vec<SearchHit>,
    /// Where to go on.
    pub next: Option<String>,
    /// How many there are within reach, exactly.
    pub total: u64,
    /// Everything up to this position was looked through.
    pub position: String,
}

pub(super) fn no_answer() -> Problem {
    Problem::unavailable(
        "搜索正在准备，还不能用。请稍后再试；列表和事项照常可用。",
        "Search is being prepared. Try again soon; lists and cases work meanwhile.",
    )
}

/// What can be asked, up to everything acknowledged so far and to the position the client knows of.
pub(super) async fn ready(app: &App, position: Option<i64>) -> Answer<Arc<Desk>> {
    if !app.search.is_ready(PATIENCE).await {
        return Err(no_answer());
    }
    let acknowledged = app.centre.store.acknowledged_position(PATIENCE).await?;
    let acknowledged = acknowledged.ok_or_else(no_answer)?;
    if position.is_some_and(|position| position > acknowledged) {
        return Err(Problem::malformed(
            "position不是本中心给出过的位置。",
            "`position` was never given by this centre.",
        ));
    }
    if !app.search.reaches(acknowledged, PATIENCE).await {
        return Err(no_answer());
    }
    app.search.desk().ok_or_else(no_answer)
}

/// Whether customers may be among the hits: a program's token may be good for cases alone.
fn sees_customers(caller: &Caller) -> bool {
    match &caller.credential {
        Credential::Session(_) => true,
        Credential::Token(bearer) => bearer.scopes.contains(&Scope::CustomersRead),
    }
}

fn moment(name: &str, text: Option<&String>) -> Answer<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    Moment::parse_rfc3339(text)
        .map(|at| Some(at.as_millis()))
        .map_err(|_| {
            Problem::malformed(
                format!("{name}不是RFC 3339时间，例如2026-11-20T08:00:00+08:00。"),
                format!("{name} is not a time by RFC 3339, such as 2026-11-20T08:00:00+08:00."),
            )
        })
}

fn filter(params: &SearchParams) -> Answer<Filter> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let unit = said(&params.unit)
        .map(|text| {
            text.parse::<Id>().map_err(|_| {
                Problem::malformed(
                    format!("unit不是有效的编号：{text}"),
                    format!("unit is not an id: {text}"),
                )
            })
        })
        .transpose()?;
    Ok(Filter {
        kind: params.kind.map(|kind| match kind {
            Searched::Case => Kind::Case,
            Searched::Customer => Kind::Customer,
        }),
        open: params.open,
        procedure: said(&params.procedure),
        unit,
        channel: said(&params.channel),
        from: moment("from", params.from.as_ref())?,
        to: moment("to", params.to.as_ref())?,
    })
}

/// What is asked, and whether it is the end of a number.
fn asked(params: &SearchParams) -> Answer<(Query, bool)> {
    let text = params.q.as_deref().unwrap_or("");
    if text.chars().count() > LONGEST {
        return Err(Problem::malformed(
            format!("搜索词最多{LONGEST}个字。"),
            format!("A search has at most {LONGEST} characters."),
        ));
    }
    let mut query = Query::read(text, take::keys);
    if !text.trim().is_empty() && query.clauses.is_empty() {
        return Err(Problem::malformed(
            "搜索词里没有文字或数字。请输入要找的字词。",
            "There is no letter or digit in the search. Type the words to look for.",
        ));
    }
    let Some(phone) = params.phone.as_deref().filter(|phone| !phone.trim().is_empty()) else {
        return Ok((query, false));
    };
    let key = take::phone_key(phone).ok_or_else(|| {
        Problem::malformed(
            "按尾号查找至少要4位数字。",
            "The end of a number has at least four digits.",
        )
    })?;
    query.clauses.extend(Query::key(key).clauses);
    Ok((query, true))
}

/// Searches cases and customers within reach: by words, by number, by the sound of a name.
#[utoipa::path(get, path = "/api/search", tag = "search", params(SearchParams),
    responses((status = 200, body = SearchAnswer), Problem))]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<SearchParams>,
) -> Answer<Json<SearchAnswer>> {
    let mut filter = filter(&params)?;
    let (query, by_number) = asked(&params)?;
    if !sees_customers(&caller) {
        if by_number || filter.kind == Some(Kind::Customer) {
            return Err(Problem::forbidden(
                "该令牌没有customers:read范围，不能查找客户。",
                "This token does not have the scope customers:read, so it finds no customers.",
            ));
        }
        filter.kind = Some(Kind::Case);
    }
    let after = match params.after.as_deref() {
        Some(text) => Cursor::read(Some(text)).map(|Cursor(rank, id)| Some((rank, id)))?,
        None => None,
    };
    if by_number {
        caller.need(&app, Permission::SearchNumbers)?;
        // Which number was looked for is a customer's data itself; that it was done is what counts.
        let access = Access {
            person: Some(caller.person),
            address: Some(&caller.address_text),
            deed: "searched_number",
            ..Access::default()
        };
        access.record(&app.centre.store).await?;
    }
    let desk = ready(&app, params.position).await?;
    let position = *app.search.taken.borrow();
    let limit = params.limit.unwrap_or(20).clamp(1, 50) as usize;
    let order = match params.order {
        Sorted::Relevance => Order::Relevance,
        Sorted::Time => Order::Time,
    };
    let around = app.centre.surroundings();
    let turn = app.search.turns.acquire().await.map_err(|_| no_answer())?;
    let (actor, picture) = (caller.actor.clone(), around.picture.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let ask = Ask {
            query: &query,
            order,
            limit,
            after,
        };
        let (found, rows) = desk.columns(|columns| {
            let reach = Reach::new(columns, &picture, &actor, &filter);
            let found = desk.index.search(
                &ask,
                |ordinal| reach.lets(&columns.row(ordinal)),
                |ordinal| i64::from(columns.row(ordinal).received),
            )?;
            let rows: Vec<Row> = found.hits.iter().map(|hit| columns.row(hit.ordinal)).collect();
            Ok::<_, search::SearchError>((found, rows))
        })?;
        Ok::<_, search::SearchError>((found, rows, query))
    });
    let looked = looked.await.map_err(|_| no_answer())?;
    drop(turn);
    let (found, rows, query) = looked.map_err(|error| {
        tracing::error!(%error, "a search could not be answered");
        no_answer()
    })?;
    shown(&app, &caller, found, &rows, &query, position)
        .await
        .map(Json)
}

async fn shown(
    app: &App,
    caller: &Caller,
    found: Found,
    rows: &[Row],
    query: &Query,
    position: i64,
) -> Answer<SearchAnswer> {
    let of = |wanted: Kind| -> Vec<Id> {
        let pairs = found.hits.iter().zip(rows);
        pairs
            .filter(|(_, row)| row.kind == wanted)
            .map(|(hit, _)| Id(hit.id))
            .collect()
    };
    let store = &app.centre.store;
    let around = app.centre.surroundings();
    let mut lines = query::some(store, &around, &of(Kind::Case), caller.language).await?;
    let mut customers = found_customers(app, &of(Kind::Customer)).await?;
    let terms = query.terms();
    let next = found
        .hits
        .last()
        .filter(|_| found.more)
        .map(|last| Cursor(last.rank, last.id).text());
    let mut items = Vec::with_capacity(found.hits.len());
    for (hit, row) in found.hits.iter().zip(rows) {
        let mut body = hit.body.lines();
        let (kind, case, customer) = match row.kind {
            Kind::Case => (Searched::Case, lines.remove(&Id(hit.id)), None),
            _ => (Searched::Customer, None, customers.remove(&Id(hit.id))),
        };
        // The first line of a case is its number, which its line shows.
        let number = (row.kind == Kind::Case)
            .then(|| body.next())
            .flatten()
            .unwrap_or_default();
        let title = body.next().unwrap_or_default();
        let mut rest = excerpt::best(body, &terms, WIDTH);
        if rest.ranges.is_empty() {
            let in_number = excerpt::marked(number, &terms);
            if !in_number.ranges.is_empty() {
                rest = in_number;
            }
        }
        items.push(SearchHit {
            kind,
            id: hit.id.to_string(),
            title: excerpt::marked(title, &terms).into(),
            excerpt: rest.into(),
            case,
            customer,
        });
    }
    Ok(SearchAnswer {
        items,
        next,
        total: found.total,
        position: position.to_string(),
    })
}

// As many ids as a page has at most; those not needed are 0.
const CUSTOMERS: &str = "SELECT c.id, c.name, p.phone FROM customers c LEFT JOIN customer_phones p ON p.customer = c.id \
     WHERE c.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, \
     $46, $47, $48, $49, $50) ORDER BY c.id, p.phone";

async fn found_customers(app: &App, ids: &[Id]) -> Answer<HashMap<Id, FoundCustomer>> {
    let mut found: HashMap<Id, FoundCustomer> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for row in app.centre.store.query(CUSTOMERS, &query::fifty(ids)).await? {
        let customer = found.entry(Id(row.int(0)?)).or_insert_with(|| FoundCustomer {
            name: String::new(),
            phones: Vec::new(),
        });
        row.text(1)?.clone_into(&mut customer.name);
        customer.phones.extend(row.opt_text(2)?.map(masked));
    }
    Ok(found)
}
