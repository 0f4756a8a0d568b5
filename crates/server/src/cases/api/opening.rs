//! Opening a case, for good or as a trial.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use regulation::decide::{Mode, Opened, shown as shown_fields};
use regulation::model::Procedure;
use regulation::{Command, Pack};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::shell::Order;
use super::intakes::procedure_of;
use super::standing::{CaseStanding, stands};
use super::{Trial, branch, check_references, id, idempotency, trial, typed};
use crate::app::App;
use crate::centre::Surroundings;
use crate::customers::sight;
use crate::http::wire::read_time as time;
use crate::http::{Answer, Body, Problem};
use crate::outside_bodies;
use crate::session::Caller;

/// A case to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// The pack.
    pub pack: String,
    /// The procedure.
    pub procedure: String,
    /// The channel: `phone`, `walk_in`, `web`, `email`, `sms`, `letter`, `chat`, `fax`, `video`, `social`, `message_board`,
    /// `home_visit`, `internal`.
    pub channel: String,
    /// When the contact reached us; now unless said. Earlier is back-dating: shown and counted.
    pub received_at: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// The unit that receives it; the caller's own unless said.
    pub unit: Option<String>,
    /// The form as filled.
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
}

/// The channels on which a contact may reach us.
pub const CHANNELS: [&str; 13] = [
    "phone",
    "walk_in",
    "web",
    "email",
    "sms",
    "letter",
    "chat",
    "fax",
    "video",
    "social",
    "message_board",
    "home_visit",
    "internal",
];

/// Reads a new case into an opening command.
fn opening(
    app: &App,
    around: &Surroundings,
    caller: &Caller,
    new: &NewCase,
) -> Answer<(Arc<Pack>, Arc<Procedure>, Command)> {
    let (own, pack, procedure) = procedure_of(around, caller, &new.pack, &new.procedure)?;
    if !CHANNELS.contains(&new.channel.as_str()) {
        let known = CHANNELS.join(", ");
        return Err(Problem::malformed(
            format!("没有“{}”这个渠道。可用的有：{known}。", new.channel),
            format!("There is no channel \"{}\". Known: {known}.", new.channel),
        ));
    }
    let unit = match &new.unit {
        Some(text) => id("unit", text)?,
        None => own,
    };
    if !around.picture.units.contains_key(&unit) || !around.picture.reaches(&caller.actor, unit) {
        return Err(Problem::not_found("这个部门", "unit"));
    }
    let received = new
        .received_at
        .as_deref()
        .map(|text| time("received_at", text))
        .transpose()?;
    if received.is_some_and(|received| received.as_millis() > app.centre.store.now() + 60_000) {
        return Err(Problem::malformed(
            "received_at在将来。来访时间不能晚于现在。",
            "received_at lies in the future; a contact cannot reach us later than now.",
        ));
    }
    let customer = new
        .customer
        .as_deref()
        .map(|text| id("customer", text))
        .transpose()?;
    let input = typed(&procedure.intake_fields, &new.input)?;
    let opened = Opened {
        received,
        channel: new.channel.clone(),
        customer,
        owning_unit: Some(unit),
        ..Opened::default()
    };
    let command = Command::Open {
        procedure: procedure.key.clone(),
        opened,
        input,
    };
    Ok((pack, procedure, command))
}

/// Open a case.
#[utoipa::path(post, path = "/api/cases", tag = "cases", request_body = NewCase,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice"),
        ("Prefer" = Option<String>, Header, description = "`return=representation` answers with the case's page instead")
    ),
    responses((status = 201, body = CaseStanding), Problem))]
pub async fn open(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Body(new): Body<NewCase>,
) -> Answer<Response> {
    let around = app.centre.surroundings();
    let (pack, procedure, mut command) = opening(&app, &around, &caller, &new)?;
    if let Command::Open { input, opened, .. } = &mut command {
        outside_bodies::chosen(&app.centre.store, &procedure.intake_fields, input).await?;
        if let Some(unit) = opened.owning_unit {
            branch::check(
                &around,
                (&pack.name, unit),
                (&procedure.intake_fields, input),
                caller.now(&app),
            )?;
        }
        check_references(
            &app,
            &around,
            &caller,
            None,
            &procedure.intake_fields,
            input,
            None,
        )
        .await?;
    }
    check_customer(&app, &caller, &command).await?;
    let order = Order {
        case: None,
        idempotency: idempotency(&headers, None, &command)?,
        command,
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: Some(pack),
    };
    let done = app.centre.run(order).await?;
    stands(&app, &caller, &headers, StatusCode::CREATED, done).await
}

async fn check_customer(app: &App, caller: &Caller, command: &Command) -> Answer<()> {
    if let Command::Open {
        opened: Opened {
            customer: Some(customer),
            ..
        },
        ..
    } = command
    {
        return sight::must_see(app, caller, *customer).await;
    }
    Ok(())
}

/// Try an opening without writing anything.
#[utoipa::path(post, path = "/api/cases/dry-run", tag = "cases", request_body = NewCase,
    responses((status = 200, body = Trial), Problem))]
pub async fn open_dry_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewCase>,
) -> Answer<Json<Trial>> {
    let around = app.centre.surroundings();
    let (pack, procedure, command) = opening(&app, &around, &caller, &new)?;
    let setting = app.centre.setting_for(&around, &pack, &caller.actor);
    let typed = typed(&procedure.intake_fields, &new.input)?;
    let asked = shown_fields(&setting, &procedure, None, &procedure.intake_fields, &typed);
    let order = Order {
        case: None,
        command,
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: Some(pack.clone()),
        idempotency: None,
    };
    let outcome = app.centre.try_out(&order).await?;
    Ok(Json(trial(&around, &procedure, asked, outcome, caller.language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_refused_when_they_are_none() {
        assert!(time("received_at", "2026-13-01").is_err());
    }
}
