//! `/api/packs`: which regulations are in force, their text, and moving running cases to another version.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::source::Block;
use regulation::{Id, Said};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::moving::{Moved, MovedClock, Moving, portion, version};
use crate::access_log::Access;
use crate::app::App;
use crate::http::wire::ClauseTag;
use crate::http::{Answer, Body, Language, Problem, Route};
use crate::permission::Permission;
use crate::session::Caller;

/// A pack in force.
#[derive(Serialize, ToSchema)]
pub struct PackLine {
    /// Its name.
    pub name: String,
    /// As printed.
    pub title: String,
    /// Version.
    pub version: String,
    /// Hash of its files.
    pub hash: String,
    /// Where it is in force.
    pub units: Vec<String>,
}

/// A piece of a regulation's text.
#[derive(Serialize, ToSchema)]
pub struct BlockView {
    /// `heading`, `clause` or `paragraph`.
    pub kind: String,
    /// Level of a heading.
    pub level: Option<u8>,
    /// The printed number.
    pub number: Option<String>,
    /// A clause's stable id.
    pub id: Option<String>,
    /// The text.
    pub text: String,
}

/// A regulation as text.
#[derive(Serialize, ToSchema)]
pub struct PackText {
    /// Its name.
    pub name: String,
    /// As printed.
    pub title: String,
    /// Version.
    pub version: String,
    /// The text in order.
    pub blocks: Vec<BlockView>,
    /// Clauses, those of used packs too.
    pub clauses: Vec<ClauseTag>,
}

/// Which running cases are moved, and whether it is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveAsked {
    /// The version to move to: its name or the beginning of its hash; the one in force where each case was received unless
    /// said.
    pub version: Option<String>,
    /// Stages that are called otherwise in it: old to new.
    #[serde(default)]
    pub stages: BTreeMap<String, String>,
    /// Whether it is done; else it is only said what would become of each case.
    #[serde(default)]
    pub carry_out: bool,
    /// The `next` of the answer before.
    pub after: Option<String>,
    /// How many running cases are gone through, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// What became, or would become, of a case.
#[derive(Serialize, ToSchema)]
pub struct MovedView {
    /// The case.
    pub case: String,
    /// Its number.
    pub number: String,
    /// Its procedure.
    pub procedure: String,
    /// The version it ran on.
    pub from_version: String,
    /// The version it is moved to.
    pub to_version: String,
    /// Its stage before.
    pub stage: String,
    /// Its stage afterwards; none where it stays.
    pub stage_after: Option<String>,
    /// Every reason why it stays; none where it maps.
    pub reasons: Vec<String>,
    /// Clocks whose due time changes or that end.
    pub clocks: Vec<MovedClock>,
}

/// One stretch of running cases.
#[derive(Serialize, ToSchema)]
pub struct MovePage {
    /// Those on another version, in the order of their ids.
    pub items: Vec<MovedView>,
    /// How many of them map (and were moved, where that was asked).
    pub moved: usize,
    /// How many stay.
    pub refused: usize,
    /// Give this as `after` to go on; none at the end. A stretch may hold no case to move and yet have one after it.
    pub next: Option<String>,
}

/// Move running cases to another version of their pack, or say what would become of them.
///
/// An act on each case: clocks keep their start; what does not map stays on its version, with every reason.
#[utoipa::path(post, path = "/api/packs/{name}/moves", tag = "packs", request_body = MoveAsked,
    params(("name" = String, Path, description = "The pack")),
    responses((status = 200, body = MovePage), Problem))]
pub async fn move_cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(name): Route<String>,
    Body(asked): Body<MoveAsked>,
) -> Answer<Json<MovePage>> {
    caller.need(&app, Permission::ManagePacks)?;
    let around = app.centre.surroundings();
    around
        .packs
        .in_force_anywhere(&name)
        .ok_or_else(|| Problem::not_found("这份规程", "regulation"))?;
    let to = match &asked.version {
        None => None,
        Some(named) => Some(version(&around, &name, named).map_err(|known| {
            let say = Said::new(
                format!("没有唯一的版本“{named}”。可用的有：{known}。"),
                format!("There is not exactly one version \"{named}\". Known: {known}."),
            );
            Problem::input(vec![("version".to_owned(), say)])
        })?),
    };
    let after = match &asked.after {
        None => Id(0),
        Some(text) => text.parse().map_err(|_| {
            Problem::malformed(
                "翻页标记after有误。请用上一次返回的next。",
                "The paging mark `after` is wrong. Use the `next` of the answer before.",
            )
        })?,
    };
    if asked.carry_out {
        let subject = format!("pack:{name}");
        let access = Access {
            person: Some(caller.person),
            deed: "cases_moved",
            subject: &subject,
            detail: asked.version.as_deref(),
            ..Access::default()
        };
        access.record(&app.centre.store).await?;
    }
    let moving = Moving {
        pack: &name,
        to,
        stages: asked.stages.into_iter().collect(),
        actor: &caller.actor,
        carry_out: asked.carry_out,
    };
    let within = |unit| Permission::ManagePacks.over(&caller.actor, around.picture.as_ref(), unit);
    let limit = i64::from(asked.limit.unwrap_or(50).clamp(1, 200));
    let (moved, next) = portion(&app.centre, &moving, after, limit, &within).await?;
    let maps = moved.iter().filter(|one| one.maps()).count();
    Ok(Json(MovePage {
        moved: maps,
        refused: moved.len() - maps,
        next: next.map(|next| next.to_string()),
        items: moved.iter().map(|one| moved_view(one, caller.language)).collect(),
    }))
}

fn moved_view(moved: &Moved, language: Language) -> MovedView {
    MovedView {
        case: moved.case.to_string(),
        number: moved.number.clone(),
        procedure: moved.procedure.clone(),
        from_version: moved.from.clone(),
        to_version: moved.to.clone(),
        stage: moved.stage.clone(),
        stage_after: moved.stage_after.clone(),
        reasons: moved.reasons.iter().map(|reason| language.say(reason)).collect(),
        clocks: moved.clocks.clone(),
    }
}

/// The routes of regulations.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(packs))
        .routes(routes!(pack))
        .routes(routes!(move_cases))
}

/// Which regulations are in force within the caller's reach.
#[utoipa::path(get, path = "/api/packs", tag = "packs", responses((status = 200, body = Vec<PackLine>), Problem))]
pub async fn packs(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<PackLine>>> {
    let around = app.centre.surroundings();
    let mut lines: Vec<PackLine> = Vec::new();
    for one in around.packs.in_force() {
        let Some(pack) = around.packs.by_hash(&one.hash) else {
            continue;
        };
        let unit = around.picture.unit_name(one.unit).to_owned();
        match lines.iter_mut().find(|line| line.hash == *pack.hash) {
            Some(line) => line.units.push(unit),
            None => lines.push(PackLine {
                name: pack.name.to_string(),
                title: caller.language.say(&pack.title),
                version: pack.version.clone(),
                hash: pack.hash.to_string(),
                units: vec![unit],
            }),
        }
    }
    Ok(Json(lines))
}

/// A regulation's text.
#[utoipa::path(get, path = "/api/packs/{name}", tag = "packs", params(("name" = String, Path, description = "The pack")),
    responses((status = 200, body = PackText), Problem))]
pub async fn pack(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(name): Route<String>,
) -> Answer<Json<PackText>> {
    let around = app.centre.surroundings();
    let pack = around
        .packs
        .in_force_anywhere(&name)
        .ok_or_else(|| Problem::not_found("这份规程", "regulation"))?;
    let blocks = pack
        .regulation
        .blocks
        .iter()
        .map(|block| match block {
            Block::Heading {
                level, number, text, ..
            } => BlockView {
                kind: "heading".to_owned(),
                level: Some(*level),
                number: number.clone(),
                id: None,
                text: text.clone(),
            },
            Block::Clause { id, number, text, .. } => BlockView {
                kind: "clause".to_owned(),
                level: None,
                number: Some(number.clone()),
                id: Some(id.clone()),
                text: text.clone(),
            },
            Block::Paragraph { text, .. } => BlockView {
                kind: "paragraph".to_owned(),
                level: None,
                number: None,
                id: None,
                text: text.clone(),
            },
        })
        .collect();
    Ok(Json(PackText {
        name: pack.name.to_string(),
        title: caller.language.say(&pack.title),
        version: pack.version.clone(),
        blocks,
        clauses: pack
            .clauses
            .iter()
            .map(|clause| crate::http::wire::clause_tag(&around.packs, &clause.id, caller.language))
            .collect(),
    }))
}
