//! Clearing up: uploads that came to belong nowhere, and files that no row names.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use calendar::Moment;
use store::{Batch, CommitError, FileId, Store, StoreError};

use super::{Keeper, record};
use crate::app::App;

/// How long an upload may belong nowhere, and a file be without a row.
const GRACE: Duration = Duration::from_secs(24 * 3600);
/// How often it is looked at.
const TURN: Duration = Duration::from_secs(3600);

const NAMED: &str = "SELECT DISTINCT file FROM attachments";

/// Clears up once: how many uploads and files went.
pub async fn collect(store: &Store, keeper: &Keeper, grace: Duration) -> Result<(u64, u64), StoreError> {
    let age = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
    let mut gone = 0;
    for left in record::left(store, Moment::from_millis(store.now().saturating_sub(age))).await? {
        let mut batch = Batch::new();
        record::set(store, &mut batch, left.id, None, None).await?;
        match store.commit(batch).await {
            Ok(_) => gone += 1,
            // It came to belong to a case just now.
            Err(CommitError::Stale { .. }) => {}
            Err(error) => return Err(StoreError::Failed(error.to_string())),
        }
    }
    let mut named = HashSet::new();
    store
        .for_each(NAMED, &[], |row| {
            named.insert(row.text(0)?.parse::<FileId>()?);
            Ok::<(), StoreError>(())
        })
        .await?;
    let files = Arc::clone(&keeper.files);
    let removed = tokio::task::spawn_blocking(move || files.collect(&|file| named.contains(file), grace));
    let removed = removed
        .await
        .map_err(|error| StoreError::Failed(error.to_string()))??;
    Ok((gone, removed))
}

/// Clears up every hour, on one node at a time, until the application stops.
pub async fn keep_tidy(app: Arc<App>) {
    let Some(keeper) = app.attachments.clone() else {
        return;
    };
    loop {
        let store = &app.centre.store;
        match store.lease("attachments", TURN).await {
            Ok(Some(_)) => {
                if let Err(error) = collect(store, &keeper, GRACE).await {
                    tracing::warn!(%error, "files could not be cleared up");
                }
            }
            Ok(None) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "files could not be cleared up"),
        }
        tokio::select! {
            () = tokio::time::sleep(TURN) => {}
            () = app.live.stopped() => return,
        }
    }
}
