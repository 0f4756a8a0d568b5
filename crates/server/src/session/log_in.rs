//! Proving who one is: password or directory, then the second factor, also of whom the provider proved; and what begins
//! when it is proved. Tries are counted before anything is compared, by name and by address.

use regulation::Id;
use store::StoreError;

use super::attempts::{FREE_OF_A_NAME, FREE_OF_AN_ADDRESS};
use super::extract::Origin;
use super::password::refresh_hash;
use super::settings::LogInSettings;
use super::store::{Beginning, Owes};
use super::{LoggedIn, factor, verify_password};
use crate::access_log::Access;
use crate::app::App;
use crate::http::{Answer, Problem};

const CREDENTIAL: &str = "SELECT p.id, p.demo, c.hash FROM people p \
     LEFT JOIN credentials c ON c.person = p.id WHERE p.login = $1 AND p.active = 1";
const PERSON: &str = "SELECT p.language, COALESCE(c.must_change, 0) FROM people p \
     LEFT JOIN credentials c ON c.person = p.id WHERE p.id = $1";
const HASH: &str =
    "SELECT p.login, c.hash FROM people p LEFT JOIN credentials c ON c.person = p.id WHERE p.id = $1";

/// A hash of nothing anybody types, so that an unknown name takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2hvdXdlbi1ub2JvZHk$1Pyqvd7Bx2m1yhsGs2zJbAOBUlB2mM7v5u6P2T7gW4M";

/// A try at logging in.
pub struct Trying<'a> {
    /// Name to log in with.
    pub login: &'a str,
    /// Password.
    pub password: &'a str,
    /// Code of the second factor.
    pub code: Option<&'a str>,
    /// From which address.
    pub address: &'a str,
    /// Whether it surely comes from this machine.
    pub near: bool,
}

/// A try that is counted until it turns out right.
struct Counted {
    keys: [(String, u32); 2],
}

impl Counted {
    /// Counts a try, or refuses it while the name or the address must wait.
    fn begin(app: &App, login: &str, address: &str) -> Answer<Self> {
        let now = app.centre.store.now();
        let keys = [
            (format!("name:{}", login.trim().to_lowercase()), FREE_OF_A_NAME),
            (format!("peer:{address}"), FREE_OF_AN_ADDRESS),
        ];
        let wait = keys
            .iter()
            .filter_map(|(key, free)| app.attempts.waits(key, *free, now))
            .max();
        if let Some(seconds) = wait {
            return Err(Problem::too_many(seconds));
        }
        // Counted before the slow comparison and forgiven after it, so that many tries at once are many tries.
        keys.iter().for_each(|(key, _)| app.attempts.wrong(key, now));
        Ok(Counted { keys })
    }

    fn right(&self, app: &App) {
        self.keys.iter().for_each(|(key, _)| app.attempts.right(key));
    }
}

/// Who this is, by password (kept here or in the directory) and second factor; and by which way.
pub async fn by_password(app: &App, trying: &Trying<'_>) -> Answer<(Id, &'static str)> {
    let store = &app.centre.store;
    let counted = Counted::begin(app, trying.login, trying.address)?;
    let login = trying.login.trim().to_lowercase();
    let rows = store.query(CREDENTIAL, &[login.as_str().into()]).await?;
    let found = rows.first();
    let hash = found.map(|row| row.opt_text(2)).transpose()?.flatten();
    let way = if hash.is_some() || found.is_none() || app.directory.is_none() {
        let fits = compare(app, trying.password, hash.unwrap_or(NOBODY)).await;
        fits.then_some("password")
    } else {
        let knows = match &app.directory {
            Some(directory) => directory.knows(&login, trying.password).await?,
            None => false,
        };
        knows.then_some("ldap")
    };
    let person = found.map(|row| row.int(0).map(Id)).transpose()?;
    let barred = found.map(|row| row.flag(1)).transpose()?.unwrap_or(false) && !trying.near;
    let (Some(way), Some(person), false) = (way, person, barred) else {
        failed(app, person, trying.address, "password").await?;
        return Err(Problem::wrong_login());
    };
    if factor::stands(store, person).await? {
        let Some(code) = trying.code.filter(|code| !code.trim().is_empty()) else {
            // The password was right, but the try stays counted until the code is.
            return Err(Problem::second_factor());
        };
        if !factor::passes(store, person, code).await? {
            failed(app, Some(person), trying.address, "second_factor").await?;
            return Err(Problem::wrong_login());
        }
    }
    counted.right(app);
    if let Some(hash) = hash {
        refresh_hash(store, person, trying.password, hash).await?;
    }
    Ok((person, way))
}

/// Whether a person who is logged in knows their own password; counted like a log-in.
pub async fn knows_own(app: &App, person: Id, password: &str, address: &str) -> Answer<bool> {
    let rows = app.centre.store.query(HASH, &[person.0.into()]).await?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    let login = row.text(0)?;
    let counted = Counted::begin(app, login, address)?;
    let fits = match (row.opt_text(1)?, &app.directory) {
        (Some(hash), _) => compare(app, password, hash).await,
        (None, Some(directory)) => directory.knows(login, password).await?,
        (None, None) => false,
    };
    if fits {
        counted.right(app);
    } else {
        failed(app, Some(person), address, "password").await?;
    }
    Ok(fits)
}

async fn compare(app: &App, password: &str, hash: &str) -> bool {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    // Each comparison takes a core and its memory; more of them at once would only starve the centre.
    let _turn = app.comparing.acquire().await;
    tokio::task::spawn_blocking(move || verify_password(&password, &hash))
        .await
        .unwrap_or(false)
}

/// Writes a failed try down. A name that nobody has is not kept: it may well be a password typed in the wrong place.
async fn failed(app: &App, person: Option<Id>, address: &str, what: &str) -> Result<(), StoreError> {
    let subject = person.map_or_else(
        || "person:unknown".to_owned(),
        |person| format!("person:{person}"),
    );
    Access {
        person: None,
        address: Some(address),
        deed: "log_in_failed",
        subject: &subject,
        detail: Some(what),
        ..Access::default()
    }
    .record(&app.centre.store)
    .await
}

/// Whether a person has a password here, not in the directory or at the provider.
pub async fn has_password(app: &App, person: Id) -> Result<bool, StoreError> {
    let rows = app.centre.store.query(HASH, &[person.0.into()]).await?;
    rows.first()
        .map_or(Ok(false), |row| Ok(row.opt_text(1)?.is_some()))
}

/// Whether a person has a second factor here.
pub async fn has_factor(app: &App, person: Id) -> Result<bool, StoreError> {
    factor::stands(&app.centre.store, person).await
}

/// Takes a code of the second factor from a person whom the provider proved; counted like a log-in.
pub async fn by_code(app: &App, person: Id, code: &str, address: &str) -> Answer<()> {
    let login = app
        .centre
        .surroundings()
        .picture
        .people
        .get(&person)
        .map(|known| known.login.clone());
    let counted = Counted::begin(app, &login.unwrap_or_default(), address)?;
    if !factor::passes(&app.centre.store, person, code).await? {
        failed(app, Some(person), address, "second_factor").await?;
        return Err(Problem::wrong_login());
    }
    counted.right(app);
    Ok(())
}

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// By a password, here or in the directory, and a code where they have a second factor.
    ByPassword,
    /// By the company's provider, and a code where they have a second factor.
    ByProvider,
    /// By the company's provider, which asked for a second factor of its own.
    Twice,
}

/// What a person owes before anything else is open.
pub async fn owed(app: &App, person: Id, proved: Proved) -> Result<Owes, StoreError> {
    let store = &app.centre.store;
    let rows = store.query(PERSON, &[person.0.into()]).await?;
    // Who came by the provider may never use the password that somebody set for them.
    let by_password = proved == Proved::ByPassword;
    if by_password && rows.first().map_or(Ok(false), |row| row.flag(1))? {
        return Ok(Owes::Password);
    }
    if proved == Proved::Twice {
        return Ok(Owes::Nothing);
    }
    let settings = LogInSettings::read(store).await?;
    let now = calendar::Moment::from_millis(store.now());
    let holdings = app.centre.surroundings().picture.actor(person, now).holdings;
    let asked = holdings
        .iter()
        .any(|holding| settings.second_factor_for.contains(&holding.function));
    Ok(if asked && !factor::stands(store, person).await? {
        Owes::Factor
    } else {
        Owes::Nothing
    })
}

/// Begins a session, and writes the log-in down; gives the cookie's token.
pub async fn begin(
    app: &App,
    person: Id,
    way: &str,
    proved: Proved,
    origin: &Origin,
) -> Answer<(String, LoggedIn)> {
    let store = &app.centre.store;
    app.sessions
        .set_idle(LogInSettings::read(store).await?.idle_minutes);
    let rows = store.query(PERSON, &[person.0.into()]).await?;
    let language = rows.first().map_or(Ok("zh"), |row| row.text(0))?;
    let address = &*origin.client.to_string();
    let beginning = Beginning {
        person,
        language,
        owes: owed(app, person, proved).await?,
        way,
        address,
        agent: &origin.agent,
    };
    let begun = app.sessions.start(store, beginning).await?;
    let subject = format!("person:{person}");
    Access {
        person: Some(person),
        address: Some(address),
        deed: "logged_in",
        subject: &subject,
        detail: Some(way),
        ..Access::default()
    }
    .record(store)
    .await?;
    Ok(begun)
}
