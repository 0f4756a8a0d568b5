//! Log-ins that were sent to the provider and are not back yet: kept in the database, so that any node takes them back, and
//! taken back once. Only hashes of what the browser shows are kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regulation::Id;
use sha2::{Digest, Sha256};
use store::{Store, StoreError};

use crate::session::secret::{hashed, token};

/// How long a log-in may take.
pub const STANDS_MS: i64 = 10 * 60_000;

const CLEAR: &str = "DELETE FROM provider_log_ins WHERE ends <= $1";
const BEGIN: &str = "INSERT INTO provider_log_ins (state_hash, browser_hash, nonce, verifier, back, ends, person) \
     VALUES ($1, $2, $3, $4, $5, $6, NULL)";
const TAKE: &str = "DELETE FROM provider_log_ins WHERE state_hash = $1 AND browser_hash = $2 AND ends > $3 \
     AND person IS NULL RETURNING nonce, verifier, back";
const PROVED: &str = "INSERT INTO provider_log_ins (state_hash, browser_hash, nonce, verifier, back, ends, person) \
     VALUES ($1, $2, '', '', $3, $4, $5)";
const WAITING: &str = "SELECT person, back FROM provider_log_ins WHERE state_hash = $1 AND browser_hash = $2 AND ends > $3 \
     AND person IS NOT NULL";
const FINISH: &str =
    "DELETE FROM provider_log_ins WHERE state_hash = $1 AND browser_hash = $2 AND person IS NOT NULL";

/// What goes out with a log-in.
#[derive(Debug)]
pub struct Begun {
    /// Comes back with the answer.
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Proves at the end who began (PKCE).
    pub verifier: String,
    /// Stays with the browser.
    pub browser: String,
}

impl Begun {
    /// What the provider is given of the verifier.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

/// A log-in that came back.
#[derive(Debug)]
pub struct Back {
    /// What the token must hold.
    pub nonce: String,
    /// What the provider is shown.
    pub verifier: String,
    /// Where the person wanted to go.
    pub place: String,
}

/// Begins a log-in that ends at `place`.
pub async fn begin(store: &Store, place: &str) -> Result<Begun, StoreError> {
    let begun = Begun {
        state: token()?,
        nonce: token()?,
        verifier: token()?,
        browser: token()?,
    };
    let now = store.now();
    store.execute(CLEAR, &[now.into()]).await?;
    let params = [
        hashed(&begun.state).into(),
        hashed(&begun.browser).into(),
        begun.nonce.as_str().into(),
        begun.verifier.as_str().into(),
        place.into(),
        (now + STANDS_MS).into(),
    ];
    store.execute(BEGIN, &params).await?;
    Ok(begun)
}

/// Takes a log-in back, once, from the browser that began it.
pub async fn take(store: &Store, state: &str, browser: &str) -> Result<Option<Back>, StoreError> {
    let params = [hashed(state).into(), hashed(browser).into(), store.now().into()];
    let rows = store.execute_returning(TAKE, &params).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Back {
        nonce: row.text(0)?.to_owned(),
        verifier: row.text(1)?.to_owned(),
        place: row.text(2)?.to_owned(),
    }))
}

/// Keeps that the provider proved who this is, while their second factor is waited for.
pub async fn proved(
    store: &Store,
    state: &str,
    browser: &str,
    person: Id,
    place: &str,
) -> Result<(), StoreError> {
    let params = [
        hashed(state).into(),
        hashed(browser).into(),
        place.into(),
        (store.now() + STANDS_MS).into(),
        person.0.into(),
    ];
    store.execute(PROVED, &params).await.map(|_| ())
}

/// Whose second factor is waited for, and where they wanted to go.
pub async fn waiting(store: &Store, state: &str, browser: &str) -> Result<Option<(Id, String)>, StoreError> {
    let params = [hashed(state).into(), hashed(browser).into(), store.now().into()];
    let rows = store.query(WAITING, &params).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((Id(row.int(0)?), row.text(1)?.to_owned())))
}

/// Ends the waiting; `false` when somebody was faster.
pub async fn finish(store: &Store, state: &str, browser: &str) -> Result<bool, StoreError> {
    let params = [hashed(state).into(), hashed(browser).into()];
    Ok(store.execute(FINISH, &params).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::MIGRATIONS;

    #[tokio::test]
    async fn a_log_in_comes_back_once_to_the_browser_that_began_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
        let begun = begin(&store, "/desk").await.unwrap();
        // RFC 7636: 43 to 128 letters.
        assert!((43..=128).contains(&begun.verifier.len()));
        assert_eq!(begun.challenge().len(), 43);
        let (state, browser) = (begun.state.as_str(), begun.browser.as_str());
        assert!(take(&store, state, "another").await.unwrap().is_none());
        assert!(take(&store, "another", browser).await.unwrap().is_none());
        assert!(waiting(&store, state, browser).await.unwrap().is_none());
        let back = take(&store, state, browser).await.unwrap().unwrap();
        assert_eq!(
            (back.nonce, back.place),
            (begun.nonce.clone(), "/desk".to_owned())
        );
        assert!(take(&store, state, browser).await.unwrap().is_none());

        proved(&store, state, browser, Id(7), "/desk").await.unwrap();
        assert!(take(&store, state, browser).await.unwrap().is_none());
        assert!(waiting(&store, state, "another").await.unwrap().is_none());
        let waits = waiting(&store, state, browser).await.unwrap();
        assert_eq!(waits, Some((Id(7), "/desk".to_owned())));
        assert!(finish(&store, state, browser).await.unwrap());
        assert!(!finish(&store, state, browser).await.unwrap());
    }
}
