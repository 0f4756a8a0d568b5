//! What a person chose of notices, kept as a setting with its history.

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Head, RecordId, Row, Store, StoreError, StoredEvent};

use super::kind::{Kind, joined, split};
use crate::registry::{self, Setting};
use crate::schema::NOTICE_SETTINGS;

/// The record kind in the history.
pub const NOTICE_SETTING: &str = "notice_settings";

const OF_PERSON: &str =
    "SELECT id, mail, phone, by_mail, by_sms, quiet_from, quiet_until FROM notice_settings WHERE person = $1";

/// A person's choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Mail address; empty is none.
    pub mail: String,
    /// Mobile number; empty is none.
    pub phone: String,
    /// Kinds that go out by mail.
    pub by_mail: Vec<Kind>,
    /// Kinds that go out by SMS.
    pub by_sms: Vec<Kind>,
    /// Quiet from this minute of the day until that.
    pub quiet: Option<(i64, i64)>,
}

/// What a person chose, and the record that holds it.
pub async fn chosen(store: &Store, person: Id) -> Result<(Option<Id>, Chosen), StoreError> {
    let rows = store.query(OF_PERSON, &[person.0.into()]).await?;
    let Some(row) = rows.first() else {
        return Ok((None, Chosen::default()));
    };
    let chosen = Chosen {
        mail: row.text(1)?.to_owned(),
        phone: row.text(2)?.to_owned(),
        by_mail: split(row.text(3)?),
        by_sms: split(row.text(4)?),
        quiet: row.opt_int(5)?.zip(row.opt_int(6)?),
    };
    Ok((Some(Id(row.int(0)?)), chosen))
}

/// Sets what a person chose. The centre does not see it until it is refreshed.
pub async fn choose(store: &Store, actor: Id, person: Id, wanted: &Chosen) -> Result<(), CommitError> {
    let (record, _) = chosen(store, person).await?;
    let mut batch = Batch::new();
    let (record, history) = match record {
        Some(record) => (record, store.load(RecordId(record.0)).await?),
        None => {
            let record = Id(store.new_id());
            // Two first choices at once: the second is told to look again.
            batch.claim(NOTICE_SETTING, person.to_string(), RecordId(record.0));
            (record, Vec::new())
        }
    };
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = registry::rows(&history)?;
    let row = Row {
        table: &NOTICE_SETTINGS,
        values: vec![
            record.0.into(),
            person.0.into(),
            wanted.mail.as_str().into(),
            wanted.phone.as_str().into(),
            joined(&wanted.by_mail).into(),
            joined(&wanted.by_sms).into(),
            wanted.quiet.map(|(from, _)| from).into(),
            wanted.quiet.map(|(_, until)| until).into(),
        ],
    };
    let setting = Setting {
        kind: NOTICE_SETTING,
        record,
        actor: Some(actor),
        at: Moment::from_millis(store.now()),
    };
    registry::set(&mut batch, &mut head, &setting, &before, &[row])?;
    store.commit(batch).await.map(drop)
}
