//! A person's data on request (《个人信息保护法》45, 47): shown, taken along, erased.
//!
//! Knows where a customer's data lie: their record and those merged into it, their contacts, their cases, the files of
//! both. Erasing takes payload and salt of every event of these records; header and hashes stay, so that the history still
//! proves itself and `verify` lists what was erased. What the law or a regulation keeps is kept, and said: cases that are
//! open refuse the request as a whole, cases within their term stay with what belongs to them.
//!
//! Copies, named: projections, claims, messages and notices, lists that were taken away and the files of imports go with the
//! records, in the same batch; attachments go right after it; the search index follows the events; the access log holds ids
//! alone; backups age out.

pub mod api;
mod erase;
mod gather;
mod plan;
mod readable;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The record kind of what was erased.
pub const ERASURE: &str = "erasure";

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::personal_data))
        .routes(routes!(api::erase_personal_data))
}
