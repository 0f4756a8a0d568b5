//! The outbox at work: takes what is due, sends it, writes down what came of it. Several nodes do so at once and no two take
//! the same message; a message whose node died is taken again after a while, under the same key.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use store::{Store, StoreError, Work};

use super::attempt::{COLUMNS, Message, attempt};
use super::outbox::held;
use super::pace::next;
use super::running::Running;
use crate::app::App;
use crate::centre::Centre;

/// How many are taken at a time.
const PORTION: i64 = 64;

/// The longest sleep: what another node let go, or laid down for later, is noticed after it at the latest.
const LONGEST: Duration = Duration::from_secs(15);

/// The pause after a failure of the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Messages that ended, and notices that were seen, are forgotten after so long: 90 days. Of messages to customers stays
/// what became of them, as long as their case does, and neither number nor text.
const KEPT: i64 = 90 * 86_400_000;

/// How often what is old is looked for.
const SWEEP: i64 = 3_600_000;

const WORK: Work = Work {
    table: "outbox",
    key: "id",
    due: "due",
    taken_until: "taken_until",
    give: COLUMNS,
};

// Only who still has the message writes what became of it.
const SETTLE: &str = "UPDATE outbox SET state = $3, attempts = $4, due = $5, taken_until = 0, sent = coalesce($6, sent), \
     gateway_id = coalesce($7, gateway_id), segments = coalesce($8, segments), error = $9 \
     WHERE id = $1 AND taken_until = $2 AND state = 'waiting'";
const NEAREST: &str = "SELECT due, taken_until FROM outbox WHERE due IS NOT NULL ORDER BY due, id LIMIT 1";
const FORGET: &str = "DELETE FROM outbox WHERE due IS NULL AND outward = 0 AND made < $1";
const FORGET_WHOM: &str = "UPDATE outbox SET recipient = '', subject = '', body = '' \
     WHERE due IS NULL AND outward = 1 AND recipient <> '' AND made < $1";
const FORGET_NOTICES: &str =
    "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE at < $1 AND seen IS NOT NULL LIMIT 5000)";

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages that were taken.
    pub taken: usize,
    /// Whether there may be more.
    pub more: bool,
}

/// Sends until the application stops.
pub async fn run(app: Arc<App>) {
    let Some(gateways) = &app.messages.gateways else {
        return;
    };
    let (store, running) = (&app.centre.store, &app.messages);
    let mut told = store.subscribe();
    let mut next_sweep = 0;
    loop {
        let pause = tokio::select! {
            round = round(&app.centre, running, gateways, &mut next_sweep) => match round {
                Ok(pause) => pause,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "the outbox met an error and goes on");
                    PATIENCE
                }
            },
            () = app.live.stopped() => return,
        };
        if pause.is_zero() {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = told.recv() => while told.try_recv().is_ok() {},
            () = running.changed.notified() => {}
            () = app.live.stopped() => return,
        }
    }
}

/// One portion; how long there is nothing to do after it.
async fn round(
    centre: &Centre,
    running: &Running,
    gateways: &channels::Gateways,
    next_sweep: &mut i64,
) -> Result<Duration, StoreError> {
    let store = &centre.store;
    let now = store.now();
    if now >= *next_sweep {
        *next_sweep = now + SWEEP;
        store.execute(FORGET, &[(now - KEPT).into()]).await?;
        store.execute(FORGET_WHOM, &[(now - KEPT).into()]).await?;
        store.execute(FORGET_NOTICES, &[(now - KEPT).into()]).await?;
    }
    if held(store).await?.is_some() {
        return Ok(LONGEST);
    }
    if send_due(centre, running, gateways).await?.more {
        return Ok(Duration::ZERO);
    }
    asleep(store).await
}

async fn asleep(store: &Store) -> Result<Duration, StoreError> {
    let rows = store.query(NEAREST, &[]).await?;
    let Some(row) = rows.first() else {
        return Ok(LONGEST);
    };
    let due = row.int(0)?.max(row.int(1)?);
    let wait = u64::try_from(due - store.now()).unwrap_or(0);
    // A moment at least, so that what another node is about to take is not asked for over and over.
    Ok(Duration::from_millis(wait.max(20)).min(LONGEST))
}

/// Takes one portion of what is due and sends it.
pub async fn send_due(
    centre: &Centre,
    running: &Running,
    gateways: &channels::Gateways,
) -> Result<Sent, StoreError> {
    let store = &centre.store;
    let rows = store.claim_due(&WORK, running.pace.claim, PORTION).await?;
    let messages = rows.iter().map(Message::read).collect::<Result<Vec<_>, _>>()?;
    let taken = messages.len();
    let picture = centre.surroundings().picture;
    let calendar = &picture.fallback;
    let rounds = stream::iter(messages).map(|message| async move {
        let (outcome, segments) = attempt(store, calendar, running, gateways, &message, store.now()).await?;
        let after = next(outcome, message.attempts, store.now(), jitter());
        metrics::counter!("shouwen_messages_total", "channel" => message.channel.clone(), "state" => after.state).increment(1);
        if matches!(after.state, "failed" | "dead") {
            // Neither the recipient nor what was said stands in a log.
            let why = after.error.as_deref().unwrap_or_default();
            tracing::warn!(key = message.key, channel = message.channel, why, state = after.state, "a message was given up");
        }
        let sent = (after.state == "sent").then(|| store.now());
        let params = [
            message.id.into(),
            message.taken_until.into(),
            after.state.into(),
            after.attempts.into(),
            after.due.into(),
            sent.into(),
            after.gateway_id.into(),
            segments.into(),
            after.error.into(),
        ];
        store.execute(SETTLE, &params).await
    });
    let mut rounds = rounds.buffer_unordered(running.pace.at_once);
    let mut broken = None;
    while let Some(settled) = rounds.next().await {
        if let Err(error) = settled {
            broken = Some(error);
        }
    }
    match broken {
        Some(error) => Err(error),
        None => Ok(Sent {
            taken,
            more: taken as i64 >= PORTION,
        }),
    }
}

/// A random number from 0 to 1; the middle where the system gives none.
fn jitter() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
