//! Opening complaints over HTTP: 64 kept connections, each asking again when its answer has come. Every answer is given
//! after a durable commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::task::JoinSet;

use super::Asked;
use super::child::Server;
use super::client::{self, exchange, header};
use super::figure::{Bar, Figure};
use super::opening;
use super::place::{LOGIN, PASSWORD, Place, Small};
use super::process;

/// Connections at once.
const CONNECTIONS: usize = 64;

/// A log-in for the load.
pub(super) struct LoggedIn {
    cookie: String,
    csrf: String,
}

impl LoggedIn {
    /// Its cookie, as a request carries it.
    pub(super) fn cookie(&self) -> &str {
        &self.cookie
    }
}

/// Logs in.
pub(super) async fn log_in(server: &Server) -> anyhow::Result<LoggedIn> {
    let body = serde_json::json!({ "login": LOGIN, "password": PASSWORD }).to_string();
    let head = format!(
        "POST /api/session HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let answer = client::ask(server.address, &head, &body).await?;
    if answer.status != 200 {
        bail!(
            "the log-in was answered with {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    let cookie = header(&answer.head, "set-cookie").and_then(|text| text.split(';').next());
    let said: serde_json::Value = serde_json::from_slice(&answer.body)?;
    Ok(LoggedIn {
        cookie: cookie.context("a log-in without a cookie")?.to_owned(),
        csrf: said["csrf"]
            .as_str()
            .context("a log-in without a token")?
            .to_owned(),
    })
}

/// A request that opens a complaint.
pub(super) fn request(logged_in: &LoggedIn, at: usize, page: bool) -> String {
    let input: serde_json::Map<String, serde_json::Value> = opening::intake(at)
        .into_iter()
        .filter_map(|(key, value)| Some((key, serde_json::to_value(value).ok()?)))
        .collect();
    let body = serde_json::json!({
        "pack": "complaints", "procedure": "complaint", "channel": "phone", "input": input
    })
    .to_string();
    format!(
        "POST /api/cases HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncookie: {}\r\n\
         x-csrf-token: {}\r\n{}content-length: {}\r\n\r\n{body}",
        logged_in.cookie,
        logged_in.csrf,
        if page {
            "prefer: return=representation\r\n"
        } else {
            ""
        },
        body.len()
    )
}

/// What one run did.
struct Run {
    per_second: f64,
    server: Duration,
    load: Duration,
    answer_bytes: usize,
}

async fn load(
    server: &mut Server,
    logged_in: &Arc<LoggedIn>,
    count: usize,
    page: bool,
) -> anyhow::Result<Run> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        streams.push(server.connect().await?);
    }
    let process_id = server.process()?;
    let (served, loaded, begun) = (
        process::cpu(Some(process_id))?,
        process::cpu(None)?,
        Instant::now(),
    );
    let mut running: JoinSet<anyhow::Result<usize>> = JoinSet::new();
    for mut stream in streams {
        let (next, logged_in) = (Arc::clone(&next), Arc::clone(logged_in));
        running.spawn(async move {
            let (mut buffer, mut bytes) = (Vec::with_capacity(64 * 1024), 0);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return Ok(bytes);
                }
                let text = request(&logged_in, at, page);
                let answer = exchange(&mut stream, text.as_bytes(), &mut buffer).await?;
                if answer.status != 201 {
                    bail!(
                        "an opening was answered with {}: {}",
                        answer.status,
                        String::from_utf8_lossy(&answer.body)
                    );
                }
                bytes += answer.body.len();
            }
        });
    }
    let mut bytes = 0;
    while let Some(ended) = running.join_next().await {
        bytes += ended??;
    }
    let took = begun.elapsed();
    let per_case = |before: Duration, after: Duration| after.saturating_sub(before) / count as u32;
    Ok(Run {
        per_second: count as f64 / took.as_secs_f64(),
        server: per_case(served, process::cpu(Some(process_id))?),
        load: per_case(loaded, process::cpu(None)?),
        answer_bytes: bytes / count,
    })
}

/// Measures; `in_process` is the processor time of one case in process at 64 waiting.
pub async fn measure(asked: &Asked, in_process: Option<Duration>) -> anyhow::Result<Vec<Figure>> {
    let count = if asked.quick { 3_000 } else { 20_000 };
    let place = Place::folder(asked.folder.as_deref())?;
    let folder = place.path().context("a folder")?;
    Small::make(&place, "complaints")
        .await?
        .centre
        .store
        .close()
        .await;
    let mut server = Server::start(&folder).await?;
    let logged_in = Arc::new(log_in(&server).await?);
    load(&mut server, &logged_in, count / 10, false).await?;
    let mut figures = Vec::new();
    for (answer, page) in [
        ("answered as usual", false),
        ("answered with the whole page", true),
    ] {
        let run = load(&mut server, &logged_in, count, page).await?;
        let cost = run.server.as_secs_f64() * 1e6;
        let note = format!(
            "{count} cases, answers of {} bytes, each after a durable commit; the load itself took {} µs a case",
            run.answer_bytes,
            run.load.as_micros()
        );
        let rate = Figure::new(
            format!("complaints opened over HTTP, {CONNECTIONS} connections, {answer}"),
            run.per_second,
            "cases/s",
            if page { Bar::None } else { Bar::Aim(5_000.0) },
        );
        figures.push(rate.note(note));
        // The page is read on top of the opening: several queries that in process nobody asks.
        let bar = if page { Bar::None } else { Bar::Below(2.0) };
        let name = format!("server's processor time a case, {answer}");
        figures.push(match in_process {
            Some(raw) => Figure::new(name, cost, "µs", bar)
                .beside(raw.as_secs_f64() * 1e6)
                .note("beside the same opening in process at 64 waiting"),
            None => Figure::new(name, cost, "µs", Bar::None),
        });
    }
    drop(server);
    place.remove().await?;
    Ok(figures)
}
