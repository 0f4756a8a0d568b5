//! The demo centre: an invented company with two months of cases in every state, for looking around and for trying
//! things out.
//!
//! Knows which contacts reach it and how its staff usually treats them. Never writes a row of a case: everything goes
//! through the engine at simulated moments, so that the demo proves its clauses like any other centre. The same seed
//! gives the same course. Its people answer on the own computer only.

mod arranged;
mod chance;
mod course;
mod forms;
mod likelihood;
mod matters;
mod opening;
mod people;
mod plan;
mod walk;
mod world;

use std::sync::Arc;

use calendar::Moment;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use regulation::{FieldValue, Id};
use store::{Batch, CommitError, StoreError};

use crate::cases::shell::ShellError;
use crate::centre::Centre;
use crate::customers::{self, NewRecord};
use crate::organisation::ChangeError;
use crate::outside_bodies;
use crate::packs::BundleError;
use crate::session::PasswordError;
use chance::Chance;
use course::Course;
use plan::{AREAS, DAY};
use world::{Patron, World};

/// Everybody's password.
pub const PASSWORD: &str = "shouwen-demo";

/// Where chance begins.
const SEED: u64 = 0x5eed_2026_1123;
/// How many customers there are.
const CUSTOMERS: usize = 120;
/// Since when the company has its people and regulations.
const SINCE: i64 = 75 * DAY;

const ANYTHING: &str = "SELECT record FROM events LIMIT 1";
const COUNT: &str = "SELECT COUNT(*) FROM cases";

/// Someone who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoLogin {
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// Functions, as people say them.
    pub functions: Vec<String>,
    /// Where.
    pub unit: String,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoLogins {
    /// Everybody's password.
    pub password: String,
    /// Who can log in.
    pub people: Vec<DemoLogin>,
    /// How many cases there are.
    pub cases: i64,
}

/// Why the demo was not made, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Something is there already; a demo is never mixed with what is real.
    #[error("the database is not empty: the demo needs one of its own; name an empty folder or database")]
    NotEmpty,
    /// The program lacks something the demo is built on.
    #[error("the demo needs {0}, which this program does not have")]
    Missing(String),
    /// A pack of the program cannot be read.
    #[error(transparent)]
    Pack(#[from] BundleError),
    /// The organisation was refused.
    #[error(transparent)]
    Organisation(#[from] ChangeError),
    /// A password was refused.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A command failed.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the work stopped.
    #[error("the demo was interrupted: {0}; begin again with an empty database")]
    Stopped(String),
}

/// Whether nothing was ever recorded here.
pub async fn is_empty(centre: &Centre) -> Result<bool, StoreError> {
    Ok(centre.store.query(ANYTHING, &[]).await?.is_empty())
}

/// Fills an empty database with the demo centre; `progress` is told now and then how far it is.
///
/// # Errors
/// [`DemoError`]; what was made until then stays, so begin again with an empty database.
pub async fn fill(centre: &Arc<Centre>, mut progress: impl FnMut(&str)) -> Result<DemoLogins, DemoError> {
    if !is_empty(centre).await? {
        return Err(DemoError::NotEmpty);
    }
    let now = Moment::from_millis(centre.store.now());
    let since = now.plus(-SINCE);
    let seed = Chance::new(SEED);
    progress("单位、人员、规程 / units, people, regulations");
    let company = people::make(centre, since).await?;
    progress("客户 / customers");
    let patrons = patrons(centre, since, &seed).await?;
    let world = Arc::new(World {
        centre: centre.clone(),
        around: centre.surroundings(),
        units: company.units,
        staff: company.staff,
        patrons,
        phone_book: phone_book(centre, since).await?,
        now,
        ended: std::sync::Mutex::default(),
    });
    let (Some(pack), Some(unit)) = (world.pack("service"), world.unit("service")) else {
        return Err(DemoError::Missing("a pack in force".to_owned()));
    };
    let contacts = plan::contacts(world.calendar(&pack, unit), now, world.patrons.len(), &seed);
    progress("两个月的事项 / two months of cases");
    Course::new(world.clone(), seed)
        .run(contacts, since, &mut progress)
        .await?;
    course::wake_all(&world).await?;
    let cases = centre.store.query(COUNT, &[]).await?;
    Ok(DemoLogins {
        password: PASSWORD.to_owned(),
        people: people::logins(centre),
        cases: cases.first().map_or(Ok(0), |row| row.int(0))?,
    })
}

/// Numbers of outside bodies to choose from. They belong to nobody.
const PHONE_BOOK: [(&str, &str, &str); 5] = [
    ("water", "供水热线", "0100-96116"),
    ("power", "供电热线", "0100-96598"),
    ("heat", "供热热线", "0100-96777"),
    ("gas", "燃气热线", "0100-96788"),
    ("municipal", "市政热线", "0100-96345"),
];

async fn phone_book(centre: &Centre, at: Moment) -> Result<Vec<FieldValue>, DemoError> {
    let mut entries = Vec::with_capacity(PHONE_BOOK.len());
    let mut batch = Batch::new();
    for (kind, name, number) in PHONE_BOOK {
        let body = Id(centre.store.new_id());
        outside_bodies::enter(&mut batch, body, at, [kind, name, number])?;
        entries.push(outside_bodies::entry(body.0, name, number));
    }
    centre.store.commit(batch).await?;
    Ok(entries)
}

async fn patrons(centre: &Centre, at: Moment, seed: &Chance) -> Result<Vec<Patron>, DemoError> {
    let mut chance = seed.branch(2);
    let mut planned = Vec::with_capacity(CUSTOMERS);
    for number in 0..CUSTOMERS {
        let family = chance.pick(matters::FAMILY).copied().unwrap_or("王");
        let given = chance.pick(matters::GIVEN).copied().unwrap_or("晓明");
        // The first are neighbours.
        let area = if number < 8 {
            "6栋"
        } else {
            chance.pick(AREAS).copied().unwrap_or("1栋")
        };
        let room = format!("{}{:02}室", chance.between(1, 28), chance.between(1, 5));
        planned.push((
            format!("{family}{given}"),
            format!("1380000{number:04}"),
            area,
            room,
        ));
    }
    let store = &centre.store;
    let made = stream::iter(planned).map(|(name, phone, area, room)| async move {
        let new = NewRecord {
            name: name.clone(),
            premises: format!("{area}{room}"),
            notes: String::new(),
            phones: vec![phone.clone()],
        };
        let found = customers::create(store, None, at, &new).await?;
        Ok::<_, DemoError>(Patron {
            id: found.id,
            name,
            phone,
            area,
            room,
        })
    });
    made.buffered(32).try_collect().await
}
