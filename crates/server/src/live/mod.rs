//! Live events: what changed, told to every open screen as it happens.
//!
//! One feed reads each stretch of newly given positions once and hands it to all listeners, whatever their number; each
//! listener keeps what lies within its person's reach. A position is the cursor: a screen that was away names the last
//! one it saw and is told what it missed. Who has a case open hears on the same stream who else has (`presence`).

mod api;
mod feed;
mod listener;
mod presence;
mod presence_api;
mod stretch;

use std::sync::Arc;

use tokio::sync::{Notify, broadcast, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use listener::Changed;
pub use presence_api::{PersonPresent, Present};

use crate::app::App;
use presence::Presence;
use stretch::Stretch;

/// The routes of live events.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::live))
        .routes(routes!(presence_api::presence, presence_api::show_presence))
        .routes(routes!(presence_api::end_presence))
}

/// Everything that listeners are told of, until the application stops.
pub async fn feed(app: Arc<App>) {
    tokio::join!(feed::feed(app.clone()), presence::keep(app));
}

/// How many stretches a slow listener may lag behind before it reads the tables itself.
const BUFFER: usize = 256;

/// The feed's outlet.
#[derive(Debug)]
pub struct Live {
    outlet: broadcast::Sender<Arc<Stretch>>,
    /// Who has which case open.
    presence: Presence,
    stopping: watch::Sender<bool>,
    /// Told after each refresh of the surroundings: calendars may have changed.
    refreshed: Notify,
}

impl Default for Live {
    fn default() -> Self {
        Live {
            outlet: broadcast::channel(BUFFER).0,
            presence: Presence::default(),
            stopping: watch::channel(false).0,
            refreshed: Notify::new(),
        }
    }
}

impl Live {
    /// Ends every stream, so that a stop need not wait for browsers.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether [`Live::stop`] was called; waits until it is.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as `self`, so waiting ends only with a stop.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    /// Waits until the surroundings were read again.
    pub async fn refreshed(&self) {
        self.refreshed.notified().await;
    }

    /// How many listen now.
    pub fn listeners(&self) -> usize {
        self.outlet.receiver_count()
    }
}

#[cfg(test)]
mod tests;
