//! Waking cases whose time has come: in the order of their times, many at once, each once however late.
//!
//! A portion of what is due is cut into pieces. Each piece is a task of its own, so that every processor decides; it reads the
//! histories of its cases together and hands all their batches to the writer at once, which commits them as groups. A node
//! that dies in between has fired some and not others: each is one batch, and what is left is still due.

use std::collections::HashMap;
use std::sync::Arc;

use calendar::Moment;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use regulation::decide::Mode;
use regulation::{Actor, Command, Id};
use store::{Store, StoreError};

use crate::cases::shell::{Done, Order, ShellError};
use crate::centre::Centre;

/// How many due cases are looked up at a time.
const PORTION: i64 = 2048;

/// How many cases are read together.
const PIECE: usize = 64;

/// How many pieces are woken at once: enough to fill the writers' groups on either database.
const AT_ONCE: usize = 8;

/// A case that could not be woken, or still wants to be, is left alone for so long.
const LEFT_ALONE_MS: i64 = 60_000;

const DUE: &str = "SELECT wakes, id FROM cases WHERE wakes IS NOT NULL AND wakes <= $1 AND (wakes, id) > ($2, $3) \
     ORDER BY wakes, id LIMIT $4";
const NEXT: &str = "SELECT wakes, id FROM cases WHERE wakes IS NOT NULL ORDER BY wakes, id LIMIT $1";

/// Cases that are left alone, and until when.
#[derive(Debug, Default)]
pub struct Stuck {
    until: HashMap<Id, i64>,
}

impl Stuck {
    fn holds(&self, case: Id, now: i64) -> bool {
        self.until.get(&case).is_some_and(|until| now < *until)
    }

    fn clear(&mut self, now: i64) {
        self.until.retain(|_, until| now < *until);
    }
}

/// What waking did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Woken {
    /// How many cases were woken.
    pub count: u64,
    /// How far behind the latest of them was.
    pub latest_ms: i64,
}

/// How far a round has come, in the order of times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(i64, i64);

impl Place {
    /// Before the first.
    pub(super) const START: Place = Place(i64::MIN, 0);
}

/// Wakes every case that is due, each once, until none is left.
pub async fn wake_due(centre: &Arc<Centre>) -> Result<Woken, StoreError> {
    let (mut stuck, mut woken) = (Stuck::default(), Woken::default());
    let mut place = Some(Place::START);
    while let Some(from) = place {
        place = wake_portion(centre, &mut stuck, from, &mut woken).await?;
    }
    Ok(woken)
}

/// Wakes the next portion of what is due; gives the place to go on from, none when nothing more is due.
pub(super) async fn wake_portion(
    centre: &Arc<Centre>,
    stuck: &mut Stuck,
    from: Place,
    woken: &mut Woken,
) -> Result<Option<Place>, StoreError> {
    let now = centre.store.now();
    stuck.clear(now);
    let mut place = from;
    let rows = centre
        .store
        .query(DUE, &[now.into(), from.0.into(), from.1.into(), PORTION.into()])
        .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        place = Place(row.int(0)?, row.int(1)?);
        if !stuck.holds(Id(place.1), now) {
            due.push((place.0, Id(place.1)));
            woken.latest_ms = woken.latest_ms.max(now - place.0);
        }
    }
    let pieces: Vec<Vec<(i64, Id)>> = due.chunks(PIECE).map(<[_]>::to_vec).collect();
    let rounds = stream::iter(pieces).map(|piece| {
        let centre = Arc::clone(centre);
        tokio::spawn(async move { wake_piece(&centre, piece).await })
    });
    let mut rounds = rounds.buffer_unordered(AT_ONCE);
    while let Some(piece) = rounds.next().await {
        let piece = piece.map_err(|error| StoreError::Failed(error.to_string()))?;
        for (case, outcome) in piece? {
            match outcome {
                Ok(true) => woken.count += 1,
                Ok(false) => {
                    stuck.until.insert(case, now + LEFT_ALONE_MS);
                }
                Err(ShellError::Store(StoreError::Closed)) => return Err(StoreError::Closed),
                Err(error) => {
                    tracing::error!(%case, %error, "a case could not be woken; it is tried again in a minute");
                    stuck.until.insert(case, now + LEFT_ALONE_MS);
                }
            }
        }
    }
    Ok((rows.len() as i64 >= PORTION).then_some(place))
}

/// Wakes these cases; of each, `false` when it still wants to be woken at or before the time that was due.
async fn wake_piece(
    centre: &Centre,
    piece: Vec<(i64, Id)>,
) -> Result<Vec<(Id, Result<bool, ShellError>)>, StoreError> {
    let engine = Actor::default();
    let orders: Vec<Order<'_>> = piece
        .iter()
        .map(|(_, case)| Order {
            case: Some(*case),
            command: Command::Wake,
            actor: &engine,
            at: None,
            mode: Mode::Live,
            pack: None,
            idempotency: None,
        })
        .collect();
    let outcomes = match centre.run_each(&orders).await {
        Ok(outcomes) => outcomes,
        Err(ShellError::Store(StoreError::Closed)) => return Err(StoreError::Closed),
        // One that cannot be read must not keep the others asleep: each by itself.
        Err(_) => join_all(orders.into_iter().map(|order| centre.run(order))).await,
    };
    let settled = |due: i64, outcome: Result<Done, ShellError>| {
        outcome.map(|done| {
            let next = done.state.and_then(|state| state.wakes_at());
            next.is_none_or(|next| next.as_millis() > due)
        })
    };
    let woken = piece.into_iter().zip(outcomes);
    Ok(woken
        .map(|((due, case), outcome)| (case, settled(due, outcome)))
        .collect())
}

/// The nearest time at which a case wants to be woken; those left alone do not count.
pub(super) async fn next_wake(store: &Store, stuck: &Stuck) -> Result<Option<Moment>, StoreError> {
    let now = store.now();
    let limit = i64::try_from(stuck.until.len()).unwrap_or(i64::MAX - 1) + 1;
    for row in store.query(NEXT, &[limit.into()]).await? {
        if !stuck.holds(Id(row.int(1)?), now) {
            return Ok(Some(Moment::from_millis(row.int(0)?)));
        }
    }
    Ok(None)
}
