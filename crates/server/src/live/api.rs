//! `/api/live`: the stream of events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};

use super::listener::{Changed, Listener};
use super::stretch::stretch;
use crate::app::App;
use crate::http::{Answer, Problem};
use crate::session::Caller;

/// A listener is told that the line stands at least so often.
const HEARTBEAT: Duration = Duration::from_secs(15);

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
