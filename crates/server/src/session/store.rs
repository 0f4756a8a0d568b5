//! Sessions in their table, with a short memory in front of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ::store::{Store, StoreError};
use regulation::Id;
use sha2::{Digest, Sha256};

/// A session ends after so long without a request.
const IDLE_MS: i64 = 12 * 3_600_000;
/// And after so long in any case.
const LONGEST_MS: i64 = 7 * 24 * 3_600_000;
/// How long a session is believed without asking the table: another node's log-out is seen within this time.
const BELIEVED_MS: i64 = 2_000;

const START: &str = "INSERT INTO sessions (token_hash, person, csrf, language, started, seen, ends) \
     VALUES ($1, $2, $3, $4, $5, $5, $6)";
const FIND: &str = "SELECT person, csrf, language, seen, ends FROM sessions WHERE token_hash = $1";
const SEEN: &str = "UPDATE sessions SET seen = $2 WHERE token_hash = $1";
const END: &str = "DELETE FROM sessions WHERE token_hash = $1";
const LANGUAGE: &str = "UPDATE sessions SET language = $2 WHERE token_hash = $1";
const CLEAR: &str = "DELETE FROM sessions WHERE ends < $1 OR seen < $2";

/// Who is logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The person.
    pub person: Id,
    /// The token that unsafe requests must carry.
    pub csrf: String,
    /// `zh` or `en`.
    pub language: String,
}

/// All sessions of the centre.
#[derive(Debug, Default)]
pub struct Sessions {
    believed: Mutex<HashMap<String, (LoggedIn, i64)>>,
}

fn token() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Failed(format!("no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn hashed(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Sessions {
    /// Begins a session; gives the cookie's token. Only its hash is kept.
    pub async fn start(
        &self,
        store: &Store,
        person: Id,
        language: &str,
    ) -> Result<(String, LoggedIn), StoreError> {
        let (token, csrf, now) = (token()?, token()?, store.now());
        store
            .execute(CLEAR, &[now.into(), (now - IDLE_MS).into()])
            .await?;
        let params = [
            hashed(&token).into(),
            person.0.into(),
            csrf.as_str().into(),
            language.into(),
            now.into(),
            (now + LONGEST_MS).into(),
        ];
        store.execute(START, &params).await?;
        Ok((
            token,
            LoggedIn {
                person,
                csrf,
                language: language.to_owned(),
            },
        ))
    }

    /// The session behind a token, if it stands.
    pub async fn find(&self, store: &Store, token: &str) -> Result<Option<LoggedIn>, StoreError> {
        let (hash, now) = (hashed(token), store.now());
        if let Some((found, at)) = self
            .believed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&hash)
            && now - at < BELIEVED_MS
        {
            return Ok(Some(found.clone()));
        }
        let rows = store.query(FIND, &[hash.as_str().into()]).await?;
        let Some(row) = rows.first() else {
            self.forget(&hash);
            return Ok(None);
        };
        let (seen, ends) = (row.int(3)?, row.int(4)?);
        if now >= ends || now - seen > IDLE_MS {
            self.forget(&hash);
            store.execute(END, &[hash.into()]).await?;
            return Ok(None);
        }
        let found = LoggedIn {
            person: Id(row.int(0)?),
            csrf: row.text(1)?.to_owned(),
            language: row.text(2)?.to_owned(),
        };
        if now - seen > 60_000 {
            store.execute(SEEN, &[hash.as_str().into(), now.into()]).await?;
        }
        let mut believed = self.believed.lock().unwrap_or_else(PoisonError::into_inner);
        if believed.len() > 10_000 {
            believed.retain(|_, (_, at)| now - *at < BELIEVED_MS);
        }
        believed.insert(hash, (found.clone(), now));
        Ok(Some(found))
    }

    /// Ends a session.
    pub async fn end(&self, store: &Store, token: &str) -> Result<(), StoreError> {
        let hash = hashed(token);
        self.forget(&hash);
        store.execute(END, &[hash.into()]).await.map(|_| ())
    }

    /// Changes the language of a session.
    pub async fn set_language(&self, store: &Store, token: &str, language: &str) -> Result<(), StoreError> {
        let hash = hashed(token);
        self.forget(&hash);
        store
            .execute(LANGUAGE, &[hash.into(), language.into()])
            .await
            .map(|_| ())
    }

    fn forget(&self, hash: &str) {
        self.believed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(hash);
    }
}
