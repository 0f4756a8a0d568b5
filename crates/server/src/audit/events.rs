//! `/api/audit`: events of the history by who, what and when, the newest first. A page looks through a bounded stretch of
//! positions, so that a rare event costs many short answers rather than one long one: a page may be empty and still name
//! where to go on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::Id;
use serde::{Deserialize, Serialize};
use store::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::http::wire::{Page, read_id};
use crate::http::{Answer, Params};
use crate::permission::Permission;
use crate::session::Caller;

/// How many positions one page looks through.
const STRETCH: i64 = 20_000;

// $1 above this position, $2 up to this one, $3 how many, $4 actor or -1, $5 kind or '', $6 event's name or ''
const EVENTS: &str = "SELECT p.position, e.record, e.seq, e.record_kind, e.name, e.happened, e.recorded, e.actor \
     FROM positions p JOIN events e ON e.record = p.record AND e.seq = p.seq \
     WHERE p.position > $1 AND p.position <= $2 AND (CAST($4 AS BIGINT) = -1 OR e.actor = $4) \
     AND (CAST($5 AS TEXT) = '' OR e.record_kind = $5) AND (CAST($6 AS TEXT) = '' OR e.name = $6) \
     ORDER BY p.position DESC LIMIT $3";
const OF_RECORD: &str = "SELECT e.seq, e.record, e.seq, e.record_kind, e.name, e.happened, e.recorded, e.actor \
     FROM events e WHERE e.record = $1 AND e.seq < $2 AND (CAST($4 AS BIGINT) = -1 OR e.actor = $4) \
     ORDER BY e.seq DESC LIMIT $3";

/// Which events.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventFilter {
    /// Only what this person did; `0` is the engine and the installation.
    pub person: Option<String>,
    /// Only of this record: a case, customer, person, unit … by id.
    pub record: Option<String>,
    /// Only of this kind of record: `case`, `customer`, `person`, `unit`, `pack`, `holidays`.
    pub kind: Option<String>,
    /// Only events of this name: `opened`, `acted`, `refused`, `signed`, `set` …
    pub name: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// An event of the history.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventLine {
    /// Its position in the history; with `record`, its number in the record.
    pub position: String,
    /// The record.
    pub record: String,
    /// Its kind.
    pub kind: String,
    /// Its number in the record.
    pub seq: i64,
    /// What happened.
    pub name: String,
    /// When it happened.
    pub happened_at: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// Who; none is the engine or the installation.
    pub person: Option<String>,
    /// Their name.
    pub person_name: Option<String>,
}

/// Who did what to which record when, the newest first. A page may be empty and still name a `next`.
#[utoipa::path(get, path = "/api/audit", tag = "audit", params(EventFilter),
    responses((status = 200, body = Page<EventLine>), crate::http::Problem))]
pub async fn audit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(filter): Params<EventFilter>,
) -> Answer<Json<Page<EventLine>>> {
    caller.need(&app, Permission::ReadAudit)?;
    let store = &app.centre.store;
    let person = match filter.person.as_deref() {
        None => -1,
        Some("0") => 0,
        Some(text) => read_id("person", text)?.0,
    };
    let after = filter
        .after
        .as_deref()
        .map(|text| read_id("after", text))
        .transpose()?;
    let limit = i64::from(filter.limit.unwrap_or(50).clamp(1, 200));
    let (rows, beyond) = match filter.record.as_deref() {
        Some(text) => {
            let record = read_id("record", text)?;
            let params: Vec<Value> = vec![
                record.0.into(),
                after.map_or(i64::MAX, |id| id.0).into(),
                (limit + 1).into(),
                person.into(),
            ];
            (store.query(OF_RECORD, &params).await?, None)
        }
        None => {
            let top = after.map_or_else(|| store.sealed_position(), |id| id.0 - 1);
            let bottom = (top - STRETCH).max(0);
            let params: Vec<Value> = vec![
                bottom.into(),
                top.into(),
                (limit + 1).into(),
                person.into(),
                filter.kind.as_deref().unwrap_or_default().into(),
                filter.name.as_deref().unwrap_or_default().into(),
            ];
            let rows = store.query(EVENTS, &params).await?;
            // What lies below is asked for from just above it.
            (rows, (bottom > 0).then(|| bottom + 1))
        }
    };
    let more = rows.len() as i64 > limit;
    let picture = app.centre.surroundings().picture;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        let actor = Some(row.int(7)?).filter(|actor| *actor != 0).map(Id);
        let time = |at: i64| Moment::from_millis(at).to_string();
        items.push(EventLine {
            position: row.int(0)?.to_string(),
            record: row.int(1)?.to_string(),
            seq: row.int(2)?,
            kind: row.text(3)?.to_owned(),
            name: row.text(4)?.to_owned(),
            happened_at: time(row.int(5)?),
            recorded_at: time(row.int(6)?),
            person: actor.map(|actor| actor.to_string()),
            person_name: picture.person_name(actor).map(str::to_owned),
        });
    }
    let next = match items.last().filter(|_| more) {
        Some(last) => Some(last.position.clone()),
        None => beyond.map(|place| place.to_string()),
    };
    Ok(Json(Page { items, next }))
}
