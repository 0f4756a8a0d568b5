//! The one reader of new positions, whatever the number of listeners.

use std::sync::Arc;

use store::StoreError;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::stretch::stretch;
use crate::app::App;
use crate::cases::payload::CASE;
use crate::centre::Centre;
use crate::messages::{NOTICE_SETTING, WEBHOOK};

/// Kinds of records whose change alters what surrounds decisions.
const SURROUNDING: [&str; 7] = [
    "unit",
    "person",
    "pack",
    "pack_in_force",
    "holidays",
    NOTICE_SETTING,
    WEBHOOK,
];

// The same two, $3 the kind that is left out
const KINDS: &str = "SELECT DISTINCT e.record_kind FROM positions p \
     JOIN events e ON e.record = p.record AND e.seq = p.seq WHERE p.position > $1 AND p.position <= $2 \
     AND e.record_kind <> $3";

/// Reads new positions and tells the listeners, until the application stops. Also reads the surroundings again when
/// another node (or an import) changed them.
pub async fn feed(app: Arc<App>) {
    let store = &app.centre.store;
    let mut told = store.subscribe();
    let mut after = store.sealed_position();
    loop {
        let woken = tokio::select! {
            woken = told.recv() => woken,
            () = app.live.stopped() => return,
        };
        match woken {
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        // What was announced meanwhile is read in one go.
        while !matches!(told.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
        let upto = store.sealed_position();
        if upto <= after {
            continue;
        }
        match pass_on(&app, after, upto).await {
            Ok(()) => after = upto,
            // The next announcement reads from the same place again.
            Err(error) => tracing::warn!(%error, "live events could not be read"),
        }
    }
}

async fn pass_on(app: &App, after: i64, upto: i64) -> Result<(), StoreError> {
    let centre: &Centre = &app.centre;
    let kinds = centre
        .store
        .query(KINDS, &[after.into(), upto.into(), CASE.into()])
        .await?;
    let mut surrounding = false;
    for row in &kinds {
        surrounding |= SURROUNDING.contains(&row.text(0)?);
    }
    if surrounding {
        centre.refresh().await?;
        app.live.refreshed.notify_one();
    }
    if app.live.listeners() > 0 {
        let stretch = stretch(&centre.store, after, upto).await?;
        // Nobody listening any more is no error.
        let _ = app.live.outlet.send(Arc::new(stretch));
    }
    Ok(())
}
