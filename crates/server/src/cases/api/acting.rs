//! The page of a case, and what people do to it: acts, signatures, answers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use regulation::decide::{Mode, shown as shown_fields};
use regulation::model::Procedure;
use regulation::{Command, Fields, Id, Pack};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::shell::{Order, ShellError};
use super::super::view::{CaseView, visible};
use super::standing::{CaseStanding, stands};
use super::{Trial, branch, check_references, id, idempotency, page, trial, typed};
use crate::app::App;
use crate::centre::Surroundings;
use crate::http::{Answer, Body, Problem, Route};
use crate::outside_bodies;
use crate::session::Caller;

/// The page of a case.
#[utoipa::path(get, path = "/api/cases/{id}", tag = "cases", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = CaseView), Problem))]
pub async fn case(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<CaseView>> {
    let view = page(&app, &caller, id("id", &text)?).await?;
    view.map(Json)
        .ok_or_else(|| Problem::not_found("这个事项", "case"))
}

/// An action on a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What is typed.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
    /// The version of the case the person saw.
    pub seen: Option<u64>,
}

/// Loads a case that the caller may see, with its procedure.
pub(crate) async fn reachable(
    app: &App,
    caller: &Caller,
    case: Id,
) -> Answer<(Surroundings, regulation::Case, Arc<Pack>, Arc<Procedure>)> {
    let around = app.centre.surroundings();
    let missing = || Problem::not_found("这个事项", "case");
    let (state, _) = app.centre.case(case).await?;
    if !visible(&around, &caller.actor, &state) {
        return Err(missing());
    }
    let pack = around
        .packs
        .by_hash(&state.pack.hash)
        .ok_or_else(|| Problem::from(ShellError::NoSuchPack(state.pack.hash.to_string())))?;
    let procedure = pack.procedure(&state.procedure).cloned().ok_or_else(missing)?;
    Ok((around, state, pack, procedure))
}

fn action_input(procedure: &Procedure, action: &str, act: &Act) -> Answer<Fields> {
    let empty = serde_json::Value::Object(serde_json::Map::new());
    let input = if act.input.is_null() { &empty } else { &act.input };
    match procedure.action(action) {
        Some(known) => typed(&known.ask, input),
        // Unknown actions are told by the engine, with the nearest known one.
        None => Ok(Fields::new()),
    }
}

/// Do an action.
#[utoipa::path(post, path = "/api/cases/{id}/actions/{action}", tag = "cases", request_body = Act,
    params(("id" = String, Path, description = "The case"), ("action" = String, Path, description = "The action"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice"),
        ("Prefer" = Option<String>, Header, description = "`return=representation` answers with the case's page instead")),
    responses((status = 200, body = CaseStanding), Problem))]
pub async fn act(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, action)): Route<(String, String)>,
    headers: HeaderMap,
    Body(act): Body<Act>,
) -> Answer<Response> {
    let case = id("id", &text)?;
    let (around, state, pack, procedure) = reachable(&app, &caller, case).await?;
    let mut input = action_input(&procedure, &action, &act)?;
    if let Some(known) = procedure.action(&action) {
        outside_bodies::chosen(&app.centre.store, &known.ask, &mut input).await?;
        branch::check(
            &around,
            (&pack.name, state.owning_unit),
            (&known.ask, &input),
            caller.now(&app),
        )?;
        let merging = known.merges_into.as_deref().map(|field| (&state, field));
        check_references(&app, &around, &caller, Some(case), &known.ask, &input, merging).await?;
    }
    let command = Command::Act {
        action,
        input,
        seen: act.seen,
    };
    carry_out(&app, &caller, case, command, &headers).await
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    case: Id,
    command: Command,
    headers: &HeaderMap,
) -> Answer<Response> {
    let order = Order {
        case: Some(case),
        idempotency: idempotency(headers, Some(case), &command)?,
        command,
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: None,
    };
    let done = app.centre.run(order).await?;
    stands(app, caller, headers, StatusCode::OK, done).await
}

/// Try an action without writing anything.
#[utoipa::path(post, path = "/api/cases/{id}/actions/{action}/dry-run", tag = "cases", request_body = Act,
    params(("id" = String, Path, description = "The case"), ("action" = String, Path, description = "The action")),
    responses((status = 200, body = Trial), Problem))]
pub async fn act_dry_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, action)): Route<(String, String)>,
    Body(act): Body<Act>,
) -> Answer<Json<Trial>> {
    let case = id("id", &text)?;
    let (around, state, pack, procedure) = reachable(&app, &caller, case).await?;
    let input = action_input(&procedure, &action, &act)?;
    let setting = app.centre.setting_for(&around, &pack, &caller.actor);
    let ask = procedure.action(&action).map_or(&[][..], |action| &action.ask);
    let asked = shown_fields(&setting, &procedure, Some(&state), ask, &input);
    let order = Order {
        case: Some(case),
        command: Command::Act {
            action,
            input,
            seen: act.seen,
        },
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: None,
        idempotency: None,
    };
    let outcome = app.centre.try_out(&order).await?;
    Ok(Json(trial(&around, &procedure, asked, outcome, caller.language)))
}

/// A signature.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Agree or object.
    pub agree: bool,
    /// Words; owed with an objection.
    pub reason: Option<String>,
    /// The version of the case the person saw.
    pub seen: Option<u64>,
}

/// Sign an approval.
#[utoipa::path(post, path = "/api/cases/{id}/approvals/{no}", tag = "cases", request_body = Sign,
    params(("id" = String, Path, description = "The case"), ("no" = u32, Path, description = "The approval"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice"),
        ("Prefer" = Option<String>, Header, description = "`return=representation` answers with the case's page instead")),
    responses((status = 200, body = CaseStanding), Problem))]
pub async fn sign(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, approval)): Route<(String, u32)>,
    headers: HeaderMap,
    Body(sign): Body<Sign>,
) -> Answer<Response> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let command = Command::Sign {
        approval,
        agree: sign.agree,
        reason: sign.reason,
        seen: sign.seen,
    };
    carry_out(&app, &caller, case, command, &headers).await
}

/// Another signer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSigner {
    /// Step, from 0.
    pub step: u32,
    /// Slot, from 0.
    pub slot: u32,
    /// Who signs instead.
    pub person: String,
    /// Why.
    pub reason: String,
}

/// Name another signer in place of an absent one.
#[utoipa::path(post, path = "/api/cases/{id}/approvals/{no}/signers", tag = "cases", request_body = NewSigner,
    params(("id" = String, Path, description = "The case"), ("no" = u32, Path, description = "The approval"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice"),
        ("Prefer" = Option<String>, Header, description = "`return=representation` answers with the case's page instead")),
    responses((status = 200, body = CaseStanding), Problem))]
pub async fn replace_signer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, approval)): Route<(String, u32)>,
    headers: HeaderMap,
    Body(new): Body<NewSigner>,
) -> Answer<Response> {
    let case = id("id", &text)?;
    let (around, ..) = reachable(&app, &caller, case).await?;
    let person = id("person", &new.person)?;
    if !around
        .picture
        .people
        .get(&person)
        .is_some_and(|person| person.active)
    {
        return Err(Problem::not_found("这位人员", "person"));
    }
    let command = Command::ReplaceSigner {
        approval,
        step: new.step,
        slot: new.slot,
        person,
        reason: new.reason,
    };
    carry_out(&app, &caller, case, command, &headers).await
}

/// An answer to a question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Yes or no.
    pub yes: bool,
    /// Why.
    pub reason: String,
}

/// Answer a question.
#[utoipa::path(post, path = "/api/cases/{id}/questions/{no}", tag = "cases", request_body = Reply,
    params(("id" = String, Path, description = "The case"), ("no" = u32, Path, description = "The question"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice"),
        ("Prefer" = Option<String>, Header, description = "`return=representation` answers with the case's page instead")),
    responses((status = 200, body = CaseStanding), Problem))]
pub async fn answer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, question)): Route<(String, u32)>,
    headers: HeaderMap,
    Body(reply): Body<Reply>,
) -> Answer<Response> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let command = Command::Answer {
        question,
        yes: reply.yes,
        reason: reply.reason,
    };
    carry_out(&app, &caller, case, command, &headers).await
}

/// The proof of a case's history.
#[utoipa::path(get, path = "/api/cases/{id}/proof", tag = "cases", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Object), Problem))]
pub async fn proof(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<serde_json::Value>> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let proof = app.centre.store.proof(store::RecordId(case.0), false).await?;
    let proof = serde_json::to_value(&proof).map_err(|error| store::StoreError::Failed(error.to_string()))?;
    Ok(Json(proof))
}
