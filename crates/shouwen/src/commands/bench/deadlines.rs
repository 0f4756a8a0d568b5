//! Deadlines at a peak: many fall due at one moment, or were due while nothing ran; and what pending ones cost in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::{Actor, Command, FieldValue, Fields};
use server::cases::shell::Order;
use server::timers::wake_due;
use tokio::task::JoinSet;

use super::child::Server;
use super::figure::{Bar, Figure};
use super::place::{Place, Small};
use super::{Asked, filled, process};

/// How many cases are opened at once.
const AT_ONCE: usize = 64;
/// How long the server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(8);
const DAY: i64 = 86_400_000;

const LATE: &str = "SELECT COUNT(*) FROM clocks WHERE once_late = 1";
const EVENTS: &str = "SELECT COUNT(*) FROM events";
const PENDING: &str = "SELECT COUNT(*) FROM clocks WHERE ended IS NULL";

async fn count(small: &Small, sql: &'static str) -> anyhow::Result<i64> {
    let rows = small.centre.store.query(sql, &[]).await?;
    rows.first().context("a count")?.int(0).context("a count")
}

/// Opens messages, all of them received at one moment.
async fn open_all(small: &Arc<Small>, count: usize, received: Moment) -> anyhow::Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers: JoinSet<anyhow::Result<()>> = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (small, next) = (Arc::clone(small), Arc::clone(&next));
        callers.spawn(async move {
            let engine = Actor::default();
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let text = |text: &str| FieldValue::Text(text.to_owned());
                let input = Fields::from([
                    ("subject".to_owned(), text("路灯不亮")),
                    (
                        "detail".to_owned(),
                        text("小区南门外的路灯坏了一个多星期，晚上看不清台阶。"),
                    ),
                ]);
                let opened = Opened {
                    received: Some(received),
                    channel: "phone".to_owned(),
                    owning_unit: Some(small.unit),
                    ..Opened::default()
                };
                let order = Order {
                    case: None,
                    command: Command::Open {
                        procedure: "message".to_owned(),
                        opened,
                        input,
                    },
                    actor: &engine,
                    at: Some(received),
                    mode: Mode::Historic,
                    pack: Some(small.pack.clone()),
                    idempotency: None,
                };
                small.centre.run(order).await?;
            }
            Ok(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(())
}

/// One peak: `cases` messages whose first deadline passed, all at the same moment, a day ago.
async fn peak(asked: &Asked, postgres: Option<&str>, cases: usize) -> anyhow::Result<Figure> {
    let place = match postgres {
        Some(server) => Place::database(server, "deadlines").await?,
        None => Place::folder(asked.folder.as_deref())?,
    };
    let small = Arc::new(Small::make(&place, "hotline").await?);
    let sealed = Arc::new(tokio::sync::Notify::new());
    let sealer = {
        let (small, sealed) = (Arc::clone(&small), Arc::clone(&sealed));
        tokio::spawn(async move { small.centre.store.run_sealer(sealed.notified()).await })
    };
    let received = Moment::from_millis(small.centre.store.now() - 4 * DAY);
    open_all(&small, cases, received).await?;
    let (late, cpu, begun) = (count(&small, LATE).await?, process::cpu(None)?, Instant::now());
    let woken = wake_due(&small.centre).await?;
    let took = begun.elapsed();
    let cpu = process::cpu(None)?.saturating_sub(cpu);
    let (fired, events) = (count(&small, LATE).await? - late, count(&small, EVENTS).await?);
    let again = wake_due(&small.centre).await?;
    if woken.count != cases as u64
        || fired != cases as i64
        || again.count != 0
        || count(&small, EVENTS).await? != events
    {
        bail!(
            "{} of {cases} cases were woken, {fired} deadlines fired, {} cases again",
            woken.count,
            again.count
        );
    }
    sealed.notify_one();
    sealer.await?;
    small.centre.store.close().await;
    drop(small);
    place.remove().await?;
    let name = postgres.map_or("SQLite", |_| "PostgreSQL");
    let note = format!(
        "{cases} due at one moment, a day late, each fired once, in {:.1} s; {} µs of processor time each, sealer included",
        took.as_secs_f64(),
        (cpu / cases as u32).as_micros()
    );
    let rate = cases as f64 / took.as_secs_f64();
    Ok(Figure::new(
        format!("deadlines fired at a peak, {name}"),
        rate,
        "deadlines/s",
        Bar::AtLeast(1_000.0),
    )
    .note(note))
}

async fn resident(folder: &std::path::Path) -> anyhow::Result<f64> {
    let mut server = Server::start(folder).await?;
    tokio::time::sleep(IDLE).await;
    process::resident_mb(server.process()?, false)
}

/// What so many pending deadlines add to an idle server.
async fn pending(asked: &Asked) -> anyhow::Result<Figure> {
    let place = Place::folder(asked.folder.as_deref())?;
    let folder = place.path().context("a folder")?;
    let small = Arc::new(Small::make(&place, "hotline").await?);
    let now = Moment::from_millis(small.centre.store.now());
    open_all(&small, 1, now).await?;
    small.centre.store.seal_now().await?;
    small.centre.store.close().await;
    drop(small);
    let idle = resident(&folder).await?;
    let small = Small::again(&place, "hotline").await?;
    // Two deadlines run on each message.
    filled::fill(&small, asked.cases / 2).await?;
    small.centre.store.seal_now().await?;
    let running = count(&small, PENDING).await?;
    small.centre.store.close().await;
    drop(small);
    let full = resident(&folder).await?;
    place.remove().await?;
    let note =
        format!("{running} deadlines run; idle {idle:.1} MB of the program's own, {full:.1} MB with them");
    let name = "memory of pending deadlines above idle";
    Ok(Figure::new(name, full - idle, "MB", Bar::Below(64.0)).note(note))
}

/// Measures.
pub async fn measure(asked: &Asked) -> anyhow::Result<Vec<Figure>> {
    let cases = asked.due;
    let mut figures = vec![peak(asked, None, cases).await?];
    if let Some(server) = asked.postgres.as_deref() {
        figures.push(peak(asked, Some(server), cases).await?);
    }
    figures.push(pending(asked).await?);
    Ok(figures)
}
