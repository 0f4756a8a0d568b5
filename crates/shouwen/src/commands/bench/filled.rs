//! One filled database for what shows itself only with many cases: import, rehearsal, verification, start and memory.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use calendar::Moment;
use regulation::case::Change;
use regulation::source::Files;
use regulation::{Event, FieldValue, Id};
use server::cases::{payload, projection};
use server::packs::{Bundle, built_in};
use server::rehearsal::rehearse;
use server::reports::Period;
use server::verification::{derive, derived};
use store::history::verify;
use store::{Batch, Head, RecordId};
use tokio::task::JoinSet;

use super::child::Server;
use super::figure::{Bar, Figure};
use super::place::{Place, Small};
use super::{Asked, Subject, process, reading, rows};

/// Words planted into the copies, with how many of them have one: what searches look for.
pub(super) const PLANTED: [(&str, i64); 3] = [("电梯", 5), ("渗水", 100), ("困人", 10_000)];

/// How long the server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(8);
/// Copied cases in one commit, and commits at once.
const PORTION: usize = 64;
const AT_ONCE: usize = 8;

const IMPORTED: &str = "SELECT id FROM cases ORDER BY id LIMIT $1";
const COUNTED: &str = "SELECT COUNT(*) FROM cases";

/// Measures what was asked for.
pub async fn measure(asked: &Asked) -> anyhow::Result<Vec<Figure>> {
    let times = if asked.quick { 5 } else { 50 };
    let place = Place::folder(asked.folder.as_deref())?;
    let folder = place.path().context("a folder")?;
    let small = Small::make(&place, "hotline").await?;
    let mut figures = Vec::new();
    let imported = import(asked, &small, &folder, times).await?;
    if asked.wants(Subject::Import) {
        figures.push(imported);
    }
    let large = [
        Subject::Rehearsal,
        Subject::Verify,
        Subject::Start,
        Subject::Search,
    ];
    if large.iter().any(|one| asked.wants(*one)) {
        fill(&small, asked.cases).await?;
        small.centre.store.seal_now().await?;
    }
    if asked.wants(Subject::Rehearsal) {
        figures.push(rehearsal(&small).await?);
    }
    if asked.wants(Subject::Verify) {
        figures.extend(verification(&small).await?);
    }
    let standing = count(&small).await?;
    small.centre.store.close().await;
    drop(small);
    if asked.wants(Subject::Start) {
        figures.extend(start(&folder, standing).await?);
    }
    if asked.wants(Subject::Search) {
        figures.extend(reading::measure(asked, &folder, standing).await?);
    }
    place.remove().await?;
    Ok(figures)
}

async fn import(
    asked: &Asked,
    small: &Small,
    folder: &std::path::Path,
    times: usize,
) -> anyhow::Result<Figure> {
    let (file, what): (PathBuf, _) = match &asked.hotline {
        Some(file) => (file.clone(), "the rows of the given file"),
        None => {
            let file = folder.join("invented.csv");
            tokio::fs::write(&file, rows::csv()).await?;
            (file, "invented rows")
        }
    };
    let (begun, cpu) = (Instant::now(), process::cpu(None)?);
    let (mut messages, mut rejected) = (0, 0);
    for time in 0..times {
        let prefix = format!("{time}-");
        let done = server::import::hotline(
            &small.centre,
            &small.pack,
            small.unit,
            &file,
            None,
            &prefix,
            |_, _| {},
        )
        .await?;
        messages += done.opened;
        rejected += done.rejected.len();
        if let Some(first) = done.rejected.first().filter(|_| done.opened == 0) {
            bail!("nothing could be imported; line {}: {}", first.line, first.reason);
        }
        eprintln!(
            "bench: {messages} messages imported in {:.1} s",
            begun.elapsed().as_secs_f64()
        );
    }
    let (took, cpu) = (
        begun.elapsed().as_secs_f64(),
        process::cpu(None)?.saturating_sub(cpu),
    );
    let note = format!(
        "{what}, {times} times under new ids: {messages} messages in {took:.1} s, {rejected} rejected; \
         {:.0} µs of processor time a message",
        cpu.as_secs_f64() * 1e6 / messages.max(1) as f64
    );
    Ok(Figure::new(
        "hotline messages imported",
        messages as f64 / took,
        "messages/s",
        Bar::AtLeast(2_000.0),
    )
    .note(note))
}

async fn count(small: &Small) -> anyhow::Result<i64> {
    let rows = small.centre.store.query(COUNTED, &[]).await?;
    rows.first().context("a count")?.int(0).context("a count")
}

/// Fills up with copies of imported cases: the same events under new ids, chained anew, with the rows that follow.
pub async fn fill(small: &Small, cases: i64) -> anyhow::Result<()> {
    let store = &small.centre.store;
    let standing = count(small).await?;
    let ids: Result<Vec<RecordId>, _> = store
        .query(IMPORTED, &[3_000.into()])
        .await?
        .iter()
        .map(|row| row.int(0).map(RecordId))
        .collect();
    let mut models: Vec<Vec<Event>> = Vec::new();
    for history in store.load_many(&ids?).await? {
        let events = history
            .iter()
            .map(payload::event)
            .collect::<Result<Option<Vec<_>>, _>>()?;
        models.extend(events);
    }
    if models.is_empty() {
        bail!("there is no imported case to copy");
    }
    let (mut running, mut batch, mut in_batch) = (JoinSet::new(), Batch::new(), 0);
    let begun = Instant::now();
    for (at, model) in (standing..cases).zip(models.iter().cycle()) {
        copy(&mut batch, model, Id(store.new_id()), at)?;
        in_batch += 1;
        if in_batch < PORTION && at + 1 < cases {
            continue;
        }
        in_batch = 0;
        while running.len() >= AT_ONCE {
            settle(&mut running).await?;
        }
        let (store, batch) = (store.clone(), std::mem::take(&mut batch));
        running.spawn(async move { store.commit(batch).await.map(drop) });
        if at % 100_000 < PORTION as i64 {
            eprintln!(
                "bench: filled up to {at} cases in {:.0} s",
                begun.elapsed().as_secs_f64()
            );
        }
    }
    while !running.is_empty() {
        settle(&mut running).await?;
    }
    Ok(())
}

async fn settle(running: &mut JoinSet<Result<(), store::CommitError>>) -> anyhow::Result<()> {
    if let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

fn copy(batch: &mut Batch, model: &[Event], id: Id, at: i64) -> anyhow::Result<()> {
    let mut events = model.to_vec();
    for event in &mut events {
        event.case = id;
        if let Some(FieldValue::Text(detail)) = event.input.get_mut("detail") {
            for (word, each) in PLANTED {
                if at % each == 0 {
                    detail.push_str(word);
                    detail.push('。');
                }
            }
        }
        for change in &mut event.changes {
            if let Change::Began { number, source, .. } = change {
                *number = format!("LY-{at:07}");
                *source = Some(format!("copy-{at}"));
            }
        }
    }
    let mut head = Head::EMPTY;
    for event in &events {
        payload::append(batch, &mut head, event, event.happened)?;
    }
    let case = regulation::Case::replay(&events).context("a copied case")?;
    for write in store::difference(&[], &projection::rows(&case)) {
        batch.write(write);
    }
    Ok(())
}

/// The hotline's pack with the second limit shortened.
fn changed_pack() -> anyhow::Result<regulation::Pack> {
    let mut changed = Files::new();
    for file in built_in("hotline").context("the pack hotline")?.iter() {
        changed.insert(&*file.path, file.text.replace("15 workdays", "10 workdays"));
    }
    Ok(Bundle::of(&changed).link()?)
}

async fn rehearsal(small: &Small) -> anyhow::Result<Figure> {
    let period = Period {
        from: Moment::from_millis(i64::MIN),
        to: Moment::from_millis(i64::MAX),
        as_of: Moment::from_millis(small.centre.store.now()),
    };
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let (begun, cpu) = (Instant::now(), process::cpu(None)?);
    let rehearsed = rehearse(
        &small.centre,
        Arc::new(changed_pack()?),
        period,
        workers,
        |_, _| {},
    )
    .await?;
    let (took, cpu) = (
        begun.elapsed().as_secs_f64(),
        process::cpu(None)?.saturating_sub(cpu),
    );
    let million = took * 1e6 / rehearsed.contacts.max(1) as f64;
    let note = format!(
        "{} contacts in {took:.1} s, scaled to a million; {} recorded acts refused; {:.1} s of processor time",
        rehearsed.contacts,
        rehearsed.refused_acts,
        cpu.as_secs_f64()
    );
    Ok(Figure::new(
        "rehearsal of a million hotline contacts",
        million,
        "s",
        Bar::Below(60.0),
    )
    .note(note))
}

async fn verification(small: &Small) -> anyhow::Result<Vec<Figure>> {
    let store = &small.centre.store;
    let (begun, cpu) = (Instant::now(), process::cpu(None)?);
    let history = verify::against(store, &[], |_| {}).await?;
    let (took, cpu) = (
        begun.elapsed().as_secs_f64(),
        process::cpu(None)?.saturating_sub(cpu),
    );
    if !history.holds() {
        bail!(
            "the measured history does not hold: {:?}",
            history.findings.first()
        );
    }
    let note = format!(
        "{} events of {} records, {} signed root(s) in {took:.1} s; {:.2} µs of processor time an event",
        history.events,
        history.records,
        history.roots,
        cpu.as_secs_f64() * 1e6 / history.events.max(1) as f64
    );
    let chains = Figure::new(
        "verify: chains, tree, roots",
        history.events as f64 / took,
        "events/s",
        Bar::AtLeast(200_000.0),
    );
    let begun = Instant::now();
    let tables = verify::tables(store, &derived(), derive, |_| {}).await?;
    if !tables.holds() {
        bail!(
            "the measured tables differ: {:?} {:?}",
            tables.differences.first(),
            tables.unreadable.first()
        );
    }
    let took = begun.elapsed().as_secs_f64();
    let compared = Figure::new(
        "verify: tables derived again",
        tables.rows as f64 / took,
        "rows/s",
        Bar::None,
    )
    .note(format!(
        "{} rows of {} records in {took:.1} s",
        tables.rows, tables.records
    ));
    Ok(vec![chains.note(note), compared])
}

async fn start(folder: &std::path::Path, cases: i64) -> anyhow::Result<Vec<Figure>> {
    let mut server = Server::start(folder).await?;
    let started = server.started_in.as_secs_f64();
    tokio::time::sleep(IDLE).await;
    let id = server.process()?;
    let (all, own) = (process::resident_mb(id, true)?, process::resident_mb(id, false)?);
    let cpu = process::cpu(Some(id))?;
    tokio::time::sleep(IDLE).await;
    let idle = process::cpu(Some(id))?.saturating_sub(cpu).as_secs_f64() / IDLE.as_secs_f64();
    drop(server);
    Ok(vec![
        Figure::new(
            format!("start on {cases} cases until it answers"),
            started,
            "s",
            Bar::Below(2.0),
        ),
        Figure::new("idle memory", all, "MB", Bar::Below(150.0)).note(format!(
            "resident, mapped files included; {own:.1} MB of it the program's own; idle processor {:.2} %",
            idle * 100.0
        )),
    ])
}
