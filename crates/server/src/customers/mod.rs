//! Customers (客户): who stands behind a contact, found again by name or number.
//!
//! Knows the record, who sees it, how it is changed, and how two of them become one. Numbers leave this room masked,
//! because nobody needs the whole of one to recognise a caller; unmasking is an act of its own, with a reason (GEN-11).

mod alike;
pub mod api;
pub mod change;
mod history;
pub mod input;
mod merge;
mod merging;
mod phone;
mod query;
pub mod record;
pub mod relation;
pub mod sight;
pub mod unmask;
mod view;

use std::sync::Arc;

pub use phone::{digits, masked};
pub use query::{Found, NewRecord, create, create_in, search, searched};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::customers, api::create_customer))
        .routes(routes!(api::customer, api::change_customer))
        .routes(routes!(history::customer_cases))
        .routes(routes!(history::customer_contacts))
        .routes(routes!(history::customer_looks))
        .routes(routes!(unmask::unmask_customer))
        .routes(routes!(merging::alike_customers))
        .routes(routes!(merging::merge_customers))
        .routes(routes!(merging::part_customers))
}
