//! Attachments as rows: what a file is, where it belongs, how it comes to belong to a case.

use calendar::Moment;
use regulation::model::{Field, FieldKind};
use regulation::{Event, Fields, Id, Pack};
use store::{Batch, Head, RecordId, Row, Store, StoreError, StoredEvent, Value};

use super::ATTACHMENT;
use crate::registry::{self, Setting};
use crate::schema::ATTACHMENTS;

/// A file that somebody brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Id.
    pub id: Id,
    /// The file, by its content.
    pub file: String,
    /// Its harmless name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its size in bytes.
    pub size: i64,
    /// The case it belongs to.
    pub case: Option<Id>,
    /// The contact it belongs to.
    pub contact: Option<Id>,
    /// Who brought it in.
    pub person: Option<Id>,
    /// When.
    pub at: Moment,
    /// `clean` or `unchecked`.
    pub checked: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, file, name, kind, size, case_id, contact, person, at, checked FROM attachments ",
            $rest
        )
    };
}

const ONE: &str = select!("WHERE id = $1");
const OF_CASE: &str = select!("WHERE case_id = $1 ORDER BY at, id LIMIT 1000");
const OF_CONTACT: &str = select!("WHERE contact = $1 ORDER BY at, id LIMIT 1000");
/// Those of nobody's case or contact that are older than a time.
const LEFT: &str =
    select!("WHERE case_id IS NULL AND contact IS NULL AND at < $1 ORDER BY at, id LIMIT 1000");
const ROOM: &str = "SELECT (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments), \
     (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments WHERE case_id = $1), \
     (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments WHERE contact = $2), \
     (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments WHERE case_id IS NULL AND contact IS NULL AND person = $3)";

impl Attachment {
    fn row(&self) -> Row {
        let id = |id: Option<Id>| -> Value { id.map(|id| id.0).into() };
        Row {
            table: &ATTACHMENTS,
            values: vec![
                self.id.0.into(),
                self.file.as_str().into(),
                self.name.as_str().into(),
                self.kind.as_str().into(),
                self.size.into(),
                id(self.case),
                id(self.contact),
                id(self.person),
                self.at.as_millis().into(),
                self.checked.as_str().into(),
            ],
        }
    }

    fn read(row: &store::Answer) -> Result<Attachment, StoreError> {
        Ok(Attachment {
            id: Id(row.int(0)?),
            file: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            kind: row.text(3)?.to_owned(),
            size: row.int(4)?,
            case: row.opt_int(5)?.map(Id),
            contact: row.opt_int(6)?.map(Id),
            person: row.opt_int(7)?.map(Id),
            at: Moment::from_millis(row.int(8)?),
            checked: row.text(9)?.to_owned(),
        })
    }
}

async fn read(store: &Store, sql: &'static str, param: i64) -> Result<Vec<Attachment>, StoreError> {
    let rows = store.query(sql, &[param.into()]).await?;
    rows.iter().map(Attachment::read).collect()
}

/// One attachment.
pub async fn find(store: &Store, id: Id) -> Result<Option<Attachment>, StoreError> {
    Ok(read(store, ONE, id.0).await?.pop())
}

/// A case's.
pub async fn of_case(store: &Store, case: Id) -> Result<Vec<Attachment>, StoreError> {
    read(store, OF_CASE, case.0).await
}

/// A contact's.
pub async fn of_contact(store: &Store, contact: Id) -> Result<Vec<Attachment>, StoreError> {
    read(store, OF_CONTACT, contact.0).await
}

/// Those that were brought in before a time and belong nowhere.
pub async fn left(store: &Store, before: Moment) -> Result<Vec<Attachment>, StoreError> {
    read(store, LEFT, before.as_millis()).await
}

/// Bytes kept: in all, of the case, of the contact, of the person's that belong nowhere yet.
pub async fn room(
    store: &Store,
    case: Option<Id>,
    contact: Option<Id>,
    person: Id,
) -> Result<[i64; 4], StoreError> {
    let id = |id: Option<Id>| -> Value { id.map_or(0, |id| id.0).into() };
    let rows = store
        .query(ROOM, &[id(case), id(contact), person.0.into()])
        .await?;
    let Some(row) = rows.first() else {
        return Ok([0; 4]);
    };
    Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?])
}

/// Adds to a batch that an attachment is now this, or is gone.
pub async fn set(
    store: &Store,
    batch: &mut Batch,
    id: Id,
    now: Option<&Attachment>,
    actor: Option<Id>,
) -> Result<(), StoreError> {
    let history = store.load(RecordId(id.0)).await?;
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = registry::rows(&history)?;
    let setting = Setting {
        kind: ATTACHMENT,
        record: id,
        actor,
        at: Moment::from_millis(store.now()),
    };
    let rows: Vec<Row> = now.iter().map(|attachment| attachment.row()).collect();
    registry::set(batch, &mut head, &setting, &before, &rows)
}

/// The attachments that values of these fields name.
fn named<'a>(fields: impl IntoIterator<Item = &'a Field>, input: &Fields) -> Vec<(String, Vec<Id>)> {
    let mut all = Vec::new();
    for field in fields {
        let Some(value) = input.get(&field.key) else {
            continue;
        };
        let ids: Vec<Id> = match (&field.kind, value) {
            (FieldKind::Files, regulation::FieldValue::List(files)) => {
                files.iter().filter_map(regulation::FieldValue::as_id).collect()
            }
            // A drawn signature is no id.
            (FieldKind::Signature, value) => value.as_id().into_iter().collect(),
            _ => continue,
        };
        all.push((field.key.clone(), ids));
    }
    all
}

/// The fields of an input that name a file which is not there for this person: it must be the case's, or their own that
/// belongs nowhere yet.
pub async fn fits(
    store: &Store,
    person: Id,
    case: Option<Id>,
    fields: &[Field],
    input: &Fields,
) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    for (field, ids) in named(fields, input) {
        for id in ids {
            let found = find(store, id).await?;
            let good = found.is_some_and(|found| match found.case {
                Some(of) => Some(of) == case,
                None => found.contact.is_none() && found.person == Some(person),
            });
            if !good {
                wrong.push(field.clone());
                break;
            }
        }
    }
    Ok(wrong)
}

/// Adds to a batch that the files named by a case's events belong to that case from now on: the act and its files stand or
/// fall together.
pub async fn bind(
    store: &Store,
    batch: &mut Batch,
    pack: &Pack,
    events: &[Event],
    procedure: &str,
) -> Result<(), StoreError> {
    let Some(procedure) = pack.procedure(procedure) else {
        return Ok(());
    };
    for event in events.iter().filter(|event| !event.input.is_empty()) {
        let fields = procedure.intake_fields.iter().chain(procedure.fields.values());
        let mut bound = std::collections::BTreeSet::new();
        for id in named(fields, &event.input).into_iter().flat_map(|(_, ids)| ids) {
            if !bound.insert(id) {
                continue;
            }
            let Some(mut found) = find(store, id).await? else {
                continue;
            };
            let mine = found.case.is_none() && found.contact.is_none() && found.person == event.actor;
            if mine {
                found.case = Some(event.case);
                set(store, batch, id, Some(&found), event.actor).await?;
            }
        }
    }
    Ok(())
}
