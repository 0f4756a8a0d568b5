//! Passwords: Argon2id with the library's current parameters, outside the history.

use ::store::{Store, StoreError};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use regulation::Id;

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short to keep anybody out.
    #[error("密码至少{least}个字符 / a password has at least {least} characters")]
    Short {
        /// The least length.
        least: usize,
    },
    /// The library refused.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const LEAST: usize = 8;
const SET: &str = "INSERT INTO credentials (person, hash, changed) VALUES ($1, $2, $3) \
     ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed = excluded.changed";

/// The hash of a password. Slow on purpose: call it off the runtime's threads.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < LEAST {
        return Err(PasswordError::Short { least: LEAST });
    }
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hash(error.to_string()))
}

/// Whether a password fits its hash. Slow on purpose.
pub fn verify_password(password: &str, hash: &str) -> bool {
    argon2::password_hash::phc::PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Sets a person's password.
pub async fn set_password(store: &Store, person: Id, password: &str) -> Result<(), PasswordError> {
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || hash(&password))
        .await
        .map_err(|error| PasswordError::Hash(error.to_string()))??;
    store
        .execute(SET, &[person.0.into(), hash.into(), store.now().into()])
        .await?;
    Ok(())
}
