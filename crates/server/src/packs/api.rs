//! `/api/packs`: which regulations are in force, and their text.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::source::Block;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::wire::ClauseTag;
use crate::http::{Answer, Problem, Route};
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
