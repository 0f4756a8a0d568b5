//! A personal field of a case in full: an act with a reason, written down before anything is shown (GEN-11).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::FieldValue;
use serde::Deserialize;
use utoipa::ToSchema;

use super::acting::reachable;
use super::id;
use crate::app::App;
use crate::customers::unmask::{Unmasked, reason, written_down};
use crate::http::{Answer, Body, Problem, Route};
use crate::permission::Permission;
use crate::session::Caller;

/// Which field, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldWanted {
    /// The field's key.
    pub field: String,
    /// Why it is needed.
    pub reason: String,
}

/// See one personal field of a case in full.
#[utoipa::path(post, path = "/api/cases/{id}/unmask", tag = "cases", request_body = FieldWanted,
    params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Unmasked), Problem))]
pub async fn unmask_field(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<FieldWanted>,
) -> Answer<Json<Unmasked>> {
    let case = id("id", &text)?;
    let (_, state, _, procedure) = reachable(&app, &caller, case).await?;
    caller.need(&app, Permission::UnmaskCustomers)?;
    let reason = reason(&wanted.reason)?;
    let missing = || Problem::not_found("这个字段", "field");
    let field = procedure
        .intake_fields
        .iter()
        .find(|field| field.key == wanted.field)
        .or_else(|| procedure.fields.get(&wanted.field))
        .ok_or_else(missing)?;
    let value = match state.fields.get(&field.key) {
        Some(FieldValue::Text(value)) => value.clone(),
        _ => return Err(missing()),
    };
    let detail = format!("field {}", field.key);
    written_down(&app, caller.person, &format!("case:{case}"), &detail, reason).await?;
    Ok(Json(Unmasked::new(value, None, app.centre.store.now())))
}
