//! Log-in: who is at the other end. Argon2id passwords, HttpOnly cookie, a token against forged requests.

pub mod api;
mod attempts;
mod extract;
mod password;
pub mod preferences;
mod store;

pub use self::store::{LoggedIn, Sessions};
pub use api::{login, logout, session, set_language};
pub use attempts::Attempts;
pub use extract::Caller;
pub use password::{PasswordError, set_password, verify_password};
