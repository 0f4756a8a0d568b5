//! `/api/tokens`: made and revoked by whoever manages tokens, over the owner's units.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Listed, Making, Scope, list, make, one, revoke};
use crate::app::App;
use crate::http::wire::{Page, read_id, read_time};
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::organisation::reach;
use crate::permission::Permission;
use crate::session::Caller;

/// The longest a token stands.
const LONGEST_MS: i64 = 366 * 24 * 3_600_000;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(access_tokens))
        .routes(routes!(make_access_token))
        .routes(routes!(revoke_access_token))
}

/// An access token, never itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessToken {
    /// Its number.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its owner.
    pub person: String,
    /// Their name.
    pub person_name: String,
    /// `cases:read`, `cases:write`, `customers:read`, `customers:write`, `reports:read`, `organisation:read`.
    pub scopes: Vec<String>,
    /// Who made it.
    pub made_by_name: String,
    /// When it was made.
    pub made_at: String,
    /// When it ends.
    pub ends_at: String,
    /// When it was last used, to the minute.
    pub seen_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccessToken {
    /// What it is called: which program uses it for what.
    pub name: String,
    /// Its owner, whose functions it has: a person, or an account made for the program.
    pub person: String,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// When it ends, within a year.
    pub ends_at: String,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeAccessToken {
    /// Its number.
    pub id: String,
    /// The token itself, shown this once: `Authorization: Bearer …`.
    pub token: String,
}

/// Whose tokens.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whose {
    /// Only of this owner.
    pub person: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

fn view(app: &App, token: &Listed) -> AccessToken {
    let picture = app.centre.surroundings().picture;
    let name = |person: Id| picture.person_name(Some(person)).unwrap_or_default().to_owned();
    AccessToken {
        id: token.id.to_string(),
        name: token.name.clone(),
        person: token.person.to_string(),
        person_name: name(token.person),
        scopes: token.scopes.iter().map(|scope| scope.word().to_owned()).collect(),
        made_by_name: name(token.made_by),
        made_at: token.made.to_string(),
        ends_at: token.ends.to_string(),
        seen_at: token.seen.map(|at| at.to_string()),
        revoked_at: token.revoked.map(|at| at.to_string()),
    }
}

/// Access tokens of programs.
#[utoipa::path(get, path = "/api/tokens", tag = "tokens", params(Whose),
    responses((status = 200, body = Page<AccessToken>), Problem))]
pub async fn access_tokens(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(whose): Params<Whose>,
) -> Answer<Json<Page<AccessToken>>> {
    caller.need(&app, Permission::ManageTokens)?;
    let person = whose
        .person
        .as_deref()
        .map(|text| read_id("person", text))
        .transpose()?;
    let after = whose
        .after
        .as_deref()
        .map(|text| read_id("after", text))
        .transpose()?
        .map_or(0, |id| id.0);
    let limit = i64::from(whose.limit.unwrap_or(50).clamp(1, 200));
    let mut found = list(&app.centre.store, person, after, limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let picture = app.centre.surroundings().picture;
    let now = caller.now(&app);
    let items = found
        .iter()
        .filter(|token| {
            reach::over_person(
                &picture,
                &caller.actor,
                Permission::ManageTokens,
                token.person,
                now,
            )
        })
        .map(|token| view(&app, token))
        .collect();
    Ok(Json(Page { items, next }))
}

/// Make an access token.
#[utoipa::path(post, path = "/api/tokens", tag = "tokens", request_body = NewAccessToken,
    responses((status = 201, body = MadeAccessToken), Problem))]
pub async fn make_access_token(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewAccessToken>,
) -> Answer<(StatusCode, Json<MadeAccessToken>)> {
    caller.need(&app, Permission::ManageTokens)?;
    let person = read_id("person", &new.person)?;
    reach::need_over_person(&app, &caller, Permission::ManageTokens, person)?;
    let ends = read_time("ends_at", &new.ends_at)?;
    let now = caller.now(&app);
    let mut problems = Vec::new();
    if new.name.trim().is_empty() || new.name.chars().count() > 100 {
        problems.push((
            "name".to_owned(),
            Said::new("名称要写1到100个字", "a name has 1 to 100 characters"),
        ));
    }
    let mut scopes: Vec<Scope> = Vec::new();
    for word in &new.scopes {
        match Scope::of(word) {
            Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
            Some(_) => {}
            None => problems.push((
                "scopes".to_owned(),
                Said::new(
                    format!("没有“{word}”这个范围"),
                    format!("there is no scope {word}"),
                ),
            )),
        }
    }
    if scopes.is_empty() && problems.is_empty() {
        problems.push((
            "scopes".to_owned(),
            Said::new("至少选一个范围", "name at least one scope"),
        ));
    }
    if ends <= now || ends.since(now) > LONGEST_MS {
        problems.push((
            "ends_at".to_owned(),
            Said::new(
                "有效期要在现在之后、一年之内",
                "it ends after now and within a year",
            ),
        ));
    }
    if !problems.is_empty() {
        return Err(Problem::input(problems));
    }
    let making = Making {
        person,
        name: new.name.trim(),
        scopes: &scopes,
        made_by: caller.person,
        ends,
    };
    let detail = format!("person {person}: {}", new.scopes.join(" "));
    let mut access = caller.access("token_made", "");
    access.detail = Some(&detail);
    let (id, token) = make(&app.centre.store, &making, access).await?;
    let made = MadeAccessToken {
        id: id.to_string(),
        token,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke an access token: from now on nothing is opened by it.
#[utoipa::path(delete, path = "/api/tokens/{token}", tag = "tokens",
    params(("token" = String, Path, description = "Its number")), responses((status = 204), Problem))]
pub async fn revoke_access_token(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<StatusCode> {
    caller.need(&app, Permission::ManageTokens)?;
    let id = read_id("token", &text)?;
    let found = one(&app.centre.store, id.0).await?;
    let found = found.ok_or_else(|| Problem::not_found("这个令牌", "token"))?;
    reach::need_over_person(&app, &caller, Permission::ManageTokens, found.person)?;
    let subject = format!("token:{id}");
    revoke(&app.centre.store, id.0, caller.access("token_revoked", &subject)).await?;
    Ok(StatusCode::NO_CONTENT)
}
