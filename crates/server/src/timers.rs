//! The engine's alarm: cases are looked at when their time comes, turns of obligations are opened, samples are drawn,
//! a month that has ended is closed, open clocks are worked out again when the calendar changed.
//!
//! One node at a time runs it, by a lease; another takes over when that node is gone. Nothing here is needed for an act
//! to be right: every command first catches up what fell due, so the alarm only makes it happen on time. It sleeps
//! until the nearest due time and is woken earlier by every commit that brings a nearer one.

mod calendars;
mod draws;
mod obligations;
mod sampled;
mod wake;

use std::sync::Arc;
use std::time::Duration;

use calendar::Moment;
use regulation::decide::Mode;
use store::{Lease, StoreError};
use tokio::time::Instant;

pub use draws::{Draw, draw_samples};
pub use obligations::{Turning, measures, open_measured, open_turns, turnings};
pub use wake::{Woken, wake_due};

use crate::app::App;
use crate::reports::close_due;

/// How long a node may be silent before another runs the timers.
const LEASE: Duration = Duration::from_secs(15);

/// The longest sleep: a stepped clock is noticed after it at the latest.
const LONGEST: Duration = Duration::from_secs(60);

/// How often at most the amounts are measured that make a duty due.
const MEASURED_EVERY: Duration = Duration::from_secs(2);

/// The pause after a failure of the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs the timers until the application stops.
pub async fn run(app: Arc<App>) {
    loop {
        let turn = tokio::select! {
            turn = hold(&app) => turn,
            () = app.live.stopped() => return,
        };
        let pause = match turn {
            // Another node runs them; it is asked again when its lease could have ended.
            Ok(()) => LEASE,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "the timers met an error and go on");
                PATIENCE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.live.stopped() => return,
        }
    }
}

/// Runs them as long as this node holds the lease.
async fn hold(app: &App) -> Result<(), StoreError> {
    let centre = &app.centre;
    let store = &centre.store;
    let Some(lease) = store.lease("timers", LEASE).await? else {
        return Ok(());
    };
    let mut held = Held {
        lease,
        renewed: Instant::now(),
    };
    let mut told = store.subscribe();
    let mut stuck = wake::Stuck::default();
    calendars::follow(centre).await?;
    let mut next_turns = Moment::from_millis(0);
    let (mut measured, mut last_measured) = (true, None::<Instant>);
    loop {
        if !held.keep(app).await? {
            return Ok(());
        }
        let mut woken = Woken::default();
        let mut place = Some(wake::Place::START);
        while let Some(from) = place {
            place = wake::wake_portion(centre, &mut stuck, from, &mut woken).await?;
            if !held.keep(app).await? {
                return Ok(());
            }
        }
        metrics::counter!("shouwen_timer_wakes_total").increment(woken.count);
        metrics::gauge!("shouwen_timer_lag_seconds").set(woken.latest_ms as f64 / 1000.0);
        let now = Moment::from_millis(store.now());
        if now >= next_turns {
            next_turns = open_turns(centre, now, Mode::Live)
                .await?
                .min(draw_samples(centre, now).await?)
                .min(close_due(centre, now).await?);
        }
        let rested = last_measured.is_none_or(|at| at.elapsed() >= MEASURED_EVERY);
        if measured && rested {
            open_measured(centre, now, Mode::Live).await?;
            (measured, last_measured) = (false, Some(Instant::now()));
        }
        let next = wake::next_wake(store, &stuck)
            .await?
            .map_or(next_turns, |wake| wake.min(next_turns));
        let now = Moment::from_millis(store.now());
        let mut asleep = Duration::from_millis(u64::try_from(next.since(now)).unwrap_or(0));
        if measured {
            asleep = asleep.min(MEASURED_EVERY);
        }
        tokio::select! {
            () = tokio::time::sleep(asleep.min(LONGEST).min(held.spare())) => {}
            // Closed comes with the end of the store, lagging changes nothing: the tables are asked again either way.
            _ = told.recv() => {
                while told.try_recv().is_ok() {}
                // Any act may have changed an amount.
                measured = measures(&centre.surroundings());
            }
            () = app.live.refreshed() => {
                calendars::follow(centre).await?;
                next_turns = Moment::from_millis(0);
                measured = measures(&centre.surroundings());
            }
        }
    }
}

/// The lease with the time it was last renewed.
struct Held {
    lease: Lease,
    renewed: Instant,
}

impl Held {
    /// Renews the lease when half of it is used up; `false` when another node has it.
    async fn keep(&mut self, app: &App) -> Result<bool, StoreError> {
        if self.renewed.elapsed() < LEASE / 2 {
            return Ok(true);
        }
        let at = Instant::now();
        match app.centre.store.lease(&self.lease.name, LEASE).await? {
            Some(lease) => {
                *self = Held { lease, renewed: at };
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// How long one may sleep before it must be renewed.
    fn spare(&self) -> Duration {
        (LEASE / 2).saturating_sub(self.renewed.elapsed())
    }
}

#[cfg(test)]
mod tests;
