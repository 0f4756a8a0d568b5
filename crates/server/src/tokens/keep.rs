//! Tokens in their table.

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Store, StoreError};

use super::scope::{Needed, Scope, needed};
use crate::access_log::Access;
use crate::app::App;
use crate::http::Problem;
use crate::session::secret::{hashed, token};

/// A token begins so, that it is found where it was left lying by mistake.
const BEGINS: &str = "shouwen_";
/// How often its last use is written down.
const SEEN_MS: i64 = 60_000;

const MAKE: &str = "INSERT INTO access_tokens (id, token_hash, person, name, scopes, made_by, made, ends) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const FIND: &str = "SELECT id, person, scopes, seen FROM access_tokens \
     WHERE token_hash = $1 AND revoked IS NULL AND ends > $2";
const STANDS: &str = "SELECT 1 FROM access_tokens WHERE id = $1 AND revoked IS NULL AND ends > $2";
const SEEN: &str = "UPDATE access_tokens SET seen = $2 WHERE id = $1";
const REVOKE: &str = "UPDATE access_tokens SET revoked = $2 WHERE id = $1 AND revoked IS NULL";
const REVOKE_ALL: &str = "UPDATE access_tokens SET revoked = $2 WHERE person = $1 AND revoked IS NULL";
// $1 person or 0, $2 the id reached, $3 how many
const LIST: &str = "SELECT id, person, name, scopes, made_by, made, ends, seen, revoked FROM access_tokens \
     WHERE (CAST($1 AS BIGINT) = 0 OR person = $1) AND id > $2 ORDER BY id LIMIT $3";
const ONE: &str =
    "SELECT id, person, name, scopes, made_by, made, ends, seen, revoked FROM access_tokens WHERE id = $1";

/// A token that was shown.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// Its number.
    pub id: i64,
    /// Its owner.
    pub person: Id,
    /// What it is good for.
    pub scopes: Vec<Scope>,
}

impl Bearer {
    /// Refuses a route that its scopes do not open.
    pub fn permits(&self, method: &str, path: &str) -> Result<(), Problem> {
        match needed(method, path) {
            Needed::Open => Ok(()),
            Needed::Scope(scope) if self.scopes.contains(&scope) => Ok(()),
            Needed::Scope(scope) => Err(Problem::forbidden(
                format!(
                    "这个接口令牌没有“{}”的范围。请安全管理员另发一个令牌。",
                    scope.word()
                ),
                format!(
                    "This access token does not have the scope {}. Ask the security administrator for another.",
                    scope.word()
                ),
            )),
            Needed::Closed => Err(Problem::forbidden(
                "接口令牌不能办理这件事，请登录后办理。",
                "No access token opens this. Log in to do it.",
            )),
        }
    }
}

/// A token as lists show it: never itself.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its number.
    pub id: i64,
    /// Its owner.
    pub person: Id,
    /// What it is called.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// Who made it.
    pub made_by: Id,
    /// When it was made.
    pub made: Moment,
    /// When it ends.
    pub ends: Moment,
    /// When it was last used, to the minute.
    pub seen: Option<Moment>,
    /// When it was revoked.
    pub revoked: Option<Moment>,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct Making<'a> {
    /// Its owner.
    pub person: Id,
    /// What it is called.
    pub name: &'a str,
    /// What it is good for.
    pub scopes: &'a [Scope],
    /// Who makes it.
    pub made_by: Id,
    /// When it ends.
    pub ends: Moment,
}

/// Makes a token, with its line in the access log; gives its number and itself, which is shown this once.
pub async fn make(
    store: &Store,
    making: &Making<'_>,
    mut access: Access<'_>,
) -> Result<(i64, String), CommitError> {
    let (id, secret) = (store.new_id(), format!("{BEGINS}{}", token()?));
    let words: Vec<&str> = making.scopes.iter().map(|scope| scope.word()).collect();
    let mut batch = Batch::new();
    batch.statement(
        MAKE,
        vec![
            id.into(),
            hashed(&secret).into(),
            making.person.0.into(),
            making.name.into(),
            words.join(" ").into(),
            making.made_by.0.into(),
            store.now().into(),
            making.ends.as_millis().into(),
        ],
    );
    let subject = format!("token:{id}");
    access.subject = &subject;
    access.record_with(store, &mut batch);
    store.commit(batch).await?;
    Ok((id, secret))
}

fn scopes(words: &str) -> Vec<Scope> {
    words.split(' ').filter_map(Scope::of).collect()
}

/// The token behind a text, if it stands.
pub async fn find(app: &App, text: &str) -> Result<Option<Bearer>, StoreError> {
    if !text.starts_with(BEGINS) {
        return Ok(None);
    }
    let (store, now) = (&app.centre.store, app.centre.store.now());
    let rows = store.query(FIND, &[hashed(text).into(), now.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let id = row.int(0)?;
    if row.opt_int(3)?.is_none_or(|seen| now - seen > SEEN_MS) {
        store.execute(SEEN, &[id.into(), now.into()]).await?;
    }
    Ok(Some(Bearer {
        id,
        person: Id(row.int(1)?),
        scopes: scopes(row.text(2)?),
    }))
}

/// Whether a token still stands.
pub async fn stands(store: &Store, id: i64) -> Result<bool, StoreError> {
    let rows = store.query(STANDS, &[id.into(), store.now().into()]).await?;
    Ok(!rows.is_empty())
}

/// Revokes a token, with its line in the access log.
pub async fn revoke(store: &Store, id: i64, access: Access<'_>) -> Result<(), CommitError> {
    let mut batch = Batch::new();
    batch.statement(REVOKE, vec![id.into(), store.now().into()]);
    access.record_with(store, &mut batch);
    store.commit(batch).await.map(|_| ())
}

/// Revokes every token of a person; gives how many.
pub async fn revoke_all(store: &Store, person: Id) -> Result<u64, StoreError> {
    store
        .execute(REVOKE_ALL, &[person.0.into(), store.now().into()])
        .await
}

fn listed(row: &store::Answer) -> Result<Listed, StoreError> {
    Ok(Listed {
        id: row.int(0)?,
        person: Id(row.int(1)?),
        name: row.text(2)?.to_owned(),
        scopes: scopes(row.text(3)?),
        made_by: Id(row.int(4)?),
        made: Moment::from_millis(row.int(5)?),
        ends: Moment::from_millis(row.int(6)?),
        seen: row.opt_int(7)?.map(Moment::from_millis),
        revoked: row.opt_int(8)?.map(Moment::from_millis),
    })
}

/// Tokens by number, of one person or of all.
pub async fn list(
    store: &Store,
    person: Option<Id>,
    after: i64,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let params = [
        person.map_or(0, |person| person.0).into(),
        after.into(),
        limit.into(),
    ];
    store.query(LIST, &params).await?.iter().map(listed).collect()
}

/// One token.
pub async fn one(store: &Store, id: i64) -> Result<Option<Listed>, StoreError> {
    store
        .query(ONE, &[id.into()])
        .await?
        .first()
        .map(listed)
        .transpose()
}
