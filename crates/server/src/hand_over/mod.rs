//! Handing over everything a leaver had, in one act (GEN-5): every open case gets its own event (first-contact
//! responsibility, handler, signatures that were waited for), functions end or go to the successor, deputies of the leaver
//! end, and the leaver is deactivated.
//!
//! Each case is an act of its own under the regulation, by whoever hands over: what the regulation refuses stays with its
//! reason. The work is done in portions and can be gone on with at any time: what a case still needs is read from the case
//! itself, so nothing is done twice.

pub mod api;
mod run;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

pub use run::{HandOver, begin, go_on, load};

use crate::app::App;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    api::routes()
}
