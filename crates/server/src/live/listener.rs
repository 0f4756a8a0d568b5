//! One screen that listens, and what it may hear.

use std::collections::VecDeque;
use std::sync::Arc;

use calendar::Moment;
use regulation::{Actor, Id};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use super::presence_api::{Present, may_see, others};
use super::stretch::{Stretch, Touched, stretch};
use crate::app::App;
use crate::organisation::Picture;
use crate::session::Credential;

/// What a listener receives.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
pub struct Changed {
    /// The position reached: the cursor to come back with.
    pub position: String,
    /// Cases within reach that changed.
    pub cases: Vec<String>,
    /// Their versions in the same order: who shows that version already need not read again.
    pub versions: Vec<i64>,
    /// Whether the listener has new notices.
    #[serde(default)]
    pub notices: bool,
}

/// What of a stretch a person may know, as it is sent; nothing of interest is nothing.
pub(super) fn within_reach(picture: &Picture, actor: &Actor, stretch: &Stretch) -> Option<Changed> {
    let reaches = |touched: &&Touched| {
        touched.people.contains(&actor.person) && actor.person.is_some()
            || touched.units.iter().any(|unit| picture.reaches(actor, *unit))
    };
    let (cases, versions): (Vec<String>, Vec<i64>) = stretch
        .cases
        .iter()
        .filter(reaches)
        .map(|touched| (touched.case.to_string(), touched.version))
        .unzip();
    let notices = actor
        .person
        .is_some_and(|person| stretch.noticed.contains(&person));
    (notices || !cases.is_empty()).then(|| Changed {
        position: stretch.upto.to_string(),
        cases,
        versions,
        notices,
    })
}

/// What a listener is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Something changed.
    Changed(Changed),
    /// Somebody else came to the case that is open here, left it, or types.
    Present(Present),
}

/// What makes a listener look up.
enum Woken {
    Stretch(Arc<Stretch>),
    Presence(Id),
}

/// One screen that listens.
pub(super) struct Listener {
    pub(super) app: Arc<App>,
    /// Its number, by which its screen says what it shows.
    pub(super) connection: i64,
    pub(super) person: Id,
    pub(super) credential: Credential,
    /// Everything up to here was looked at.
    pub(super) position: i64,
    pub(super) stretches: broadcast::Receiver<Arc<Stretch>>,
    pub(super) missed: VecDeque<Arc<Stretch>>,
    pub(super) presences: broadcast::Receiver<Id>,
}

/// Whoever no longer listens is no longer there.
impl Drop for Listener {
    fn drop(&mut self) {
        self.app.live.presence.went(self.connection);
    }
}

impl Listener {
    /// The next message; `None` ends the stream.
    pub(super) async fn next(&mut self) -> Option<Told> {
        loop {
            let woken = match self.missed.pop_front() {
                Some(stretch) => Woken::Stretch(stretch),
                None => self.wait().await?,
            };
            let stretch = match woken {
                Woken::Stretch(stretch) => stretch,
                Woken::Presence(case) => {
                    if !matches!(self.credential.stands(&self.app).await, Ok(true)) {
                        return None;
                    }
                    if let Some(present) = self.presence(case).await {
                        return Some(Told::Present(present));
                    }
                    continue;
                }
            };
            if stretch.upto <= self.position {
                continue;
            }
            self.position = stretch.upto;
            // Whoever logged out or was put out hears nothing more.
            if !matches!(self.credential.stands(&self.app).await, Ok(true)) {
                return None;
            }
            let picture = self.app.centre.surroundings().picture;
            let actor = picture.actor(self.person, Moment::from_millis(self.app.centre.store.now()));
            if let Some(changed) = within_reach(&picture, &actor, &stretch) {
                return Some(Told::Changed(changed));
            }
        }
    }

    /// Who else has this case open, where it is the one that is open here. Whoever may see it no longer is told nothing, and
    /// is no longer there.
    async fn presence(&self, case: Id) -> Option<Present> {
        let presence = &self.app.live.presence;
        if presence.open_at(self.connection) != Some(case) {
            return None;
        }
        match may_see(&self.app, self.person, case).await {
            Ok(true) => {
                let picture = self.app.centre.surroundings().picture;
                Some(others(&self.app, &picture, self.person, case))
            }
            Ok(false) => {
                presence.leaves(self.connection, self.person, case);
                None
            }
            Err(_) => None,
        }
    }

    async fn wait(&mut self) -> Option<Woken> {
        let app = self.app.clone();
        let received = loop {
            tokio::select! {
                received = self.stretches.recv() => break received,
                case = self.presences.recv() => match case {
                    Ok(case) => return Some(Woken::Presence(case)),
                    // The present state of the own case says what was missed.
                    Err(RecvError::Lagged(_)) => {
                        if let Some(case) = app.live.presence.open_at(self.connection) {
                            return Some(Woken::Presence(case));
                        }
                    }
                    Err(RecvError::Closed) => return None,
                },
                () = app.live.stopped() => return None,
            }
        };
        let stretch = match received {
            Ok(stretch) if stretch.after <= self.position => Some(stretch),
            Err(RecvError::Closed) => None,
            // Something lies between what was seen and what came: it is read from the tables.
            Ok(_) | Err(RecvError::Lagged(_)) => {
                let store = &self.app.centre.store;
                stretch(store, self.position, store.sealed_position())
                    .await
                    .ok()
                    .map(Arc::new)
            }
        };
        stretch.map(Woken::Stretch)
    }
}
