//! Reading who did what: the access log (log-ins, looks at personal data, exports, administration) and the history's
//! events; and dropping lines of the access log whose time is over. For whoever reads audit records; nothing here changes
//! a record, and a line of the history never shows what was written in it.

mod accesses;
mod events;
mod purge;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use accesses::*;
pub use events::*;
pub use purge::{keep, purge};

use crate::app::App;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(access_log))
        .routes(routes!(audit))
}
