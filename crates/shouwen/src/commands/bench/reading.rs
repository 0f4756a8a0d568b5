//! Search, queue, case pages and a month's statistics over HTTP, on a full database, sixteen connections at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::task::JoinSet;

use super::Asked;
use super::child::Server;
use super::client::{self, exchange};
use super::figure::{Bar, Figure};
use super::filled::PLANTED;
use super::over_http::{LoggedIn, log_in};
use super::process;

/// Connections at once.
const CONNECTIONS: usize = 16;
/// How long the index may take to be made.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Between two looks whether it is there.
const AGAIN: Duration = Duration::from_millis(500);

fn request(path: &str, logged_in: &LoggedIn) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: bench\r\ncookie: {}\r\n\r\n",
        logged_in.cookie()
    )
}

fn searched(word: &str, more: &str) -> String {
    let encoded: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/api/search?q={encoded}{more}")
}

async fn get(server: &Server, path: &str, logged_in: &LoggedIn) -> anyhow::Result<client::Answer> {
    let mut stream = server.connect().await?;
    exchange(&mut stream, request(path, logged_in).as_bytes(), &mut Vec::new()).await
}

async fn json(server: &Server, path: &str, logged_in: &LoggedIn) -> anyhow::Result<serde_json::Value> {
    let answer = get(server, path, logged_in).await?;
    if answer.status != 200 {
        bail!(
            "{path} was answered with {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

/// Asks the paths in turn, `count` times in all; how long each took, ascending.
async fn times(
    server: &Server,
    logged_in: &Arc<LoggedIn>,
    paths: Vec<String>,
    count: usize,
) -> anyhow::Result<Vec<Duration>> {
    let (next, paths) = (Arc::new(AtomicUsize::new(0)), Arc::new(paths));
    let mut running: JoinSet<anyhow::Result<Vec<Duration>>> = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut stream = server.connect().await?;
        let (next, paths, logged_in) = (next.clone(), paths.clone(), logged_in.clone());
        running.spawn(async move {
            let (mut buffer, mut taken) = (Vec::with_capacity(64 * 1024), Vec::new());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(at % paths.len().max(1)).filter(|_| at < count) else {
                    return Ok(taken);
                };
                let text = request(path, &logged_in);
                let begun = Instant::now();
                let answer = exchange(&mut stream, text.as_bytes(), &mut buffer).await?;
                taken.push(begun.elapsed());
                if answer.status != 200 {
                    bail!("{path} was answered with {}", answer.status);
                }
            }
        });
    }
    let mut all = Vec::with_capacity(count);
    while let Some(ended) = running.join_next().await {
        all.extend(ended??);
    }
    all.sort_unstable();
    Ok(all)
}

fn part(times: &[Duration], share: f64) -> f64 {
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// Measures on the database in a folder.
pub async fn measure(asked: &Asked, folder: &Path, cases: i64) -> anyhow::Result<Vec<Figure>> {
    let count = if asked.quick { 400 } else { 4_000 };
    let mut server = Server::start(folder).await?;
    let begun = Instant::now();
    let logged_in = Arc::new(log_in(&server).await?);
    let first = searched("电梯", "");
    while get(&server, &first, &logged_in).await?.status != 200 {
        if begun.elapsed() > PATIENCE {
            bail!("the search index was not made in time");
        }
        tokio::time::sleep(AGAIN).await;
    }
    let made = begun.elapsed().as_secs_f64();
    let id = server.process()?;
    let mut figures = vec![
        Figure::new(
            format!("search index made of {cases} cases"),
            made,
            "s",
            Bar::None,
        )
        .note(format!(
            "{:.0} MB resident afterwards",
            process::resident_mb(id, true)?
        )),
    ];
    for (word, each) in PLANTED {
        let said = json(&server, &searched(word, ""), &logged_in).await?;
        let total = said["total"].as_u64().unwrap_or_default();
        for (order, more) in [("relevance", ""), ("time", "&order=time&open=false")] {
            let taken = times(&server, &logged_in, vec![searched(word, more)], count).await?;
            let name = format!("search {word} (1 in {each}), by {order}, {CONNECTIONS} connections: p99");
            let note = format!(
                "{total} found and counted within reach; p50 {:.1} ms",
                part(&taken, 0.5)
            );
            figures.push(Figure::new(name, part(&taken, 0.99), "ms", Bar::Below(50.0)).note(note));
        }
    }
    let found = json(&server, &searched("渗水", "&limit=50"), &logged_in).await?;
    let pages: Vec<String> = found["items"]
        .as_array()
        .context("hits")?
        .iter()
        .filter_map(|hit| hit["id"].as_str())
        .map(|id| format!("/api/cases/{id}"))
        .collect();
    let queue = vec!["/api/queue".to_owned(), "/api/cases?limit=50".to_owned()];
    for (what, paths) in [("case page", pages), ("queue and list of cases", queue)] {
        let taken = times(&server, &logged_in, paths, count).await?;
        let name = format!("{what}, {CONNECTIONS} connections: p99");
        let note = format!("p50 {:.1} ms", part(&taken, 0.5));
        figures.push(Figure::new(name, part(&taken, 0.99), "ms", Bar::Below(20.0)).note(note));
    }
    let month = "/api/reports/clauses?pack=hotline&from=2018-06-01&to=2018-07-01".to_owned();
    let taken = times(&server, &logged_in, vec![month], 20).await?;
    let slowest = part(&taken, 1.0) / 1_000.0;
    figures.push(Figure::new(
        "a month's clause report, slowest of 20",
        slowest,
        "s",
        Bar::Below(1.0),
    ));
    Ok(figures)
}
