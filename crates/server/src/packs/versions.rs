//! `/api/packs/{name}/versions`: every version ever put in force, what each changed, and how many open cases still run
//! by it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use serde::Serialize;
use utoipa::ToSchema;

use super::differences::{Kind, differences};
use crate::app::App;
use crate::http::wire::{ClauseTag, clause_tag};
use crate::http::{Answer, Problem, Route};
use crate::session::Caller;

/// A version.
#[derive(Serialize, ToSchema)]
pub struct VersionView {
    /// Its name.
    pub version: String,
    /// Hash of its files.
    pub hash: String,
    /// First day in force, as it says itself.
    pub effective: Option<String>,
    /// When it came into the database.
    pub loaded_at: String,
    /// Where it is in force now.
    pub units: Vec<String>,
    /// Open cases that run by it.
    pub open_cases: i64,
    /// What differs from the version before.
    pub differences: Vec<DifferenceView>,
}

/// A difference.
#[derive(Serialize, ToSchema)]
pub struct DifferenceView {
    /// How.
    pub kind: Kind,
    /// What it is about.
    pub what: String,
    /// The clause it belongs to.
    pub clause: Option<ClauseTag>,
    /// As it was.
    pub before: Option<String>,
    /// As it is.
    pub after: Option<String>,
}

const VERSIONS: &str = "SELECT hash, loaded FROM packs WHERE name = $1 ORDER BY loaded, id";
const OPEN: &str =
    "SELECT pack_hash, COUNT(*) FROM cases WHERE pack = $1 AND ended IS NULL GROUP BY pack_hash";

/// Every version of a regulation, the newest first.
#[utoipa::path(get, path = "/api/packs/{name}/versions", tag = "packs", params(("name" = String, Path, description = "The pack")),
    responses((status = 200, body = Vec<VersionView>), Problem))]
pub async fn versions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(name): Route<String>,
) -> Answer<Json<Vec<VersionView>>> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let mut open = HashMap::new();
    for row in store.query(OPEN, &[name.as_str().into()]).await? {
        open.insert(row.text(0)?.to_owned(), row.int(1)?);
    }
    let language = caller.language;
    let mut lines: Vec<VersionView> = Vec::new();
    let mut before = None;
    for row in store.query(VERSIONS, &[name.as_str().into()]).await? {
        let hash = row.text(0)?;
        let Some(pack) = around.packs.by_hash(hash) else {
            continue;
        };
        let found = before
            .as_ref()
            .map(|before: &Arc<regulation::Pack>| differences(before, &pack))
            .unwrap_or_default();
        lines.push(VersionView {
            version: pack.version.clone(),
            hash: hash.to_owned(),
            effective: pack.effective.map(|day| day.to_string()),
            loaded_at: Moment::from_millis(row.int(1)?).to_string(),
            units: around
                .packs
                .in_force()
                .iter()
                .filter(|one| *one.hash == *hash)
                .map(|one| around.picture.unit_name(one.unit).to_owned())
                .collect(),
            open_cases: open.get(hash).copied().unwrap_or_default(),
            differences: found
                .into_iter()
                .map(|one| DifferenceView {
                    kind: one.kind,
                    what: language.say(&one.what),
                    clause: one
                        .clause
                        .as_ref()
                        .map(|clause| clause_tag(&around.packs, clause, language)),
                    before: one.before.as_ref().map(|said| language.say(said)),
                    after: one.after.as_ref().map(|said| language.say(said)),
                })
                .collect(),
        });
        before = Some(pack);
    }
    if lines.is_empty() {
        return Err(Problem::not_found("这份规程", "regulation"));
    }
    lines.reverse();
    Ok(Json(lines))
}
