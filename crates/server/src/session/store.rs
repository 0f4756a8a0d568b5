//! Sessions in their table, with a short memory in front of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use ::store::{Store, StoreError};
use regulation::Id;

use super::secret::{hashed, token};

/// A session ends after so long without a request, unless set otherwise.
const IDLE_MS: i64 = 12 * 3_600_000;
/// And after so long in any case.
const LONGEST_MS: i64 = 7 * 24 * 3_600_000;
/// How long a session is believed without asking the table: another node's log-out is seen within this time.
const BELIEVED_MS: i64 = 2_000;
/// How often a session's last request is written down.
const SEEN_MS: i64 = 60_000;

const START: &str = "INSERT INTO sessions (token_hash, person, csrf, language, started, seen, ends, id, owes, way, address, agent) \
     VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11)";
const FIND: &str = "SELECT person, csrf, language, seen, ends, id, owes FROM sessions WHERE token_hash = $1";
const SEEN: &str = "UPDATE sessions SET seen = $2 WHERE token_hash = $1";
const END: &str = "DELETE FROM sessions WHERE token_hash = $1";
const END_ONE: &str = "DELETE FROM sessions WHERE id = $1 AND person = $2";
const END_OTHERS: &str = "DELETE FROM sessions WHERE person = $1 AND id <> $2";
const LANGUAGE: &str = "UPDATE sessions SET language = $2 WHERE token_hash = $1";
const OWES: &str = "UPDATE sessions SET owes = $2 WHERE token_hash = $1";
const CLEAR: &str = "DELETE FROM sessions WHERE ends < $1 OR seen < $2";
const LIST: &str = "SELECT id, way, address, agent, started, seen, ends FROM sessions WHERE person = $1 \
     ORDER BY started DESC LIMIT 200";

const BEGAN: &str = "SELECT way, started FROM sessions WHERE id = $1";

/// What a person owes before anything else is open to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owes {
    /// Nothing.
    #[default]
    Nothing,
    /// A password of their own, in place of one that somebody else knows.
    Password,
    /// A second factor.
    Factor,
}

impl Owes {
    /// The word that is kept and told.
    pub fn word(self) -> &'static str {
        match self {
            Owes::Nothing => "",
            Owes::Password => "password",
            Owes::Factor => "second_factor",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "password" => Owes::Password,
            "second_factor" => Owes::Factor,
            _ => Owes::Nothing,
        }
    }
}

/// Who is logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The session's number, which is no secret.
    pub id: i64,
    /// The person.
    pub person: Id,
    /// The token that unsafe requests must carry.
    pub csrf: String,
    /// `zh` or `en`.
    pub language: String,
    /// What is owed first.
    pub owes: Owes,
}

/// How a session begins.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// Who.
    pub person: Id,
    /// `zh` or `en`.
    pub language: &'a str,
    /// What is owed first.
    pub owes: Owes,
    /// `password`, `ldap`, `oidc`.
    pub way: &'a str,
    /// From which address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// A session as its owner is shown it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its number.
    pub id: i64,
    /// How it began.
    pub way: String,
    /// From which address.
    pub address: String,
    /// What the browser called itself.
    pub agent: String,
    /// When it began, when it was last used (to the minute), when it ends in any case.
    pub times: [i64; 3],
}

/// All sessions of the centre.
#[derive(Debug)]
pub struct Sessions {
    believed: Mutex<HashMap<String, (LoggedIn, i64)>>,
    idle: AtomicI64,
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions {
            believed: Mutex::default(),
            idle: AtomicI64::new(IDLE_MS),
        }
    }
}

impl Sessions {
    /// Sets after how many minutes without a request a session ends.
    pub fn set_idle(&self, minutes: i64) {
        self.idle.store(minutes * 60_000, Ordering::Relaxed);
    }

    /// Begins a session; gives the cookie's token. Only its hash is kept.
    pub async fn start(
        &self,
        store: &Store,
        beginning: Beginning<'_>,
    ) -> Result<(String, LoggedIn), StoreError> {
        let (token, csrf, now, id) = (token()?, token()?, store.now(), store.new_id());
        let idle = self.idle.load(Ordering::Relaxed);
        store.execute(CLEAR, &[now.into(), (now - idle).into()]).await?;
        let params = [
            hashed(&token).into(),
            beginning.person.0.into(),
            csrf.as_str().into(),
            beginning.language.into(),
            now.into(),
            (now + LONGEST_MS).into(),
            id.into(),
            beginning.owes.word().into(),
            beginning.way.into(),
            beginning.address.into(),
            beginning.agent.into(),
        ];
        store.execute(START, &params).await?;
        let session = LoggedIn {
            id,
            person: beginning.person,
            csrf,
            language: beginning.language.to_owned(),
            owes: beginning.owes,
        };
        Ok((token, session))
    }

    /// The session behind a token, if it stands; asking counts as a sign of life.
    pub async fn find(&self, store: &Store, token: &str) -> Result<Option<LoggedIn>, StoreError> {
        self.look_up(store, token, true).await
    }

    /// The session behind a token, if it stands. For what runs on by itself, which is no sign of life.
    pub async fn stands(&self, store: &Store, token: &str) -> Result<bool, StoreError> {
        Ok(self.look_up(store, token, false).await?.is_some())
    }

    async fn look_up(&self, store: &Store, token: &str, alive: bool) -> Result<Option<LoggedIn>, StoreError> {
        let (hash, now) = (hashed(token), store.now());
        if let Some((found, at)) = self.believed().get(&hash)
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
        if now >= ends || now - seen > self.idle.load(Ordering::Relaxed) {
            self.forget(&hash);
            store.execute(END, &[hash.into()]).await?;
            return Ok(None);
        }
        let found = LoggedIn {
            id: row.int(5)?,
            person: Id(row.int(0)?),
            csrf: row.text(1)?.to_owned(),
            language: row.text(2)?.to_owned(),
            owes: Owes::of(row.text(6)?),
        };
        if !alive {
            return Ok(Some(found));
        }
        if now - seen > SEEN_MS {
            store.execute(SEEN, &[hash.as_str().into(), now.into()]).await?;
        }
        let mut believed = self.believed();
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

    /// Ends one session of a person by its number; `false` where there is none.
    pub async fn end_one(&self, store: &Store, person: Id, id: i64) -> Result<bool, StoreError> {
        self.believed().retain(|_, (found, _)| found.id != id);
        Ok(store.execute(END_ONE, &[id.into(), person.0.into()]).await? > 0)
    }

    /// Ends every session of a person, but the one that goes on; gives how many.
    pub async fn end_others(&self, store: &Store, person: Id, but: Option<i64>) -> Result<u64, StoreError> {
        self.believed()
            .retain(|_, (found, _)| found.person != person || Some(found.id) == but);
        store
            .execute(END_OTHERS, &[person.0.into(), but.unwrap_or(0).into()])
            .await
    }

    /// How and when a session began.
    pub async fn began(&self, store: &Store, id: i64) -> Result<Option<(String, i64)>, StoreError> {
        let rows = store.query(BEGAN, &[id.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((row.text(0)?.to_owned(), row.int(1)?)))
    }

    /// A person's sessions, the newest first.
    pub async fn list(&self, store: &Store, person: Id) -> Result<Vec<Standing>, StoreError> {
        let rows = store.query(LIST, &[person.0.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Standing {
                    id: row.int(0)?,
                    way: row.text(1)?.to_owned(),
                    address: row.text(2)?.to_owned(),
                    agent: row.text(3)?.to_owned(),
                    times: [row.int(4)?, row.int(5)?, row.int(6)?],
                })
            })
            .collect()
    }

    /// Changes the language of a session.
    pub async fn set_language(&self, store: &Store, token: &str, language: &str) -> Result<(), StoreError> {
        self.set(store, token, LANGUAGE, language).await
    }

    /// Changes what the person owes.
    pub async fn set_owes(&self, store: &Store, token: &str, owes: Owes) -> Result<(), StoreError> {
        self.set(store, token, OWES, owes.word()).await
    }

    async fn set(
        &self,
        store: &Store,
        token: &str,
        sql: &'static str,
        value: &str,
    ) -> Result<(), StoreError> {
        let hash = hashed(token);
        self.forget(&hash);
        store.execute(sql, &[hash.into(), value.into()]).await.map(|_| ())
    }

    fn believed(&self) -> std::sync::MutexGuard<'_, HashMap<String, (LoggedIn, i64)>> {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, hash: &str) {
        self.believed().remove(hash);
    }
}
