//! Writing customer records: one event per change, refused where somebody else changed the record since it was seen.

use calendar::Moment;
use regulation::{Id, Refusal};
use store::{Batch, CommitError, Head, RecordId, Store, StoreError, StoredEvent};

use super::record::Customer;
use crate::http::Problem;
use crate::registry::{self, Setting};

/// The record kind of customers in the history.
pub const CUSTOMER: &str = "customer";

/// How often a change is made anew when others were faster.
pub const ATTEMPTS: usize = 8;

/// A record as it stands, with the end of its chain.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What is known.
    pub customer: Customer,
    /// The end of its chain; its number is the version that a screen sees.
    pub head: Head,
    /// Its events.
    pub history: Vec<StoredEvent>,
}

/// Reads a record; `None` when there is none, or it was erased.
pub async fn load(store: &Store, id: Id) -> Result<Option<Standing>, StoreError> {
    let history = store.load(RecordId(id.0)).await?;
    let Some(last) = history.last().filter(|last| &*last.kind == CUSTOMER) else {
        return Ok(None);
    };
    let head = last.head();
    Ok(
        Customer::of(&registry::rows(&history)?)?.map(|customer| Standing {
            customer,
            head,
            history,
        }),
    )
}

/// Adds to a batch that the record is now this.
pub fn write(
    batch: &mut Batch,
    id: Id,
    standing: Option<&Standing>,
    now: &Customer,
    actor: Option<Id>,
    at: Moment,
) -> Result<(), StoreError> {
    let mut head = standing.map_or(Head::EMPTY, |standing| standing.head);
    let before = match standing {
        Some(standing) => registry::rows(&standing.history)?,
        None => Vec::new(),
    };
    let setting = Setting {
        kind: CUSTOMER,
        record: id,
        actor,
        at,
    };
    registry::set(batch, &mut head, &setting, &before, &now.rows(id))
}

/// Whether somebody else changed the record since this version; then they are told who.
pub fn fresh(standing: &Standing, seen: i64, me: Id) -> Result<(), Problem> {
    let other = standing
        .history
        .iter()
        .rev()
        .find(|event| event.seq > seen && event.actor != me.0);
    match other {
        Some(event) => Err(Problem::from(Refusal::Stale {
            by: Id(event.actor),
            did: "set".to_owned(),
            version: u64::try_from(standing.head.seq).unwrap_or(0),
        })),
        None if seen > standing.head.seq => Err(Problem::malformed(
            format!(
                "seen是{seen}，而这份资料只到第{}版。请用读到的version。",
                standing.head.seq
            ),
            format!(
                "seen is {seen}, but the record is at version {} only. Send the version that was read.",
                standing.head.seq
            ),
        )),
        None => Ok(()),
    }
}

/// Commits; `None` means that another change was faster and this one is to be made anew.
pub async fn commit(store: &Store, batch: Batch) -> Result<Option<Option<i64>>, CommitError> {
    match store.commit(batch).await {
        Ok(committed) => Ok(Some(committed.position)),
        Err(CommitError::Stale { .. } | CommitError::GuardChanged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is said when others were faster again and again.
pub fn busy() -> Problem {
    Problem::unavailable(
        "同时修改的人太多，没有存上。请再试一次。",
        "Too many people changed it at once; nothing was saved. Try again.",
    )
}
