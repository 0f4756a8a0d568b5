//! Rights explained: who may do this, and why; everything a person may do.
//!
//! Asks the engine and the permissions themselves, so that an explanation and the act can never disagree.

mod explain;
mod person;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use explain::*;
pub use person::*;

use crate::app::App;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(explain_right))
        .routes(routes!(rights_of_person))
}
