//! Durable opening of complaints in process, beside raw inserts of the very rows that it wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use regulation::decide::{Mode, Opened};
use regulation::{Command, FieldValue, Fields, Id};
use server::cases::shell::Order;
use server::cases::{payload, projection};
use server::centre::Centre;
use server::schema::MIGRATIONS;
use store::{Batch, Head, RecordId};
use tokio::task::JoinSet;

use super::Asked;
use super::figure::{Bar, Figure, middle};
use super::place::{Place, Small};
use super::process;

/// Matters as people tell them, so that texts are as long as real ones.
const MATTERS: [&str; 4] = [
    "3号楼东侧电梯今早七点左右又停在五楼与六楼之间，家里老人被困了将近二十分钟，按了警铃没有人应答，这已经是本月第三次了。",
    "地下车库B2层靠近坡道的水管一直在漏水，地面积水结了一层青苔，昨天有人滑倒，已经反映过两次还没有人来修。",
    "小区南门外的工地夜里十一点以后还在施工，噪声很大，孩子没有办法睡觉，请尽快协调并告诉我们结果。",
    "楼道的灯坏了一个多星期，晚上上下楼看不清台阶，报修以后师傅说等配件，之后就没有消息了。",
];

/// The intake form of a complaint, as an agent fills it.
pub fn intake(at: usize) -> Fields {
    let text = |text: String| FieldValue::Text(text);
    let matter = MATTERS.get(at % MATTERS.len()).copied().unwrap_or_default();
    Fields::from([
        ("complainant".to_owned(), text(format!("住户{:05}", at % 20_000))),
        ("contact".to_owned(), text(format!("139{:08}", at % 100_000_000))),
        ("matter".to_owned(), text(matter.to_owned())),
        (
            "topic".to_owned(),
            text(["lift", "water", "noise", "power"][at % 4].to_owned()),
        ),
        (
            "area".to_owned(),
            text(format!("{}号楼{}单元", at % 97 + 1, at % 5 + 1)),
        ),
        ("addressed_to".to_owned(), text("centre".to_owned())),
    ])
}

/// The command behind it.
pub fn open(unit: Id, at: usize) -> Command {
    let opened = Opened {
        channel: "phone".to_owned(),
        owning_unit: Some(unit),
        ..Opened::default()
    };
    Command::Open {
        procedure: "complaint".to_owned(),
        opened,
        input: intake(at),
    }
}

/// One run: so many cases opened, how long it took, what it cost.
struct Run {
    ours: f64,
    raw: f64,
    cpu: Duration,
    raw_cpu: Duration,
    rows: usize,
}

/// Opens `count` cases with `waiting` callers, each of whom begins the next when the last is durable.
async fn open_all(
    small: &Arc<Small>,
    count: usize,
    waiting: usize,
) -> anyhow::Result<(Vec<Id>, Duration, Duration)> {
    let next = Arc::new(AtomicUsize::new(0));
    let (cpu, begun) = (process::cpu(None)?, Instant::now());
    let mut callers: JoinSet<anyhow::Result<Vec<Id>>> = JoinSet::new();
    for _ in 0..waiting {
        let (small, next) = (Arc::clone(small), Arc::clone(&next));
        callers.spawn(async move {
            let mut opened = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return Ok(opened);
                }
                let order = Order {
                    case: None,
                    command: open(small.unit, at),
                    actor: &small.actor,
                    at: None,
                    mode: Mode::Live,
                    pack: Some(small.pack.clone()),
                    idempotency: None,
                };
                opened.push(small.centre.run(order).await?.case);
            }
        });
    }
    let mut opened = Vec::with_capacity(count);
    while let Some(ended) = callers.join_next().await {
        opened.extend(ended??);
    }
    let took = begun.elapsed();
    Ok((opened, took, process::cpu(None)?.saturating_sub(cpu)))
}

/// The rows of cases as they stand, each case a batch: what the raw engine is given.
pub async fn batches(centre: &Centre, cases: &[Id]) -> anyhow::Result<Vec<Batch>> {
    let mut batches = Vec::with_capacity(cases.len());
    for some in cases.chunks(500) {
        let records: Vec<RecordId> = some.iter().map(|case| RecordId(case.0)).collect();
        for history in centre.store.load_many(&records).await? {
            let (case, _) =
                payload::replay(&history)?.context("a case that was just opened has no history")?;
            let (mut batch, mut head) = (Batch::new(), Head::EMPTY);
            for stored in &history {
                let event =
                    payload::event(stored)?.context("an event that was just written has no contents")?;
                payload::append(
                    &mut batch,
                    &mut head,
                    &event,
                    calendar::Moment::from_millis(stored.recorded),
                )?;
            }
            for write in store::difference(&[], &projection::rows(&case)) {
                batch.write(write);
            }
            batches.push(batch);
        }
    }
    Ok(batches)
}

async fn run(asked: &Asked, postgres: Option<&str>, count: usize, waiting: usize) -> anyhow::Result<Run> {
    let place = |suffix: &'static str| async move {
        match postgres {
            Some(server) => Place::database(server, suffix).await,
            None => Place::folder(asked.folder.as_deref()),
        }
    };
    let ours = place("ours").await?;
    let small = Arc::new(Small::make(&ours, "complaints").await?);
    let sealed = Arc::new(tokio::sync::Notify::new());
    // The sealer works beside, as it does in a running centre.
    let sealer = {
        let (small, sealed) = (Arc::clone(&small), Arc::clone(&sealed));
        tokio::spawn(async move { small.centre.store.run_sealer(sealed.notified()).await })
    };
    open_all(&small, count / 10, waiting).await?;
    let (cases, took, cpu) = open_all(&small, count, waiting).await?;
    sealed.notify_one();
    sealer.await?;
    let batches = batches(&small.centre, &cases).await?;
    small.centre.store.close().await;
    drop(small);
    let raw_place = place("raw").await?;
    let before = process::cpu(None)?;
    let raw = store::bench::raw_inserts(raw_place.target(), MIGRATIONS, batches, waiting).await?;
    let raw_cpu = process::cpu(None)?.saturating_sub(before) / count as u32;
    raw_place.remove().await?;
    ours.remove().await?;
    Ok(Run {
        ours: count as f64 / took.as_secs_f64(),
        raw: raw.per_second(),
        cpu: cpu / count as u32,
        raw_cpu,
        rows: raw.rows / count,
    })
}

/// Measures; gives the figures and the processor time of one case on SQLite at 64 waiting.
pub async fn measure(asked: &Asked) -> anyhow::Result<(Vec<Figure>, Duration)> {
    let (count, rounds) = if asked.quick { (3_000, 1) } else { (20_000, 3) };
    let mut engines: Vec<Option<&str>> = vec![None];
    engines.extend(asked.postgres.as_deref().map(Some));
    let (mut figures, mut cpu_at_64) = (Vec::new(), Duration::ZERO);
    for engine in engines {
        for waiting in [64, 256] {
            let mut runs = Vec::new();
            for _ in 0..rounds {
                runs.push(run(asked, engine, count, waiting).await?);
            }
            let run = middle(runs, |run| run.ours / run.raw).context("no run")?;
            if engine.is_none() && waiting == 64 {
                cpu_at_64 = run.cpu;
            }
            let name = engine.map_or("SQLite", |_| "PostgreSQL");
            let note = format!(
                "{count} cases of {} rows, {rounds} run(s), the middle one; {} µs of processor time a case, \
                 sealer included; raw {} µs",
                run.rows,
                run.cpu.as_micros(),
                run.raw_cpu.as_micros()
            );
            figures.push(
                Figure::new(
                    format!("complaints opened, {name}, {waiting} waiting"),
                    run.ours,
                    "cases/s",
                    Bar::AtLeast(0.5),
                )
                .beside(run.raw)
                .note(note),
            );
        }
    }
    Ok((figures, cpu_at_64))
}
