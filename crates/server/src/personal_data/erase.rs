//! Erasing: one batch that takes payload and salt of every event of the records, their rows and their claims.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, FileId, Guard, Head, RecordId, Row, Store, StoreError, StoredEvent};

use super::ERASURE;
use crate::app::App;
use crate::registry::{self, Setting};
use crate::schema::ERASURES;
use crate::{exports, import, messages, verification};

/// Who has it done, and why.
pub struct Order<'a> {
    /// The customer.
    pub customer: Id,
    /// Who.
    pub person: Id,
    /// Why.
    pub reason: &'a str,
    /// Numbers of what is kept.
    pub kept: &'a [String],
    /// The customer's record and those merged into it.
    pub customers: &'a [Id],
    /// Cases that go.
    pub cases: &'a [Id],
}

const NEWEST: &str = "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM events WHERE record = $1";
const CLAIMS: &str = "SELECT name, key FROM claims WHERE record = $1";
const NAMED: &str = "SELECT DISTINCT file FROM attachments";

/// Takes a record's data: nothing may have been added to it since it was read.
async fn take(store: &Store, batch: &mut Batch, history: &[StoredEvent]) -> Result<(), StoreError> {
    let Some(last) = history.last() else { return Ok(()) };
    batch.guard(Guard {
        name: "erased record".to_owned(),
        lock_key: last.record.to_string(),
        sql: NEWEST,
        params: vec![last.record.into()],
        expected: vec![last.seq.into()],
    });
    let rows = verification::derive(&last.kind, history).map_err(StoreError::Damaged)?;
    for write in store::difference(&rows, &[]) {
        batch.write(write);
    }
    for row in store.query(CLAIMS, &[last.record.into()]).await? {
        batch.release(row.text(0)?, row.text(1)?);
    }
    for event in history.iter().filter(|event| event.payload.is_some()) {
        batch.erase(event.record, event.seq);
    }
    Ok(())
}

/// Erases these records; `None` when one of them went on meanwhile, or since it was `seen` with this last event.
pub async fn erase(
    store: &Store,
    order: &Order<'_>,
    records: &[RecordId],
    seen: &BTreeMap<RecordId, i64>,
) -> Result<Option<()>, CommitError> {
    let mut batch = Batch::new();
    let distinct: BTreeSet<RecordId> = records.iter().copied().collect();
    let distinct: Vec<RecordId> = distinct.into_iter().collect();
    for history in store.load_many(&distinct).await? {
        let now = history.last().map(|last| (last.record, last.seq));
        // Somebody put it under a legal hold, say, after it was looked at.
        if now.is_some_and(|(record, seq)| seen.get(&record).is_some_and(|seen| *seen != seq)) {
            return Ok(None);
        }
        take(store, &mut batch, &history).await?;
    }
    for case in order.cases {
        messages::forget_case(&mut batch, *case);
        import::forget(store, &mut batch, *case).await?;
    }
    for customer in order.customers {
        messages::forget_customer(store, &mut batch, *customer).await?;
        import::forget(store, &mut batch, *customer).await?;
    }
    exports::forget(store, &mut batch).await?;
    let at = Moment::from_millis(store.now());
    let names = |ids: &[RecordId]| {
        let ids: Vec<String> = ids.iter().map(RecordId::to_string).collect();
        ids.join(" ")
    };
    let erasure = Id(store.new_id());
    let row = Row {
        table: &ERASURES,
        values: vec![
            erasure.0.into(),
            order.customer.0.into(),
            at.as_millis().into(),
            order.person.0.into(),
            order.reason.into(),
            names(&distinct).into(),
            order.kept.join(" ").into(),
        ],
    };
    let setting = Setting {
        kind: ERASURE,
        record: erasure,
        actor: Some(order.person),
        at,
    };
    registry::set(&mut batch, &mut Head::EMPTY.clone(), &setting, &[], &[row])?;
    match store.commit(batch).await {
        Ok(_) => Ok(Some(())),
        Err(CommitError::Stale { .. } | CommitError::GuardChanged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes files at once that no row names any more.
pub async fn remove_files(app: &App, files: Vec<String>) -> Result<u64, StoreError> {
    let Some(keeper) = app.attachments.clone() else {
        return Ok(0);
    };
    let mut named = HashSet::new();
    app.centre
        .store
        .for_each(NAMED, &[], |row| {
            named.insert(row.text(0)?.parse::<FileId>()?);
            Ok::<(), StoreError>(())
        })
        .await?;
    let going: HashSet<FileId> = files
        .iter()
        .filter_map(|file| file.parse().ok())
        .filter(|file| !named.contains(file))
        .collect();
    let removed = tokio::task::spawn_blocking(move || {
        keeper
            .files
            .collect(&|file| !going.contains(file), Duration::ZERO)
    });
    removed
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))?
}
