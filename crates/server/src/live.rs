//! Live events: what changed, told to every open screen as it happens.
//!
//! One feed reads each stretch of newly given positions once and hands it to all listeners, whatever their number; each
//! listener keeps what lies within its person's reach. A position is the cursor: a screen that was away names the last
//! one it saw and is told what it missed.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use calendar::Moment;
use futures_util::stream::{self, Stream};
use regulation::{Actor, Id};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{Notify, broadcast, watch};
use utoipa::ToSchema;

use crate::app::App;
use crate::cases::payload::CASE;
use crate::centre::Centre;
use crate::http::{Answer, Problem};
use crate::messages::{NOTICE_SETTING, WEBHOOK};
use crate::organisation::Picture;
use crate::session::{Caller, Credential};

/// How many stretches a slow listener may lag behind before it reads the tables itself.
const BUFFER: usize = 256;

/// How many cases one message names at most; of a longer absence a screen reads everything again.
const MOST: i64 = 500;

/// A listener is told that the line stands at least so often.
const HEARTBEAT: Duration = Duration::from_secs(15);

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

// $1 and $2: after the first position, up to the second; $3 how many
const CHANGED: &str = "SELECT c.id, c.unit, c.owning_unit, c.handler, c.first_contact_owner, p.position \
     FROM (SELECT record, MAX(position) AS position FROM positions WHERE position > $1 AND position <= $2 \
       GROUP BY record) p JOIN cases c ON c.id = p.record ORDER BY p.position DESC LIMIT $3";
// $1 and $2: after the first position, up to the second
const NOTICED: &str = "SELECT DISTINCT n.person FROM positions p JOIN notices n ON n.case_id = p.record AND n.seq = p.seq \
     WHERE p.position > $1 AND p.position <= $2";
const KINDS: &str = "SELECT DISTINCT e.record_kind FROM positions p \
     JOIN events e ON e.record = p.record AND e.seq = p.seq WHERE p.position > $1 AND p.position <= $2 \
     AND e.record_kind <> $3";

/// A case that changed, with what decides who may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Touched {
    case: Id,
    units: [Id; 2],
    people: [Option<Id>; 2],
}

/// One stretch of history.
#[derive(Clone, Debug, Default)]
struct Stretch {
    /// After this position,
    after: i64,
    /// up to this one.
    upto: i64,
    cases: Vec<Touched>,
    /// Who has a new notice.
    noticed: HashSet<Id>,
}

/// What a listener receives.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
pub struct Changed {
    /// The position reached: the cursor to come back with.
    pub position: String,
    /// Cases within reach that changed.
    pub cases: Vec<String>,
    /// Whether the listener has new notices.
    #[serde(default)]
    pub notices: bool,
}

/// The feed's outlet.
#[derive(Debug)]
pub struct Live {
    outlet: broadcast::Sender<Arc<Stretch>>,
    stopping: watch::Sender<bool>,
    /// Told after each refresh of the surroundings: calendars may have changed.
    refreshed: Notify,
}

impl Default for Live {
    fn default() -> Self {
        Live {
            outlet: broadcast::channel(BUFFER).0,
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

async fn stretch(store: &Store, after: i64, upto: i64) -> Result<Stretch, StoreError> {
    let rows = store
        .query(CHANGED, &[after.into(), upto.into(), MOST.into()])
        .await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        cases.push(Touched {
            case: Id(row.int(0)?),
            units: [Id(row.int(1)?), Id(row.int(2)?)],
            people: [row.opt_int(3)?.map(Id), row.opt_int(4)?.map(Id)],
        });
    }
    let noticed = store.query(NOTICED, &[after.into(), upto.into()]).await?;
    let noticed = noticed
        .iter()
        .map(|row| row.int(0).map(Id))
        .collect::<Result<_, _>>()?;
    Ok(Stretch {
        after,
        upto,
        cases,
        noticed,
    })
}

/// What of a stretch a person may know, as it is sent; nothing of interest is nothing.
fn within_reach(picture: &Picture, actor: &Actor, stretch: &Stretch) -> Option<Changed> {
    let reaches = |touched: &&Touched| {
        touched.people.contains(&actor.person) && actor.person.is_some()
            || touched.units.iter().any(|unit| picture.reaches(actor, *unit))
    };
    let cases: Vec<String> = stretch
        .cases
        .iter()
        .filter(reaches)
        .map(|touched| touched.case.to_string())
        .collect();
    let notices = actor
        .person
        .is_some_and(|person| stretch.noticed.contains(&person));
    (notices || !cases.is_empty()).then(|| Changed {
        position: stretch.upto.to_string(),
        cases,
        notices,
    })
}

/// One screen that listens.
struct Listener {
    app: Arc<App>,
    person: Id,
    credential: Credential,
    /// Everything up to here was looked at.
    position: i64,
    stretches: broadcast::Receiver<Arc<Stretch>>,
    missed: VecDeque<Arc<Stretch>>,
}

impl Listener {
    /// The next message; `None` ends the stream.
    async fn next(&mut self) -> Option<Changed> {
        loop {
            let stretch = match self.missed.pop_front() {
                Some(stretch) => stretch,
                None => self.wait().await?,
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
                return Some(changed);
            }
        }
    }

    async fn wait(&mut self) -> Option<Arc<Stretch>> {
        let app = self.app.clone();
        let received = tokio::select! {
            received = self.stretches.recv() => received,
            () = app.live.stopped() => return None,
        };
        match received {
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
        }
    }
}

/// What changed within reach, as it happens (`text/event-stream`, event `changed`).
#[utoipa::path(get, path = "/api/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "The position of the last event seen")),
    responses((status = 200, body = Changed, content_type = "text/event-stream"), Problem))]
pub async fn live(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let stretches = app.live.outlet.subscribe();
    let now = app.centre.store.sealed_position();
    let seen = match headers.get("last-event-id") {
        None => now,
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse::<i64>().ok())
            .ok_or_else(|| {
                Problem::malformed(
                    "Last-Event-ID不是收到过的位置。",
                    "Last-Event-ID is not a position that was sent.",
                )
            })?,
    };
    let mut missed = VecDeque::new();
    if seen < now {
        missed.push_back(Arc::new(stretch(&app.centre.store, seen, now).await?));
    }
    // A cursor from beyond the end (a restored database) begins at the end.
    let position = seen.min(now);
    let listener = Listener {
        app,
        person: caller.person,
        credential: caller.credential,
        position,
        stretches,
        missed,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let changed = listener.next().await?;
        let event = Event::default().event("changed").id(changed.position.clone());
        // A list of texts always has a JSON form.
        let event = event.json_data(&changed).unwrap_or_default();
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

#[cfg(test)]
mod tests {
    use regulation::Holding;

    use super::*;
    use crate::organisation::Unit;

    fn picture() -> Picture {
        let unit = |id: i64, parent: Option<i64>| Unit {
            id: Id(id),
            parent: parent.map(Id),
            name: String::new(),
            key: id.to_string(),
            calendar: "default".to_owned(),
            closed: None,
        };
        let units = [unit(1, None), unit(2, Some(1)), unit(3, Some(1))];
        Picture {
            units: units.into_iter().map(|unit| (unit.id, unit)).collect(),
            ..Picture::default()
        }
    }

    fn holder(person: i64, unit: i64) -> Actor {
        let holding = Holding {
            function: "agent".to_owned(),
            unit: Id(unit),
            on_behalf_of: None,
        };
        Actor {
            person: Some(Id(person)),
            holdings: vec![holding],
            certificates: Vec::new(),
        }
    }

    fn stretch_of(unit: i64, handler: Option<i64>) -> Stretch {
        let touched = Touched {
            case: Id(9),
            units: [Id(unit), Id(unit)],
            people: [handler.map(Id), None],
        };
        Stretch {
            after: 4,
            upto: 7,
            cases: vec![touched],
            noticed: HashSet::new(),
        }
    }

    #[test]
    fn a_listener_hears_of_cases_below_its_unit_and_of_its_own() {
        let picture = picture();
        let heard = within_reach(&picture, &holder(50, 1), &stretch_of(2, None));
        assert_eq!(
            heard,
            Some(Changed {
                position: "7".to_owned(),
                cases: vec!["9".to_owned()],
                notices: false,
            })
        );
        assert_eq!(within_reach(&picture, &holder(50, 3), &stretch_of(2, None)), None);
        assert!(within_reach(&picture, &holder(50, 3), &stretch_of(2, Some(50))).is_some());
    }

    #[test]
    fn gen_7_whoever_has_a_notice_hears_so_whatever_their_reach() {
        let mut stretch = stretch_of(2, None);
        stretch.noticed.insert(Id(50));
        let heard = within_reach(&picture(), &holder(50, 3), &stretch).unwrap();
        assert!(heard.notices && heard.cases.is_empty());
        let other = within_reach(&picture(), &holder(51, 1), &stretch).unwrap();
        assert!(!other.notices && other.cases == ["9"]);
    }

    #[test]
    fn a_case_without_handler_is_nobodys_own() {
        let nobody = Actor::default();
        assert_eq!(within_reach(&picture(), &nobody, &stretch_of(2, None)), None);
    }

    #[tokio::test]
    async fn a_commit_reaches_whoever_may_know_and_a_cursor_gives_what_was_missed() {
        use crate::organisation::{Held, PersonRecord, UnitRecord, change_person, change_unit};
        use regulation::decide::{Mode, Opened};
        use regulation::{Command, FieldValue, Fields};

        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), crate::schema::MIGRATIONS)
            .await
            .unwrap();
        let centre = Arc::new(Centre::open(store).await.unwrap());
        let unit = UnitRecord {
            key: "top".into(),
            name: "总部".into(),
            parent: None,
            calendar: "default".into(),
        };
        let unit = change_unit(&centre, None, None, &unit).await.unwrap();
        let (since, until) = (Moment::from_millis(0), Moment::from_millis(i64::MAX));
        let held = Held {
            function: "agent".into(),
            unit,
            since,
            until,
            on_behalf_of: None,
        };
        let mut wanted = PersonRecord {
            login: "lin".into(),
            name: "林".into(),
            active: true,
            language: "zh".into(),
            demo: false,
            held: vec![held],
            certificates: Vec::new(),
        };
        let lin = change_person(&centre, None, None, &wanted).await.unwrap();
        (wanted.login, wanted.held) = ("wu".into(), Vec::new());
        let wu = change_person(&centre, None, None, &wanted).await.unwrap();
        let bundle = crate::packs::Bundle::of(&crate::packs::built_in("hotline").unwrap());
        let pack = bundle.link().unwrap();
        crate::packs::activate(&centre.store, &bundle, &pack, unit, None, since)
            .await
            .unwrap();
        centre.refresh().await.unwrap();
        let pack = centre.surroundings().packs.in_force_anywhere("hotline").unwrap();

        let app = Arc::new(App::new(centre.clone(), false));
        let mut listeners = Vec::new();
        for person in [lin, wu] {
            let beginning = crate::session::Beginning {
                person,
                language: "zh",
                owes: crate::session::Owes::Nothing,
                way: "password",
                address: "",
                agent: "",
            };
            let (token, _) = app.sessions.start(&centre.store, beginning).await.unwrap();
            let (position, stretches) = (centre.store.sealed_position(), app.live.outlet.subscribe());
            listeners.push(Listener {
                app: app.clone(),
                person,
                credential: Credential::Session(token),
                position,
                stretches,
                missed: VecDeque::new(),
            });
        }
        let before = centre.store.sealed_position();
        let feeding = tokio::spawn(feed(app.clone()));
        tokio::task::yield_now().await;
        let input = ["subject", "detail"].map(|key| (key.to_owned(), FieldValue::Text("路灯不亮".into())));
        let opened = Opened {
            channel: "phone".into(),
            owning_unit: Some(unit),
            ..Opened::default()
        };
        let order = crate::cases::shell::Order {
            case: None,
            command: Command::Open {
                procedure: "message".into(),
                opened,
                input: Fields::from(input),
            },
            actor: &Actor::default(),
            at: None,
            mode: Mode::Live,
            pack: Some(pack),
            idempotency: None,
        };
        let case = centre.run(order).await.unwrap().case;
        let patience = Duration::from_secs(20);
        let heard = tokio::time::timeout(patience, listeners[0].next())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(heard.cases, [case.to_string()]);
        // Who came back with the cursor from before is told the same.
        let missed = stretch(&centre.store, before, centre.store.sealed_position())
            .await
            .unwrap();
        assert_eq!(
            missed
                .cases
                .iter()
                .map(|touched| touched.case)
                .collect::<Vec<_>>(),
            [case]
        );
        // The other one has no reach: the stop is the next thing it hears.
        app.live.stop();
        assert_eq!(
            tokio::time::timeout(patience, listeners[1].next()).await.unwrap(),
            None
        );
        tokio::time::timeout(patience, feeding).await.unwrap().unwrap();
    }
}
