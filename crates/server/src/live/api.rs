//! `/api/live`: the stream of events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use utoipa::ToSchema;

use super::listener::{Changed, Listener, Told};
use super::presence_api::Present;
use super::stretch::stretch;
use crate::app::App;
use crate::http::{Answer, Problem};
use crate::session::Caller;

/// A listener is told that the line stands at least so often.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The first event of a stream (`here`).
#[derive(Debug, Serialize, ToSchema)]
pub struct Here {
    /// The stream's number, by which its screen says what it shows (`/api/cases/{id}/presence`).
    pub connection: String,
}

/// What one event of the stream holds, by its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum LiveEvent {
    /// `here`, once, first.
    Here(Here),
    /// `changed`: cases within reach changed.
    Changed(Changed),
    /// `present`: who else has the case open that is open here.
    Present(Present),
}

impl LiveEvent {
    /// As it goes over the line.
    fn sent(&self) -> Event {
        let event = match self {
            LiveEvent::Here(_) => Event::default().event("here"),
            LiveEvent::Changed(changed) => Event::default().event("changed").id(changed.position.clone()),
            LiveEvent::Present(_) => Event::default().event("present"),
        };
        // Texts and lists of texts always have a JSON form.
        event.json_data(self).unwrap_or_default()
    }
}

/// What changed within reach, as it happens, and who else has the open case open (`text/event-stream`; events `here`,
/// `changed`, `present`).
#[utoipa::path(get, path = "/api/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "The position of the last event seen")),
    responses((status = 200, body = LiveEvent, content_type = "text/event-stream"), Problem))]
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
    let connection = app.centre.store.new_id();
    let presences = app.live.presence.changes();
    app.live.presence.came(connection, caller.person);
    let listener = Listener {
        app,
        connection,
        presences,
        person: caller.person,
        credential: caller.credential,
        position,
        stretches,
        missed,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = match listener.next().await? {
            Told::Changed(changed) => LiveEvent::Changed(changed),
            Told::Present(present) => LiveEvent::Present(present),
        };
        Some((Ok(event.sent()), listener))
    });
    let here = LiveEvent::Here(Here {
        connection: connection.to_string(),
    })
    .sent();
    let events = stream::once(async { Ok(here) }).chain(events);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}
