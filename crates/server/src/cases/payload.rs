//! Events of cases to and from the rows of the history.

use calendar::Moment;
use regulation::{Case, Event, Id};
use store::{Batch, EventHeader, Head, RecordId, StoreError, StoredEvent};

/// The record kind of cases in the history.
pub const CASE: &str = "case";

/// Appends an event of a case to its chain.
pub fn append(batch: &mut Batch, head: &mut Head, event: &Event, recorded: Moment) -> Result<(), StoreError> {
    let payload = serde_json::to_vec(event).map_err(|error| {
        StoreError::Failed(format!(
            "an event of case {} cannot be written: {error}",
            event.case
        ))
    })?;
    let header = EventHeader {
        record: RecordId(event.case.0),
        record_kind: CASE,
        name: event.kind.word(),
        happened: event.happened.as_millis(),
        recorded: recorded.as_millis(),
        actor: event.actor.map_or(0, |person| person.0),
    };
    batch.append(head, header, payload);
    Ok(())
}

/// An event of a case as it was decided. `None` when its payload was erased.
pub fn event(stored: &StoredEvent) -> Result<Option<Event>, StoreError> {
    let Some(payload) = &stored.payload else {
        return Ok(None);
    };
    let mut event: Event = serde_json::from_slice(payload).map_err(|error| {
        StoreError::Damaged(format!(
            "event {} of case {} cannot be read: {error}",
            stored.seq, stored.record
        ))
    })?;
    event.case = Id(stored.record.0);
    event.happened = Moment::from_millis(stored.happened);
    event.actor = (stored.actor != 0).then_some(Id(stored.actor));
    Ok(Some(event))
}

/// Every event of a case, in order. `None` when there is no such case, or something of it was erased.
pub fn events(history: &[StoredEvent]) -> Result<Option<Vec<Event>>, StoreError> {
    if history.last().is_none_or(|last| &*last.kind != CASE) {
        return Ok(None);
    }
    history.iter().map(event).collect()
}

/// A case as its history makes it, and the end of its chain. `None` when there is no such case, or its opening was
/// erased.
pub fn replay(history: &[StoredEvent]) -> Result<Option<(Case, Head)>, StoreError> {
    let (Some(events), Some(last)) = (events(history)?, history.last()) else {
        return Ok(None);
    };
    Ok(Case::replay(&events).map(|case| (case, last.head())))
}
