//! Lists of contacts: what was taken within reach, newest first.

use calendar::Moment;
use regulation::Id;
use serde::Serialize;
use store::{Answer as Row, StoreError, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::cases::query::Cursor;
use crate::customers::masked;
use crate::http::Answer;
use crate::http::wire::Page;
use crate::organisation::Picture;
use crate::session::Caller;

/// A contact.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactLine {
    /// Id.
    pub id: String,
    /// When it reached us, or we them.
    pub at: String,
    /// The channel.
    pub channel: String,
    /// `in` or `out`.
    pub direction: String,
    /// Who took it.
    pub person_name: Option<String>,
    /// Where.
    pub unit_name: String,
    /// The customer.
    pub customer: Option<String>,
    /// Their name.
    pub customer_name: Option<String>,
    /// The number it came from, masked.
    pub number: String,
    /// What it was about.
    pub summary: String,
    /// The answer given, or whom it was passed on to.
    pub answer: String,
    /// Cases it was about.
    pub cases: Vec<ContactCase>,
}

/// A case that a contact was about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactCase {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
}

macro_rules! within {
    ($c:literal) => {
        concat!(
            "(",
            $c,
            ".handler = $1 OR ",
            $c,
            ".first_contact_owner = $1 OR ",
            $c,
            ".registrar = $1 OR ",
            $c,
            ".unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) OR ",
            $c,
            ".owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2))"
        )
    };
}
// $1 person, $2 now: a contact that the person took, that was taken in a unit of theirs, or that belongs to a case they
// may see
macro_rules! taken {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.at, t.channel, t.direction, t.person, t.unit, t.customer, m.name, t.number, t.summary, t.answer, \
             (SELECT string_agg(CAST(c.id AS TEXT) || ' ' || c.number, '\u{1f}') FROM contact_cases l JOIN cases c ON c.id = l.case_id \
               WHERE l.contact = t.id AND ",
            within!("c"),
            ") FROM contacts t LEFT JOIN customers m ON m.id = t.customer WHERE (t.person = $1 \
             OR t.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
             OR EXISTS (SELECT 1 FROM contact_cases l JOIN cases c ON c.id = l.case_id WHERE l.contact = t.id AND ",
            within!("c"),
            ")) ",
            $rest
        )
    };
}
const ALL: &str = taken!("AND (-t.at, t.id) > ($3, $4) ORDER BY -t.at, t.id LIMIT $5");
const OF_CUSTOMER: &str =
    taken!("AND t.customer = $6 AND (-t.at, t.id) > ($3, $4) ORDER BY -t.at, t.id LIMIT $5");
const OF_CASE: &str = taken!(
    "AND t.id IN (SELECT contact FROM contact_cases WHERE case_id = $3) ORDER BY t.at, t.id LIMIT 200"
);
const ONE: &str = taken!("AND t.id = $3");

fn line(picture: &Picture, row: &Row) -> Result<ContactLine, StoreError> {
    let mut cases: Vec<ContactCase> = row
        .opt_text(11)?
        .unwrap_or_default()
        .split('\u{1f}')
        .filter_map(|one| one.split_once(' '))
        .map(|(id, number)| ContactCase {
            id: id.to_owned(),
            number: number.to_owned(),
        })
        .collect();
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(ContactLine {
        id: row.int(0)?.to_string(),
        at: Moment::from_millis(row.int(1)?).to_string(),
        channel: row.text(2)?.to_owned(),
        direction: row.text(3)?.to_owned(),
        person_name: picture.person_name(row.opt_int(4)?.map(Id)).map(str::to_owned),
        unit_name: picture.unit_name(Id(row.int(5)?)).to_owned(),
        customer: row.opt_int(6)?.map(|id| id.to_string()),
        customer_name: row.opt_text(7)?.map(str::to_owned),
        number: masked(row.text(8)?),
        summary: row.text(9)?.to_owned(),
        answer: row.text(10)?.to_owned(),
        cases,
    })
}

fn page(app: &App, mut rows: Vec<Row>, limit: i64) -> Answer<Page<ContactLine>> {
    let picture = app.centre.surroundings().picture;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(Cursor(-last.int(1)?, last.int(0)?).text()),
        None => None,
    };
    let items = rows
        .iter()
        .map(|row| line(&picture, row))
        .collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}

fn paged(app: &App, caller: &Caller, cursor: Cursor, limit: i64) -> [Value; 5] {
    [
        caller.person.0.into(),
        app.centre.store.now().into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
    ]
}

/// All contacts within reach.
pub async fn all(app: &App, caller: &Caller, cursor: Cursor, limit: i64) -> Answer<Page<ContactLine>> {
    let rows = app
        .centre
        .store
        .query(ALL, &paged(app, caller, cursor, limit))
        .await?;
    page(app, rows, limit)
}

/// A customer's contacts within reach.
pub async fn of_customer(
    app: &App,
    caller: &Caller,
    customer: Id,
    cursor: Cursor,
    limit: i64,
) -> Answer<Page<ContactLine>> {
    let mut params = paged(app, caller, cursor, limit).to_vec();
    params.push(customer.0.into());
    let rows = app.centre.store.query(OF_CUSTOMER, &params).await?;
    page(app, rows, limit)
}

/// A case's contacts, oldest first.
pub async fn of_case(app: &App, caller: &Caller, case: Id) -> Result<Vec<ContactLine>, StoreError> {
    let params: [Value; 3] = [
        caller.person.0.into(),
        app.centre.store.now().into(),
        case.0.into(),
    ];
    let picture = app.centre.surroundings().picture;
    let rows = app.centre.store.query(OF_CASE, &params).await?;
    rows.iter().map(|row| line(&picture, row)).collect()
}

/// One contact, where it is within reach.
pub async fn one(app: &App, caller: &Caller, contact: Id) -> Result<Option<ContactLine>, StoreError> {
    let params: [Value; 3] = [
        caller.person.0.into(),
        app.centre.store.now().into(),
        contact.0.into(),
    ];
    let picture = app.centre.surroundings().picture;
    let rows = app.centre.store.query(ONE, &params).await?;
    rows.first().map(|row| line(&picture, row)).transpose()
}
