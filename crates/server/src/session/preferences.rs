//! `/api/preferences/{key}`: what a person chose on their screens (saved views, columns), kept with the person and not
//! with the computer, because desks are shared. Small JSON texts that only the client understands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Caller;
use crate::app::App;
use crate::http::{Answer, Body, Problem, Route};

/// The longest text under one key.
const LONGEST: usize = 32 * 1024;

/// What may be kept: a person cannot fill the database with keys of their own.
const KEYS: [&str; 4] = ["views", "columns", "notices", "recent"];

const READ: &str = "SELECT value FROM preferences WHERE person = $1 AND key = $2";
const WRITE: &str = "INSERT INTO preferences (person, key, value) VALUES ($1, $2, $3) \
     ON CONFLICT (person, key) DO UPDATE SET value = excluded.value";

/// What is kept under a key.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preference {
    /// JSON of the client's own; none while nothing was kept.
    pub value: Option<serde_json::Value>,
}

fn known(key: &str) -> Answer<()> {
    if KEYS.contains(&key) {
        Ok(())
    } else {
        Err(Problem::not_found("这项偏好", "preference"))
    }
}

/// What the caller keeps under a key: `views`, `columns`, `notices` or `recent`.
#[utoipa::path(get, path = "/api/preferences/{key}", tag = "session", params(("key" = String, Path, description = "The key")),
    responses((status = 200, body = Preference), Problem))]
pub async fn preference(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(key): Route<String>,
) -> Answer<Json<Preference>> {
    known(&key)?;
    let params = [caller.person.0.into(), key.as_str().into()];
    let rows = app.centre.store.query(READ, &params).await?;
    let value = match rows.first() {
        Some(row) => serde_json::from_str(row.text(0)?).ok(),
        None => None,
    };
    Ok(Json(Preference { value }))
}

/// Keeps something under a key.
#[utoipa::path(put, path = "/api/preferences/{key}", tag = "session", params(("key" = String, Path, description = "The key")),
    request_body = Preference, responses((status = 204, description = "Kept"), Problem))]
pub async fn set_preference(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(key): Route<String>,
    Body(kept): Body<Preference>,
) -> Answer<StatusCode> {
    known(&key)?;
    let text = kept.value.unwrap_or(serde_json::Value::Null).to_string();
    if text.len() > LONGEST {
        return Err(Problem::malformed(
            "这项偏好太长，至多32KB。请删去一些视图再存。",
            "This preference is too long, 32 KB at most. Remove some views and save again.",
        ));
    }
    let params = [caller.person.0.into(), key.as_str().into(), text.as_str().into()];
    app.centre.store.execute(WRITE, &params).await?;
    Ok(StatusCode::NO_CONTENT)
}
