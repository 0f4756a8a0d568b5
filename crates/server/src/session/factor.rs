//! The second factor: a code of six digits from an app (TOTP, RFC 6238), or one of ten recovery codes. A code counts
//! once.

use ::store::{Store, StoreError};
use regulation::Id;
use totp_rs::{Builder, Secret, Totp};

use super::secret::{hashed, random};

/// How many recovery codes are given.
const CODES: usize = 10;

const BEGIN: &str = "INSERT INTO second_factors (person, secret, confirmed, last_step) VALUES ($1, $2, NULL, 0) \
     ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, last_step = 0 \
     WHERE second_factors.confirmed IS NULL";
const FIND: &str = "SELECT secret, confirmed FROM second_factors WHERE person = $1";
const CONFIRM: &str =
    "UPDATE second_factors SET confirmed = $2, last_step = $3 WHERE person = $1 AND confirmed IS NULL";
const STEP: &str = "UPDATE second_factors SET last_step = $2 WHERE person = $1 AND last_step < $2";
const KEEP_CODE: &str = "INSERT INTO recovery_codes (person, code_hash) VALUES ($1, $2)";
const USE_CODE: &str =
    "UPDATE recovery_codes SET used = $3 WHERE person = $1 AND code_hash = $2 AND used IS NULL";
const NO_CODES: &str = "DELETE FROM recovery_codes WHERE person = $1";
const REMOVE: &str = "DELETE FROM second_factors WHERE person = $1";

/// What an app is given to know.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret in base 32, to be typed where no picture can be read.
    pub secret: String,
    /// The address that the picture holds.
    pub url: String,
}

fn counter(secret: &str, login: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    // A colon would end the name in the address.
    let login = login.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_account_name(login)
        .with_issuer(Some("Shouwen"))
        .build()
        .ok()
}

fn seconds(now_ms: i64) -> u64 {
    u64::try_from(now_ms / 1000).unwrap_or(0)
}

/// Whether a person has one that is confirmed.
pub async fn stands(store: &Store, person: Id) -> Result<bool, StoreError> {
    let rows = store.query(FIND, &[person.0.into()]).await?;
    rows.first().map_or(Ok(false), |row| {
        row.opt_int(1).map(|confirmed| confirmed.is_some())
    })
}

/// Begins an enrolment; `None` where one stands already.
pub async fn begin(store: &Store, person: Id, login: &str) -> Result<Option<Enrolment>, StoreError> {
    let secret = Secret::from(random::<20>()?).to_base32();
    if store
        .execute(BEGIN, &[person.0.into(), secret.as_str().into()])
        .await?
        == 0
    {
        return Ok(None);
    }
    let url = counter(&secret, login)
        .and_then(|counter| counter.to_url().ok())
        .ok_or_else(|| StoreError::Failed("no address for a second factor".to_owned()))?;
    Ok(Some(Enrolment { secret, url }))
}

/// Confirms an enrolment with the app's first code; gives the recovery codes, which are shown this once.
pub async fn confirm(store: &Store, person: Id, code: &str) -> Result<Option<Vec<String>>, StoreError> {
    let rows = store.query(FIND, &[person.0.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let now = store.now();
    let step = counter(row.text(0)?, "").and_then(|counter| counter.check(code, seconds(now)));
    let Some(step) = step else { return Ok(None) };
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    if store
        .execute(CONFIRM, &[person.0.into(), now.into(), step.into()])
        .await?
        == 0
    {
        return Ok(None);
    }
    store.execute(NO_CODES, &[person.0.into()]).await?;
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let code = Secret::from(random::<20>()?).to_base32().to_lowercase();
        // Sixteen letters: 80 bits.
        let code: String = code.chars().take(16).collect();
        store
            .execute(KEEP_CODE, &[person.0.into(), hashed(&code).into()])
            .await?;
        codes.push(code);
    }
    Ok(Some(codes))
}

/// Whether a code is right; it is used up by that.
pub async fn passes(store: &Store, person: Id, code: &str) -> Result<bool, StoreError> {
    let rows = store.query(FIND, &[person.0.into()]).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let now = store.now();
    if let Some(step) = counter(row.text(0)?, "").and_then(|counter| counter.check(code.trim(), seconds(now)))
    {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        // Of two requests with the same code one moves the step on; the other finds it moved.
        return Ok(store.execute(STEP, &[person.0.into(), step.into()]).await? == 1);
    }
    let code = code.trim().to_lowercase().replace([' ', '-'], "");
    let params = [person.0.into(), hashed(&code).into(), now.into()];
    Ok(store.execute(USE_CODE, &params).await? == 1)
}

/// Takes the second factor away.
pub async fn remove(store: &Store, person: Id) -> Result<(), StoreError> {
    store.execute(NO_CODES, &[person.0.into()]).await?;
    store.execute(REMOVE, &[person.0.into()]).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::MIGRATIONS;

    fn code(secret: &str, now_ms: i64) -> String {
        counter(secret, "").unwrap().generate(seconds(now_ms)).to_string()
    }

    #[tokio::test]
    async fn a_code_counts_once_and_so_does_a_recovery_code() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
        let lin = Id(7);
        let enrolment = begin(&store, lin, "lin:x").await.unwrap().unwrap();
        assert!(enrolment.url.starts_with("otpauth://totp/"), "{}", enrolment.url);
        assert!(!stands(&store, lin).await.unwrap());
        // A wrong code confirms nothing.
        assert!(confirm(&store, lin, "00000").await.unwrap().is_none());
        let now = store.now();
        let codes = confirm(&store, lin, &code(&enrolment.secret, now))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(codes.len(), CODES);
        assert!(stands(&store, lin).await.unwrap());
        // It stands, so no other takes its place unasked.
        assert!(begin(&store, lin, "lin").await.unwrap().is_none());

        // The code that confirmed is used up; the next step's is good once.
        assert!(!passes(&store, lin, &code(&enrolment.secret, now)).await.unwrap());
        let next = code(&enrolment.secret, store.now() + 30_000);
        assert!(passes(&store, lin, &next).await.unwrap());
        assert!(!passes(&store, lin, &next).await.unwrap());
        assert!(passes(&store, lin, &codes[0].to_uppercase()).await.unwrap());
        assert!(!passes(&store, lin, &codes[0]).await.unwrap());
        assert!(!passes(&store, Id(8), &codes[1]).await.unwrap());
        remove(&store, lin).await.unwrap();
        assert!(!passes(&store, lin, &codes[1]).await.unwrap());
    }
}
