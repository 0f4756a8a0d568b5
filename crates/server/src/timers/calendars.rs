//! When a calendar changed (a holiday notice, another pack version), open clocks are worked out again by an event.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use regulation::decide::Mode;
use regulation::{Actor, Command, Id};
use store::StoreError;

use crate::cases::shell::{Order, ShellError};
use crate::centre::Centre;

/// The mark that remembers with which calendars open clocks agree.
const MARK: &str = "calendars";

/// How many cases are fetched at a time, and worked on at once.
const PORTION: i64 = 512;
const AT_ONCE: usize = 16;

const OPEN: &str = "SELECT id FROM cases WHERE ended IS NULL AND id > $1 ORDER BY id LIMIT $2";

/// Has every open case follow the calendars of now, unless they did already. A pass that is interrupted begins anew.
pub(super) async fn follow(centre: &Arc<Centre>) -> Result<(), StoreError> {
    let picture = centre.surroundings().picture;
    let mut versions: Vec<String> = picture
        .calendars
        .iter()
        .map(|((pack, name), calendar)| format!("{pack}/{name}={}", calendar.version()))
        .collect();
    versions.sort_unstable();
    let versions = versions.join("\n");
    if centre.store.mark(MARK).await?.as_deref() == Some(&versions) {
        return Ok(());
    }
    let mut after = 0;
    let (mut followed, mut failed) = (0_u64, 0_u64);
    loop {
        let rows = centre.store.query(OPEN, &[after.into(), PORTION.into()]).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for row in &rows {
            after = row.int(0)?;
            cases.push(Id(after));
        }
        let mut rounds = stream::iter(cases)
            .map(|case| async move { (case, recompute(centre, case).await) })
            .buffer_unordered(AT_ONCE);
        while let Some((case, outcome)) = rounds.next().await {
            match outcome {
                Ok(()) => followed += 1,
                Err(ShellError::Store(error)) => return Err(error),
                Err(error) => {
                    failed += 1;
                    tracing::error!(%case, %error, "the open clocks of a case could not follow the calendar");
                }
            }
        }
        if (rows.len() as i64) < PORTION {
            break;
        }
    }
    tracing::info!(followed, failed, "open clocks follow the calendars");
    centre.store.set_mark(MARK, Some(&versions)).await
}

async fn recompute(centre: &Centre, case: Id) -> Result<(), ShellError> {
    let engine = Actor::default();
    let order = Order {
        case: Some(case),
        command: Command::CalendarChanged,
        actor: &engine,
        at: None,
        mode: Mode::Live,
        pack: None,
        idempotency: None,
    };
    centre.run(order).await.map(|_| ())
}
