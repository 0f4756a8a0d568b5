//! `/api/access-log`, the newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::Id;
use serde::{Deserialize, Serialize};
use store::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::cases::query::Cursor;
use crate::http::wire::{Page, read_id, read_time};
use crate::http::{Answer, Params};
use crate::permission::Permission;
use crate::session::Caller;

// $1 and $2 the time and id reached, $3 how many, $4 not before. One text per filter, so that each has its index.
macro_rules! lines {
    ($filter:literal) => {
        concat!(
            "SELECT id, at, person, address, deed, subject, reason, detail FROM access_log \
             WHERE (at, id) < ($1, $2) AND at >= $4 ",
            $filter,
            " ORDER BY at DESC, id DESC LIMIT $3"
        )
    };
}
const ALL: &str = lines!("AND (CAST($5 AS TEXT) = '' OR deed = $5)");
const OF_PERSON: &str = lines!("AND (CAST($5 AS TEXT) = '' OR deed = $5) AND person = $6");
const OF_SUBJECT: &str = lines!("AND (CAST($5 AS TEXT) = '' OR deed = $5) AND subject = $6");

/// Which lines.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccessFilter {
    /// Only what this person did.
    pub person: Option<String>,
    /// Only what concerned this, such as `customer:123`. Not together with `person`.
    pub subject: Option<String>,
    /// Only this deed, such as `unmasked`, `exported`, `logged_in`.
    pub deed: Option<String>,
    /// From this time on.
    pub from: Option<String>,
    /// Before this time.
    pub to: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// A line of the access log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLine {
    /// Its number.
    pub id: String,
    /// When.
    pub at: String,
    /// Who; none while nobody was logged in.
    pub person: Option<String>,
    /// Their name.
    pub person_name: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// What was done.
    pub deed: String,
    /// To what.
    pub subject: String,
    /// Why.
    pub reason: Option<String>,
    /// What else there is to know.
    pub detail: Option<String>,
}

/// Who looked at, took out or administered what, the newest first.
#[utoipa::path(get, path = "/api/access-log", tag = "audit", params(AccessFilter),
    responses((status = 200, body = Page<AccessLine>), crate::http::Problem))]
pub async fn access_log(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(filter): Params<AccessFilter>,
) -> Answer<Json<Page<AccessLine>>> {
    caller.need(&app, Permission::ReadAudit)?;
    let time =
        |field: &str, text: &Option<String>| text.as_deref().map(|text| read_time(field, text)).transpose();
    let (from, to) = (time("from", &filter.from)?, time("to", &filter.to)?);
    let place = match filter.after.as_deref() {
        Some(after) => Cursor::read(Some(after))?,
        None => Cursor(to.map_or(i64::MAX, Moment::as_millis), 0),
    };
    let limit = i64::from(filter.limit.unwrap_or(50).clamp(1, 200));
    let mut params: Vec<Value> = vec![
        place.0.into(),
        place.1.into(),
        (limit + 1).into(),
        from.map_or(0, Moment::as_millis).into(),
        filter.deed.as_deref().unwrap_or_default().into(),
    ];
    let sql = match (&filter.person, &filter.subject) {
        (Some(person), _) => {
            params.push(read_id("person", person)?.0.into());
            OF_PERSON
        }
        (None, Some(subject)) => {
            params.push(subject.as_str().into());
            OF_SUBJECT
        }
        (None, None) => ALL,
    };
    let mut rows = app.centre.store.query(sql, &params).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let picture = app.centre.surroundings().picture;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let person = row.opt_int(2)?.map(Id);
        let text = |at: usize| row.opt_text(at).map(|text| text.map(str::to_owned));
        items.push(AccessLine {
            id: row.int(0)?.to_string(),
            at: Moment::from_millis(row.int(1)?).to_string(),
            person: person.map(|person| person.to_string()),
            person_name: picture.person_name(person).map(str::to_owned),
            address: text(3)?,
            deed: row.text(4)?.to_owned(),
            subject: row.text(5)?.to_owned(),
            reason: text(6)?,
            detail: text(7)?,
        });
    }
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(Cursor(last.int(1)?, last.int(0)?).text()),
        None => None,
    };
    Ok(Json(Page { items, next }))
}
