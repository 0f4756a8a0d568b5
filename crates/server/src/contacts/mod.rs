//! Contacts (来访): every call, letter, message or visit, item by item (TEL-11), whatever cases come of it.
//!
//! Knows who reached us when, on which channel, who took it, and which cases it was about: one contact may bring several
//! cases, one case may have several contacts. Never decides anything about a case.

pub mod api;
mod query;
mod told;

use std::sync::Arc;

pub use query::{ContactLine, of_case, of_customer};
pub use told::told;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use regulation::Id;

use crate::app::App;
use crate::http::{Answer, Problem};
use crate::session::Caller;

/// The record kind of contacts in the history.
pub const CONTACT: &str = "contact";

/// Refuses who does not reach a contact; the same as if there were none.
pub async fn must_reach(app: &App, caller: &Caller, contact: Id) -> Answer<()> {
    match query::one(app, caller, contact).await? {
        Some(_) => Ok(()),
        None => Err(Problem::not_found("这次来访", "contact")),
    }
}

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::contacts, api::register_contact))
        .routes(routes!(api::contact, api::change_contact))
        .routes(routes!(api::case_contacts))
}
