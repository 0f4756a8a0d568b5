//! Links by which a person sets a password: one person, one use, one day. Only a hash is kept; a newer link, a used one
//! and a changed password end all others.

use ::store::{Store, StoreError};
use regulation::Id;

use super::secret::{hashed, token};

/// How long a link stands.
pub const STANDS_MS: i64 = 24 * 3_600_000;

const CLEAR: &str = "DELETE FROM password_links WHERE person = $1 OR ends < $2";
const MAKE: &str =
    "INSERT INTO password_links (token_hash, person, made_by, made, ends) VALUES ($1, $2, $3, $4, $5)";
const FIND: &str = "SELECT l.person FROM password_links l JOIN people p ON p.id = l.person \
     WHERE l.token_hash = $1 AND l.used IS NULL AND l.ends > $2 AND p.active = 1";
const USE: &str = "UPDATE password_links SET used = $2 WHERE token_hash = $1 AND used IS NULL AND ends > $2";

/// Makes a link for a person; gives its secret and when it ends.
pub async fn make(store: &Store, person: Id, made_by: Option<Id>) -> Result<(String, i64), StoreError> {
    let (secret, now) = (token()?, store.now());
    store.execute(CLEAR, &[person.0.into(), now.into()]).await?;
    let ends = now + STANDS_MS;
    let params = [
        hashed(&secret).into(),
        person.0.into(),
        made_by.map(|by| by.0).into(),
        now.into(),
        ends.into(),
    ];
    store.execute(MAKE, &params).await?;
    Ok((secret, ends))
}

/// Whose link it is, while it stands.
pub async fn of(store: &Store, secret: &str) -> Result<Option<Id>, StoreError> {
    let rows = store
        .query(FIND, &[hashed(secret).into(), store.now().into()])
        .await?;
    rows.first().map(|row| row.int(0).map(Id)).transpose()
}

/// Uses a link up; `false` when somebody was faster or its time is over.
pub async fn take(store: &Store, secret: &str) -> Result<bool, StoreError> {
    let taken = store
        .execute(USE, &[hashed(secret).into(), store.now().into()])
        .await?;
    Ok(taken == 1)
}
