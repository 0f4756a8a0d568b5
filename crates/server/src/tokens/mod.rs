//! Access tokens: how a program calls the API for a person, or for an account of its own that no browser logs in to.
//!
//! A token has a name, scopes, an end within a year and an owner. It reaches what its owner reaches, cut to its scopes;
//! administration has no scope, so no token administers. Only a hash is kept.

pub mod api;
mod keep;
mod rate;
mod scope;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub use keep::{Bearer, Listed, Making, find, list, make, one, revoke, revoke_all, stands};
pub use rate::Rates;
pub use scope::{Needed, Scope, needed};

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    api::routes()
}
