//! Changing the organisation: units, people, what they hold. Who reaches which unit (`scopes`) follows in the same
//! batch, so that no list is ever cut by yesterday's functions.

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Head, RecordId, Row, Store, StoreError, StoredEvent};

use super::Held;
use crate::centre::Centre;
use crate::registry::{self, Setting};
use crate::schema::{CERTIFICATES, HOLDINGS, PEOPLE, UNITS};

/// The claims that keep log-in names and unit keys apart.
const LOGIN: &str = "login";
const UNIT_KEY: &str = "unit";

/// A unit as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRecord {
    /// ASCII key for imports.
    pub key: String,
    /// As people call it.
    pub name: String,
    /// The unit above it.
    pub parent: Option<Id>,
    /// Which of a pack's calendars it keeps; `default` unless it has its own.
    pub calendar: String,
}

/// A member of staff as they are to be.
#[derive(Clone, Debug)]
pub struct PersonRecord {
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// May log in and be assigned.
    pub active: bool,
    /// `zh` or `en`.
    pub language: String,
    /// A demo log-in: answers on loopback only.
    pub demo: bool,
    /// Functions with their dates.
    pub held: Vec<Held>,
    /// Certificates with their dates.
    pub certificates: Vec<(String, Moment, Moment)>,
}

/// Why the organisation was not changed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// A unit that is named does not exist.
    #[error("there is no unit {0}: make it first, or name another")]
    NoSuchUnit(Id),
    /// A unit would lie below itself.
    #[error("unit {0} cannot lie below itself: name a unit outside its own subtree as the one above it")]
    Circle(Id),
    /// The log-in name belongs to someone else.
    #[error("the log-in name {0} is taken: choose another")]
    LoginTaken(String),
    /// The key belongs to another unit.
    #[error("the unit key {0} is taken: choose another")]
    KeyTaken(String),
    /// A name is empty.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// A function is held until a time before it begins.
    #[error("{0} is held until a time that is not after its beginning")]
    Backward(String),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store refused or failed the commit.
    #[error(transparent)]
    Commit(CommitError),
}

// The subtree of every unit in which something is held; MAX because a function may be held twice from the same day.
macro_rules! scopes {
    ($which:literal) => {
        concat!(
            "INSERT INTO scopes (person, unit, function, since, until) \
             WITH RECURSIVE below (person, function, since, until, unit) AS (\
             SELECT person, function, since, until, unit FROM holdings ",
            $which,
            " UNION SELECT b.person, b.function, b.since, b.until, u.id FROM units u JOIN below b ON u.parent = b.unit) \
             SELECT person, unit, function, since, MAX(until) FROM below GROUP BY person, unit, function, since"
        )
    };
}

const CLEAR_ONE: &str = "DELETE FROM scopes WHERE person = $1";
const SCOPES_OF_ONE: &str = scopes!("WHERE person = $1");
const CLEAR_ALL: &str = "DELETE FROM scopes";
const SCOPES_OF_ALL: &str = scopes!("");
const KNOWN: &str = "SELECT id FROM units WHERE id = $1";
const ABOVE: &str = "WITH RECURSIVE above (id, parent) AS (SELECT id, parent FROM units WHERE id = $1 \
     UNION SELECT u.id, u.parent FROM units u JOIN above a ON u.id = a.parent) SELECT id FROM above WHERE id = $2";

/// Adds to a batch that every person's scopes are worked out again from holdings and units.
pub fn rebuild_scopes(batch: &mut Batch) {
    batch.statement(CLEAR_ALL, Vec::new());
    batch.statement(SCOPES_OF_ALL, Vec::new());
}

/// Makes or changes a unit; gives its id. The centre does not see it until [`Centre::refresh`].
pub async fn set_unit(
    store: &Store,
    actor: Option<Id>,
    unit: Option<Id>,
    wanted: &UnitRecord,
) -> Result<Id, ChangeError> {
    if wanted.key.trim().is_empty() || wanted.name.trim().is_empty() {
        return Err(ChangeError::Empty("the unit's key and name"));
    }
    if let Some(parent) = wanted.parent {
        known(store, parent).await?;
    }
    if let (Some(unit), Some(parent)) = (unit, wanted.parent)
        && !store
            .query(ABOVE, &[parent.0.into(), unit.0.into()])
            .await?
            .is_empty()
    {
        return Err(ChangeError::Circle(unit));
    }
    let id = unit.unwrap_or_else(|| Id(store.new_id()));
    let row = Row {
        table: &UNITS,
        values: vec![
            id.0.into(),
            wanted.parent.map(|parent| parent.0).into(),
            wanted.name.trim().into(),
            wanted.key.trim().into(),
            wanted.calendar.as_str().into(),
        ],
    };
    // A row's values stand in the table's order; the key is the fourth.
    let change = Change {
        kind: "unit",
        record: id,
        actor,
        claim: (UNIT_KEY, wanted.key.trim().to_owned(), 3),
    };
    change.commit(store, &[row], rebuild_scopes).await?;
    Ok(id)
}

/// Makes or changes a person; gives their id. The password is set apart ([`crate::session::set_password`]). The centre
/// does not see it until [`Centre::refresh`].
pub async fn set_person(
    store: &Store,
    actor: Option<Id>,
    person: Option<Id>,
    wanted: &PersonRecord,
) -> Result<Id, ChangeError> {
    if wanted.login.trim().is_empty() || wanted.name.trim().is_empty() {
        return Err(ChangeError::Empty("the log-in name and the name"));
    }
    for held in &wanted.held {
        if held.until <= held.since {
            return Err(ChangeError::Backward(held.function.clone()));
        }
        known(store, held.unit).await?;
    }
    let id = person.unwrap_or_else(|| Id(store.new_id()));
    let rows = person_rows(id, wanted);
    let change = Change {
        kind: "person",
        record: id,
        actor,
        claim: (LOGIN, wanted.login.trim().to_lowercase(), 1),
    };
    let scopes = |batch: &mut Batch| {
        batch.statement(CLEAR_ONE, vec![id.0.into()]);
        batch.statement(SCOPES_OF_ONE, vec![id.0.into()]);
    };
    change.commit(store, &rows, scopes).await?;
    Ok(id)
}

/// Makes or changes a unit and lets the centre see it at once.
pub async fn change_unit(
    centre: &Centre,
    actor: Option<Id>,
    unit: Option<Id>,
    wanted: &UnitRecord,
) -> Result<Id, ChangeError> {
    let id = set_unit(&centre.store, actor, unit, wanted).await?;
    centre.refresh().await?;
    Ok(id)
}

/// Makes or changes a person and lets the centre see them at once.
pub async fn change_person(
    centre: &Centre,
    actor: Option<Id>,
    person: Option<Id>,
    wanted: &PersonRecord,
) -> Result<Id, ChangeError> {
    let id = set_person(&centre.store, actor, person, wanted).await?;
    centre.refresh().await?;
    Ok(id)
}

async fn known(store: &Store, unit: Id) -> Result<(), ChangeError> {
    if store.query(KNOWN, &[unit.0.into()]).await?.is_empty() {
        return Err(ChangeError::NoSuchUnit(unit));
    }
    Ok(())
}

fn person_rows(id: Id, wanted: &PersonRecord) -> Vec<Row> {
    let mut rows = vec![Row {
        table: &PEOPLE,
        values: vec![
            id.0.into(),
            wanted.login.trim().to_lowercase().into(),
            wanted.name.trim().into(),
            wanted.active.into(),
            wanted.language.as_str().into(),
            wanted.demo.into(),
        ],
    }];
    rows.extend(wanted.held.iter().zip(1_i64..).map(|(held, no)| Row {
        table: &HOLDINGS,
        values: vec![
            id.0.into(),
            no.into(),
            held.function.as_str().into(),
            held.unit.0.into(),
            held.since.as_millis().into(),
            held.until.as_millis().into(),
            held.on_behalf_of.map(|person| person.0).into(),
        ],
    }));
    rows.extend(wanted.certificates.iter().map(|(certificate, since, until)| Row {
        table: &CERTIFICATES,
        values: vec![
            id.0.into(),
            certificate.as_str().into(),
            since.as_millis().into(),
            until.as_millis().into(),
        ],
    }));
    rows
}

/// One record set as a whole, with the name that only one record may have.
struct Change {
    kind: &'static str,
    record: Id,
    actor: Option<Id>,
    /// The claim, its key, and at which place of the first row that key stands.
    claim: (&'static str, String, usize),
}

impl Change {
    async fn commit(
        &self,
        store: &Store,
        rows: &[Row],
        scopes: impl FnOnce(&mut Batch),
    ) -> Result<(), ChangeError> {
        let history = store.load(RecordId(self.record.0)).await?;
        let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
        let before = registry::rows(&history)?;
        let mut batch = Batch::new();
        let (name, key, place) = &self.claim;
        let table = rows.first().map(|row| row.table);
        let held = before
            .iter()
            .find(|row| Some(row.table) == table)
            .and_then(|row| row.values.get(*place))
            .and_then(|value| value.as_text());
        if held != Some(key) {
            if let Some(held) = held {
                batch.release(*name, held);
            }
            batch.claim(*name, key.as_str(), RecordId(self.record.0));
        }
        let setting = Setting {
            kind: self.kind,
            record: self.record,
            actor: self.actor,
            at: Moment::from_millis(store.now()),
        };
        registry::set(&mut batch, &mut head, &setting, &before, rows)?;
        scopes(&mut batch);
        match store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(CommitError::Claimed { name, key, .. }) if name == LOGIN => Err(ChangeError::LoginTaken(key)),
            Err(CommitError::Claimed { key, .. }) => Err(ChangeError::KeyTaken(key)),
            Err(error) => Err(ChangeError::Commit(error)),
        }
    }
}

#[cfg(test)]
mod tests;
