//! Changing the organisation: units, people, what they hold. Who reaches which unit (`scopes`) follows in the same
//! batch, so that no list is ever cut by yesterday's functions.

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Guard, Head, RecordId, Row, Store, StoreError, StoredEvent, Value};

use super::{Held, separation};
use crate::access_log::Access;
use crate::centre::Centre;
use crate::registry::{self, Setting};
use crate::schema::{CERTIFICATES, HOLDINGS, PEOPLE, UNITS};

/// The claims that keep log-in names and unit keys apart.
const LOGIN: &str = "login";
const UNIT_KEY: &str = "unit";

/// How often a change is looked at again when administrators come and go at the same moment.
const ATTEMPTS: usize = 5;

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
    /// The unit is closed.
    #[error("the unit {0} is closed: reopen it first, or name another")]
    Closed(Id),
    /// Something still happens in a unit that was to be closed.
    #[error(
        "the unit is still in use: {units} open units below it, {people} people hold functions in it, {cases} open cases belong to it"
    )]
    InUse {
        /// Units below it that are not closed.
        units: i64,
        /// People who hold a function in it, now or later.
        people: i64,
        /// Cases of it that have not ended.
        cases: i64,
    },
    /// Nobody changes their own rights.
    #[error(
        "nobody changes their own functions, certificates or standing: another security administrator must do it"
    )]
    OwnRights,
    /// Two administrations in one hand.
    #[error("{0} and {1} are kept apart: one person cannot hold both at the same time")]
    Together(&'static str, &'static str),
    /// The last administrator of a kind would be lost, now or later.
    #[error("this is the last {0} whose function lasts so long: give the function to someone else first")]
    LastAdministrator(&'static str),
    /// Somebody else changed the record since it was looked at.
    #[error("the record was changed since it was looked at: look again, then decide")]
    Stale,
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

// The subtree of every unit in which something but an administration is held; MAX because a function may be held twice from the same day.
macro_rules! scopes {
    ($which:literal) => {
        concat!(
            "INSERT INTO scopes (person, unit, function, since, until) \
             WITH RECURSIVE below (person, function, since, until, unit) AS (\
             SELECT person, function, since, until, unit FROM holdings \
             WHERE function NOT IN ('system_admin', 'security_admin', 'audit_admin')",
            $which,
            " UNION SELECT b.person, b.function, b.since, b.until, u.id FROM units u JOIN below b ON u.parent = b.unit) \
             SELECT person, unit, function, since, MAX(until) FROM below GROUP BY person, unit, function, since"
        )
    };
}

const CLEAR_ONE: &str = "DELETE FROM scopes WHERE person = $1";
const SCOPES_OF_ONE: &str = scopes!(" AND person = $1");
const CLEAR_ALL: &str = "DELETE FROM scopes";
const SCOPES_OF_ALL: &str = scopes!("");
const KNOWN: &str = "SELECT id FROM units WHERE id = $1";
const CLOSED: &str = "SELECT closed FROM units WHERE id = $1";
const UNIT: &str = "SELECT key, name, parent, calendar FROM units WHERE id = $1";
// $2 now: a function that has ended keeps no unit open.
const IN_USE: &str = "SELECT \
     (SELECT COUNT(*) FROM units WHERE parent = $1 AND closed IS NULL), \
     (SELECT COUNT(DISTINCT h.person) FROM holdings h JOIN people p ON p.id = h.person \
        WHERE h.unit = $1 AND h.until > $2 AND p.active = 1), \
     (SELECT COUNT(*) FROM cases WHERE ended IS NULL AND (unit = $1 OR owning_unit = $1))";
// The longest anybody else holds this administration of their own, among those who hold it now.
const OTHERS: &str = "SELECT CAST(COALESCE(MAX(h.until), 0) AS BIGINT) FROM holdings h JOIN people p ON p.id = h.person \
     WHERE p.active = 1 AND h.function = $1 AND h.person <> $2 AND h.on_behalf_of IS NULL AND h.since <= $3";
const ABOVE: &str = "WITH RECURSIVE above (id, parent) AS (SELECT id, parent FROM units WHERE id = $1 \
     UNION SELECT u.id, u.parent FROM units u JOIN above a ON u.id = a.parent) SELECT id FROM above WHERE id = $2";

/// Adds to a batch that every person's scopes are worked out again from holdings and units.
pub fn rebuild_scopes(batch: &mut Batch) {
    batch.statement(CLEAR_ALL, Vec::new());
    batch.statement(SCOPES_OF_ALL, Vec::new());
}

/// What a change is made under, besides who makes it.
#[derive(Clone, Debug, Default)]
pub struct Terms<'a> {
    /// The version of the record that was looked at; `None` takes whatever is there.
    pub seen: Option<i64>,
    /// The line for the access log, written with the change or not at all.
    pub access: Option<Access<'a>>,
}

/// Makes or changes a unit; gives its id. The centre does not see it until [`Centre::refresh`].
pub async fn set_unit(
    store: &Store,
    actor: Option<Id>,
    unit: Option<Id>,
    wanted: &UnitRecord,
) -> Result<Id, ChangeError> {
    set_unit_under(store, actor, unit, wanted, &Terms::default()).await
}

/// Makes or changes a unit under terms.
pub async fn set_unit_under(
    store: &Store,
    actor: Option<Id>,
    unit: Option<Id>,
    wanted: &UnitRecord,
    terms: &Terms<'_>,
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
    let closed = match unit {
        Some(unit) => closed_since(store, unit).await?,
        None => None,
    };
    let change = Change {
        kind: "unit",
        record: id,
        actor,
        claim: (UNIT_KEY, wanted.key.trim().to_owned(), 3),
        terms,
        guards: Vec::new(),
    };
    change
        .commit(store, &[unit_row(id, wanted, closed)], rebuild_scopes)
        .await?;
    Ok(id)
}

/// Closes a unit in which nothing happens any more, or opens it again. It keeps its place in the tree and in every record.
pub async fn close_unit(
    store: &Store,
    actor: Option<Id>,
    unit: Id,
    closed: bool,
    terms: &Terms<'_>,
) -> Result<(), ChangeError> {
    let rows = store.query(UNIT, &[unit.0.into()]).await?;
    let row = rows.first().ok_or(ChangeError::NoSuchUnit(unit))?;
    let wanted = UnitRecord {
        key: row.text(0)?.to_owned(),
        name: row.text(1)?.to_owned(),
        parent: row.opt_int(2)?.map(Id),
        calendar: row.text(3)?.to_owned(),
    };
    let now = store.now();
    let mut guards = Vec::new();
    if closed {
        let params: Vec<Value> = vec![unit.0.into(), now.into()];
        let rows = store.query(IN_USE, &params).await?;
        if let Some(row) = rows.first() {
            let (units, people, cases) = (row.int(0)?, row.int(1)?, row.int(2)?);
            if units + people + cases > 0 {
                return Err(ChangeError::InUse { units, people, cases });
            }
        }
        guards.push(Guard {
            name: "unit_in_use".to_owned(),
            lock_key: unit.to_string(),
            sql: IN_USE,
            params,
            expected: vec![0.into(), 0.into(), 0.into()],
        });
    } else if let Some(parent) = wanted.parent
        && closed_since(store, parent).await?.is_some()
    {
        return Err(ChangeError::Closed(parent));
    }
    let change = Change {
        kind: "unit",
        record: unit,
        actor,
        claim: (UNIT_KEY, wanted.key.clone(), 3),
        terms,
        guards,
    };
    let row = unit_row(unit, &wanted, closed.then_some(now));
    change.commit(store, &[row], |_| {}).await
}

fn unit_row(id: Id, wanted: &UnitRecord, closed: Option<i64>) -> Row {
    // A row's values stand in the table's order; the key is the fourth.
    Row {
        table: &UNITS,
        values: vec![
            id.0.into(),
            wanted.parent.map(|parent| parent.0).into(),
            wanted.name.trim().into(),
            wanted.key.trim().into(),
            wanted.calendar.as_str().into(),
            closed.into(),
        ],
    }
}

async fn closed_since(store: &Store, unit: Id) -> Result<Option<i64>, StoreError> {
    let rows = store.query(CLOSED, &[unit.0.into()]).await?;
    rows.first().map_or(Ok(None), |row| row.opt_int(0))
}

/// Makes or changes a person; gives their id. The password is set apart ([`crate::session::set_password`]). The centre
/// does not see it until [`Centre::refresh`].
pub async fn set_person(
    store: &Store,
    actor: Option<Id>,
    person: Option<Id>,
    wanted: &PersonRecord,
) -> Result<Id, ChangeError> {
    set_person_under(store, actor, person, wanted, &Terms::default()).await
}

/// Makes or changes a person under terms.
pub async fn set_person_under(
    store: &Store,
    actor: Option<Id>,
    person: Option<Id>,
    wanted: &PersonRecord,
    terms: &Terms<'_>,
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
    for _ in 0..ATTEMPTS {
        let history = store.load(RecordId(id.0)).await?;
        let before = registry::rows(&history)?;
        if actor == Some(id) && separation::rights_differ(&before, &rows) {
            return Err(ChangeError::OwnRights);
        }
        if let Some((one, other)) = separation::together(&wanted.held) {
            return Err(ChangeError::Together(one, other));
        }
        let change = Change {
            kind: "person",
            record: id,
            actor,
            claim: (LOGIN, wanted.login.trim().to_lowercase(), 1),
            terms,
            guards: keeps_administrators(store, id, &before, &rows).await?,
        };
        let scopes = |batch: &mut Batch| {
            batch.statement(CLEAR_ONE, vec![id.0.into()]);
            batch.statement(SCOPES_OF_ONE, vec![id.0.into()]);
        };
        match change.commit(store, &rows, scopes).await {
            Ok(()) => return Ok(id),
            // Another administrator came or went at the same moment: looked at again.
            Err(ChangeError::Commit(CommitError::GuardChanged { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Err(ChangeError::Stale)
}

/// Whether a person could become this now, as far as rights go: what [`set_person_under`] would say to it.
pub async fn check_person(
    store: &Store,
    actor: Option<Id>,
    person: Id,
    wanted: &PersonRecord,
) -> Result<(), ChangeError> {
    let (before, after) = (
        registry::rows(&store.load(RecordId(person.0)).await?)?,
        person_rows(person, wanted),
    );
    if actor == Some(person) && separation::rights_differ(&before, &after) {
        return Err(ChangeError::OwnRights);
    }
    keeps_administrators(store, person, &before, &after)
        .await
        .map(|_| ())
}

/// Refuses what would lose the last administrator of a kind; gives what must still hold when it is written.
async fn keeps_administrators(
    store: &Store,
    person: Id,
    before: &[Row],
    after: &[Row],
) -> Result<Vec<Guard>, ChangeError> {
    let now = store.now();
    let mut guards = Vec::new();
    for kind in separation::ADMINISTRATIONS {
        let (had, has) = (
            separation::lasts(before, kind, now),
            separation::lasts(after, kind, now),
        );
        if has >= had {
            continue;
        }
        let params: Vec<Value> = vec![kind.into(), person.0.into(), now.into()];
        let rows = store.query(OTHERS, &params).await?;
        let others = rows.first().map_or(Ok(0), |row| row.int(0))?;
        if separation::loses(had, has, others, now) {
            return Err(ChangeError::LastAdministrator(kind));
        }
        guards.push(Guard {
            name: "administrators".to_owned(),
            lock_key: kind.to_owned(),
            sql: OTHERS,
            params,
            expected: vec![others.into()],
        });
    }
    Ok(guards)
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
struct Change<'a> {
    kind: &'static str,
    record: Id,
    actor: Option<Id>,
    /// The claim, its key, and at which place of the first row that key stands.
    claim: (&'static str, String, usize),
    terms: &'a Terms<'a>,
    guards: Vec<Guard>,
}

impl Change<'_> {
    async fn commit(
        self,
        store: &Store,
        rows: &[Row],
        scopes: impl FnOnce(&mut Batch),
    ) -> Result<(), ChangeError> {
        let history = store.load(RecordId(self.record.0)).await?;
        let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
        if self.terms.seen.is_some_and(|seen| seen != head.seq) {
            return Err(ChangeError::Stale);
        }
        let before = registry::rows(&history)?;
        let mut batch = Batch::new();
        for guard in self.guards {
            batch.guard(guard);
        }
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
        if let Some(access) = &self.terms.access {
            access.record_with(store, &mut batch);
        }
        match store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(CommitError::Claimed { name, key, .. }) if name == LOGIN => Err(ChangeError::LoginTaken(key)),
            Err(CommitError::Claimed { key, .. }) => Err(ChangeError::KeyTaken(key)),
            Err(CommitError::Stale { .. }) => Err(ChangeError::Stale),
            Err(error) => Err(ChangeError::Commit(error)),
        }
    }
}

#[cfg(test)]
mod tests;
