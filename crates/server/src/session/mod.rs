//! Log-in: who is at the other end. Argon2id passwords and a second factor, HttpOnly cookie, a token against forged
//! requests; or the company's directory (LDAP) or provider (OpenID Connect).

pub mod administer;
pub mod api;
mod attempts;
pub mod directory;
mod extract;
mod factor;
mod links;
mod log_in;
pub mod oidc;
pub mod own;
mod password;
pub mod preferences;
pub mod secret;
mod settings;
mod store;

pub use self::store::{Beginning, LoggedIn, Owes, Sessions};
pub use api::{login, logout, session, set_language};
pub use attempts::Attempts;
pub use extract::{Browser, Caller, Credential, Origin};
pub use password::{
    LEAST as LEAST_OF_PASSWORD, PasswordError, set_password, set_temporary_password, verify_password,
    weakness,
};
pub use settings::LogInSettings;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of this folder, besides the log-in itself.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    own::routes()
        .merge(administer::routes())
        .merge(oidc::api::routes())
}
