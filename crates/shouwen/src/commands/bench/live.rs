//! Five hundred open screens, and how soon the last of them is told of a change: from the moment the request that changes
//! something is sent until every listener has the message.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{broadcast, mpsc};

use super::Asked;
use super::child::Server;
use super::client::{exchange, header};
use super::figure::{Bar, Figure};
use super::over_http::{log_in, request};
use super::place::{Place, Small};

/// Open screens.
const LISTENERS: usize = 500;

/// How long one message may take before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads its stream for ever; for each case that is named tells when it was.
async fn listen(
    mut stream: TcpStream,
    mut named: broadcast::Receiver<String>,
    told: mpsc::UnboundedSender<Instant>,
) -> anyhow::Result<()> {
    let mut text = String::new();
    let mut buffer = vec![0; 16 * 1024];
    let mut waiting: Option<String> = None;
    loop {
        tokio::select! {
            case = named.recv() => waiting = Some(format!("\"{}\"", case?)),
            count = stream.read(&mut buffer) => {
                let count = count?;
                if count == 0 {
                    bail!("the server ended an event stream");
                }
                text.push_str(&String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()));
            }
        }
        if waiting.as_ref().is_some_and(|case| text.contains(case.as_str())) {
            waiting = None;
            text.clear();
            told.send(Instant::now())?;
        }
    }
}

/// Measures.
pub async fn measure(asked: &Asked) -> anyhow::Result<Vec<Figure>> {
    let rounds = if asked.quick { 20 } else { 100 };
    let place = Place::folder(asked.folder.as_deref())?;
    let folder = place.path().context("a folder")?;
    Small::make(&place, "complaints")
        .await?
        .centre
        .store
        .close()
        .await;
    let server = Server::start(&folder).await?;
    let logged_in = Arc::new(log_in(&server).await?);
    let (name, _) = broadcast::channel(4);
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut listeners = tokio::task::JoinSet::new();
    for _ in 0..LISTENERS {
        let mut stream = server.connect().await?;
        let head = format!(
            "GET /api/live HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\ncookie: {}\r\n\r\n",
            logged_in.cookie()
        );
        stream.write_all(head.as_bytes()).await?;
        // The head of the answer: from here on it listens.
        let mut first = vec![0; 4096];
        let count = stream.read(&mut first).await?;
        let first = String::from_utf8_lossy(first.get(..count).unwrap_or_default()).into_owned();
        if !first.starts_with("HTTP/1.1 200") {
            bail!("an event stream was answered with {first}");
        }
        listeners.spawn(listen(stream, name.subscribe(), tell.clone()));
    }
    let (mut last, mut middle) = (Vec::new(), Vec::new());
    let (mut writer, mut buffer) = (server.connect().await?, Vec::new());
    for round in 0..rounds {
        let text = request(&logged_in, round, false);
        let begun = Instant::now();
        let answer = exchange(&mut writer, text.as_bytes(), &mut buffer).await?;
        let location = header(&answer.head, "location").context("an opening without a place")?;
        let case = location.rsplit('/').next().context("a place without an id")?;
        name.send(case.to_owned())?;
        let mut waits = Vec::with_capacity(LISTENERS);
        while waits.len() < LISTENERS {
            let at = tokio::time::timeout(PATIENCE, told.recv()).await;
            let at = at.with_context(|| format!("{} of {LISTENERS} were told", waits.len()))?;
            waits.push(at.context("no listener is left")?.duration_since(begun));
        }
        waits.sort();
        last.extend(waits.last().copied());
        middle.extend(waits.get(waits.len() / 2).copied());
    }
    listeners.abort_all();
    drop(server);
    place.remove().await?;
    last.sort();
    middle.sort();
    let slowest = last.last().copied().unwrap_or_default();
    let typical = middle.get(middle.len() / 2).copied().unwrap_or_default();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    Ok(vec![
        Figure::new(
            format!("{LISTENERS} open screens told of a change, the last of them, worst of {rounds}"),
            milliseconds(slowest),
            "ms",
            Bar::Below(1_000.0),
        )
        .note("from sending the request until the last listener has the message"),
        Figure::new(
            format!("{LISTENERS} open screens told of a change, the middle one"),
            milliseconds(typical),
            "ms",
            Bar::None,
        ),
    ])
}
