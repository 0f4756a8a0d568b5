//! Passwords: Argon2id with the library's current parameters, outside the history.

use ::store::{Store, StoreError};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use regulation::{Id, Said};

/// The fewest characters of a password.
pub const LEAST: usize = 10;
/// The most: longer ones would only keep the hash busy.
pub const MOST: usize = 200;

/// What passwords are most often made of: a password that is one of these with digits or marks around it is one of the
/// first that are tried.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a password is too easily guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Too few characters.
    Short,
    /// Too many characters.
    Long,
    /// The log-in name stands in it.
    Login,
    /// Among the first that are tried.
    Common,
    /// The same as before.
    Same,
}

impl Weakness {
    /// What is wrong and how to mend it.
    pub fn say(self) -> Said {
        match self {
            Weakness::Short => Said::new(
                format!("密码至少{LEAST}个字符"),
                format!("a password has at least {LEAST} characters"),
            ),
            Weakness::Long => Said::new(
                format!("密码最多{MOST}个字符"),
                format!("a password has at most {MOST} characters"),
            ),
            Weakness::Login => Said::new(
                "密码中不能含有登录名",
                "the log-in name must not stand in the password",
            ),
            Weakness::Common => Said::new(
                "这个密码太常见，很容易被猜到，请换一个",
                "this password is among the first that are tried; choose another",
            ),
            Weakness::Same => Said::new(
                "新密码不能与原密码相同",
                "the new password must differ from the old one",
            ),
        }
    }
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too easily guessed.
    #[error("{} / {}", .0.say().zh, .0.say().en)]
    Weak(Weakness),
    /// The library refused.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a password is too easily guessed for this log-in name.
pub fn weakness(password: &str, login: &str) -> Option<Weakness> {
    let length = password.chars().count();
    if length < LEAST {
        return Some(Weakness::Short);
    }
    if length > MOST {
        return Some(Weakness::Long);
    }
    let (password, login) = (password.to_lowercase(), login.trim().to_lowercase());
    if login.chars().count() >= 3 && password.contains(&login) {
        return Some(Weakness::Login);
    }
    let core = password.trim_matches(|letter: char| !letter.is_alphabetic());
    let first = password.chars().next();
    let monotonous = password.chars().all(|letter| Some(letter) == first);
    // Without a single letter, or nothing but one common word with digits and marks around it.
    (core.is_empty() || monotonous || COMMON.lines().any(|common| common == core)).then_some(Weakness::Common)
}

const LOGIN: &str = "SELECT login FROM people WHERE id = $1";
const SET: &str = "INSERT INTO credentials (person, hash, changed, must_change) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed = excluded.changed, \
     must_change = excluded.must_change";
const REHASH: &str = "UPDATE credentials SET hash = $3 WHERE person = $1 AND hash = $2";
// A link that was given out for the old password must not undo the new one.
const NO_LINKS: &str = "DELETE FROM password_links WHERE person = $1 AND used IS NULL";

/// The hash of a password. Slow on purpose: call it off the runtime's threads.
fn hash(password: &str) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hash(error.to_string()))
}

/// Whether a password fits its hash. Slow on purpose.
pub fn verify_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Whether a hash was made with weaker parameters than today's.
fn outdated(hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    let today = Argon2::default();
    hash.algorithm.as_str() != "argon2id"
        || argon2::Params::try_from(&hash).map_or(true, |params| {
            params.m_cost() < today.params().m_cost() || params.t_cost() < today.params().t_cost()
        })
}

/// Makes a hash of older parameters anew, now that the password is known for a moment.
pub async fn refresh_hash(
    store: &Store,
    person: Id,
    password: &str,
    known: &str,
) -> Result<(), PasswordError> {
    if !outdated(known) {
        return Ok(());
    }
    let fresh = hashed_aside(password).await?;
    store
        .execute(REHASH, &[person.0.into(), known.into(), fresh.into()])
        .await?;
    Ok(())
}

async fn hashed_aside(password: &str) -> Result<String, PasswordError> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash(&password))
        .await
        .map_err(|error| PasswordError::Hash(error.to_string()))?
}

/// Sets a person's password for good.
pub async fn set_password(store: &Store, person: Id, password: &str) -> Result<(), PasswordError> {
    put(store, person, password, false).await
}

/// Sets a password that somebody else knows: it must be changed at the first log-in.
pub async fn set_temporary_password(store: &Store, person: Id, password: &str) -> Result<(), PasswordError> {
    put(store, person, password, true).await
}

async fn put(store: &Store, person: Id, password: &str, temporary: bool) -> Result<(), PasswordError> {
    let rows = store.query(LOGIN, &[person.0.into()]).await?;
    let login = rows.first().map_or(Ok(""), |row| row.text(0))?;
    if let Some(weakness) = weakness(password, login) {
        return Err(PasswordError::Weak(weakness));
    }
    let hash = hashed_aside(password).await?;
    let params = [person.0.into(), hash.into(), store.now().into(), temporary.into()];
    store.execute(SET, &params).await?;
    store.execute(NO_LINKS, &[person.0.into()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easily_guessed_is_refused() {
        for (password, wanted) in [
            ("short", Some(Weakness::Short)),
            ("密码密码密码", Some(Weakness::Short)),
            ("password2026", Some(Weakness::Common)),
            ("!!Qwertyuiop1", Some(Weakness::Common)),
            ("139001390013", Some(Weakness::Common)),
            ("aaaaaaaaaaaa", Some(Weakness::Common)),
            ("my linxiaoyu 1", Some(Weakness::Login)),
            ("MY-LINXIAOYU-1", Some(Weakness::Login)),
            ("窗外的雨一直没有停过", None),
            ("correct horse 7", None),
        ] {
            assert_eq!(weakness(password, "linxiaoyu"), wanted, "{password}");
        }
        assert_eq!(weakness(&"長".repeat(201), "x"), Some(Weakness::Long));
    }

    #[test]
    fn a_hash_of_older_parameters_is_outdated() {
        let weak = Argon2::new(
            argon2::Algorithm::Argon2id,
            argon2::Version::V0x13,
            argon2::Params::new(64, 1, 1, None).unwrap(),
        );
        let old = weak.hash_password(b"correct horse 7").unwrap().to_string();
        assert!(outdated(&old));
        let new = hash("correct horse 7").unwrap();
        assert!(!outdated(&new));
        assert!(verify_password("correct horse 7", &old) && verify_password("correct horse 7", &new));
        assert!(!verify_password("correct horse 8", &new));
    }
}
