//! The outbox as a whole: whether anything leaves, and how much waits.

use store::{Store, StoreError};

use store::backup::SENDING_HELD;

const COUNTED: &str = "SELECT channel, state, COUNT(*), MIN(made) FROM outbox \
     WHERE state IN ('waiting', 'failed', 'dead', 'kept') GROUP BY channel, state ORDER BY channel, state";

/// How much stands where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `mail`, `sms`, `robot` or `webhook`.
    pub channel: String,
    /// `waiting`, `failed`, `dead` or `kept`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest was made.
    pub oldest: i64,
}

/// How much waits, failed or was kept, by channel.
pub async fn standing(store: &Store) -> Result<Vec<Standing>, StoreError> {
    let rows = store.query(COUNTED, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Standing {
                channel: row.text(0)?.to_owned(),
                state: row.text(1)?.to_owned(),
                count: row.int(2)?,
                oldest: row.int(3)?,
            })
        })
        .collect()
}

/// Why sending is held; none while it is not.
pub async fn held(store: &Store) -> Result<Option<String>, StoreError> {
    store.mark(SENDING_HELD).await
}

/// Holds all sending, on every node, until somebody lets it go.
pub async fn hold(store: &Store, why: &str) -> Result<(), StoreError> {
    store.set_mark(SENDING_HELD, Some(why)).await
}

/// Lets sending go.
pub async fn release(store: &Store) -> Result<(), StoreError> {
    store.set_mark(SENDING_HELD, None).await
}
