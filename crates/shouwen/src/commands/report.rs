//! `shouwen report clauses | close`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, bail};
use calendar::Moment;
use clap::{Args, Subcommand};
use regulation::model::ClauseRef;
use regulation::{Organisation, Pack};
use serde::Serialize;
use server::centre::{Centre, Surroundings};
use server::reports::{
    CloseError, Column, Columns, Month, Period, Reach, behind_clauses, close, month_counts, tally,
};

use super::{examples, print_json};
use crate::config::Settings;
use crate::place;

/// Which report.
#[derive(Subcommand)]
pub enum Report {
    /// Per clause what was kept, late, open, exempt, lapsed and refused, with the cases behind each figure.
    ///
    /// A period counts a clock by its due time. Without --from and --to everything counts.
    #[command(after_help = examples::REPORT_CLAUSES)]
    Clauses(Clauses),
    /// Close a month as it stood at its end: its figures are frozen, later corrections stand beside them.
    ///
    /// A serving centre closes the month before by itself; this is for months from before that.
    #[command(after_help = examples::REPORT_CLOSE)]
    Close(Close),
}

/// Which month is closed.
#[derive(Args)]
pub struct Close {
    /// The month (yyyy-mm).
    #[arg(long, value_name = "MONTH")]
    month: String,
    /// The pack; every pack in force unless said.
    #[arg(long)]
    pack: Option<String>,
}

/// What the clause report looks at.
#[derive(Args)]
pub struct Clauses {
    /// The pack; every pack in force unless said.
    #[arg(long)]
    pack: Option<String>,
    /// First day (yyyy-mm-dd).
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The day after the last (yyyy-mm-dd).
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Clocks stand as they stood then (yyyy-mm-dd, or 2026-11-20T13:41:00+08:00); now unless said.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// A month instead of --from and --to (yyyy-mm). A closed one is printed as it was closed, with what was corrected
    /// since.
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "to"])]
    month: Option<String>,
    /// Only this unit and what lies below it, by its key.
    #[arg(long, value_name = "KEY")]
    unit: Option<String>,
    /// Only what this person answers for, by their log-in.
    #[arg(long, value_name = "LOGIN")]
    person: Option<String>,
    /// Only cases of this procedure.
    #[arg(long)]
    procedure: Option<String>,
}

#[derive(Serialize)]
struct Line {
    pack: String,
    id: String,
    number: String,
    title: String,
    #[serde(flatten)]
    columns: Columns,
    once_late: i64,
    rate: Option<f64>,
    /// In a closed month: what has changed since, column by column.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrections: Option<Columns>,
    ids: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct Printed {
    as_of: String,
    from: Option<String>,
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<String>,
    /// When the month was closed, by pack.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    closed: BTreeMap<String, String>,
    clauses: Vec<Line>,
}

fn word(column: Column) -> &'static str {
    match column {
        Column::Kept => "kept",
        Column::Late => "late",
        Column::Open => "open",
        Column::Exempt => "exempt",
        Column::Lapsed => "lapsed",
        Column::Refused => "refused",
    }
}

/// A day or a time of the pack's calendar.
pub fn point(around: &Surroundings, pack: &Pack, name: &str, text: &str) -> anyhow::Result<Moment> {
    if let Ok(moment) = Moment::parse_rfc3339(text) {
        return Ok(moment);
    }
    // The day's own parser would take a time without an offset and drop it.
    let day = text.parse::<calendar::Date>().ok().filter(|_| text.len() == 10);
    let day = day.with_context(|| {
        format!("--{name} {text}: write a day as 2026-11-20 or a time as 2026-11-20T13:41:00+08:00")
    })?;
    Ok(around.picture.calendar(pack, None).start_of_day(day))
}

/// The end of a day, or a time, of the pack's calendar.
pub fn end(around: &Surroundings, pack: &Pack, name: &str, text: &str) -> anyhow::Result<Moment> {
    let begins = point(around, pack, name, text)?;
    let day = text.parse::<calendar::Date>().ok().filter(|_| text.len() == 10);
    let Some(next) = day.and_then(|day| day.tomorrow().ok()) else {
        return Ok(begins);
    };
    Ok(around.picture.calendar(pack, None).start_of_day(next))
}

/// The period that the flags name.
pub fn period(
    centre: &Centre,
    around: &Surroundings,
    pack: &Pack,
    from: Option<&str>,
    to: Option<&str>,
    as_of: Option<&str>,
) -> anyhow::Result<Period> {
    let read = |name: &str, text: Option<&str>, otherwise: i64| match text {
        Some(text) => point(around, pack, name, text),
        None => Ok(Moment::from_millis(otherwise)),
    };
    let period = Period {
        from: read("from", from, i64::MIN)?,
        to: read("to", to, i64::MAX)?,
        as_of: read("as-of", as_of, centre.store.now())?,
    };
    if period.from > period.to {
        bail!("--from lies after --to: nothing can be due between them");
    }
    Ok(period)
}

/// The packs that a report is about.
fn names(around: &Surroundings, asked: Option<&String>) -> anyhow::Result<Vec<String>> {
    let mut names: Vec<String> = around
        .packs
        .in_force()
        .iter()
        .map(|one| one.name.clone())
        .collect();
    names.sort();
    names.dedup();
    match asked {
        Some(pack) if !names.contains(pack) => {
            bail!("no pack {pack} is in force; in force: {}", names.join(", "))
        }
        Some(pack) => Ok(vec![pack.clone()]),
        None => Ok(names),
    }
}

fn month(text: &str) -> anyhow::Result<Month> {
    Month::read(text).with_context(|| format!("--month {text}: write a month as 2026-10"))
}

impl Report {
    /// Carries it out.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        match self {
            Report::Clauses(asked) => asked.run(settings).await,
            Report::Close(asked) => asked.run(settings).await,
        }
    }
}

impl Close {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let month = month(&self.month)?;
        let centre = place::centre(settings).await?;
        let around = centre.surroundings();
        let mut told = Vec::new();
        for name in names(&around, self.pack.as_ref())? {
            let pack = around
                .packs
                .in_force_anywhere(&name)
                .context("a pack in force is not in the database")?;
            match close(&centre, &pack, month, None).await {
                Ok(()) => told.push((name, true)),
                // Of several packs some may be closed already; asked for by name it is a mistake.
                Err(CloseError::Already(_)) if self.pack.is_none() => told.push((name, false)),
                Err(error) => return Err(error).with_context(|| name),
            }
        }
        centre.store.close().await;
        if settings.json {
            let lines: Vec<_> = told
                .iter()
                .map(
                    |(pack, now)| serde_json::json!({ "pack": pack, "month": self.month, "closed_now": now }),
                )
                .collect();
            print_json(&lines)?;
        } else {
            for (pack, now) in told {
                let word = if now { "is closed" } else { "was closed already" };
                println!("{pack} {month} {word}");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Clauses {
    /// Whose cases are looked at.
    fn reach<'a>(&'a self, around: &Surroundings) -> anyhow::Result<Reach<'a>> {
        let unit = |key: &String| {
            let found = around.picture.unit_by_key(key).map(|unit| unit.id);
            found.with_context(|| format!("there is no unit {key}"))
        };
        let person = |login: &String| {
            let found = around
                .picture
                .people
                .values()
                .find(|person| person.login == *login);
            found
                .map(|person| person.id)
                .with_context(|| format!("there is no person {login}"))
        };
        Ok(Reach {
            person: None,
            unit: self.unit.as_ref().map(unit).transpose()?,
            answering: self.person.as_ref().map(person).transpose()?,
            procedure: self.procedure.as_deref(),
        })
    }

    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let centre = place::centre_for_reading(settings).await?;
        let around = centre.surroundings();
        let reach = self.reach(&around)?;
        let month = self.month.as_deref().map(month).transpose()?;
        let mut printed = Printed {
            as_of: String::new(),
            from: self.from.clone(),
            to: self.to.clone(),
            month: self.month.clone(),
            closed: BTreeMap::new(),
            clauses: Vec::new(),
        };
        for name in names(&around, self.pack.as_ref())? {
            let pack = around
                .packs
                .in_force_anywhere(&name)
                .context("a pack in force is not in the database")?;
            let as_of = self.as_of.as_deref();
            let mut period = period(
                &centre,
                &around,
                &pack,
                self.from.as_deref(),
                self.to.as_deref(),
                as_of,
            )?;
            let (mut now, mut frozen) = (None, None);
            if let Some(month) = month {
                let whole = month.period(around.picture.calendar(&pack, None));
                (period.from, period.to) = (whole.from, whole.to);
                if as_of.is_none() {
                    let counted = month_counts(&centre, &around, &pack, month, reach, None).await?;
                    if let Some(closed) = &counted.closed {
                        period.as_of = closed.as_of;
                        printed.closed.insert(name.clone(), closed.at.to_string());
                        frozen = Some(counted.tallies);
                        now = counted.now;
                    }
                }
            }
            printed.as_of = period.as_of.to_string();
            let tallies = match frozen {
                Some(tallies) => tallies,
                None => tally(&centre.store, &name, period, reach).await?,
            };
            let behind = behind_clauses(&centre.store, &name, period, reach).await?;
            let mut clauses: Vec<ClauseRef> = pack.clauses.iter().map(|clause| clause.id.clone()).collect();
            for clause in tallies.keys().chain(now.iter().flat_map(BTreeMap::keys)) {
                if !clauses.contains(clause) {
                    clauses.push(clause.clone());
                }
            }
            for clause in clauses {
                let tally = tallies.get(&clause).copied().unwrap_or_default();
                let corrections = now.as_ref().and_then(|now| {
                    let now = now.get(&clause).copied().unwrap_or_default();
                    now.columns.since(&tally.columns)
                });
                let own = *clause.pack == *pack.name;
                if !own && tally.columns == Columns::default() && corrections.is_none() {
                    continue;
                }
                let stated = pack.clause(&clause);
                let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
                for column in Column::ALL {
                    let found = behind.get(&clause).and_then(|behind| behind.columns.get(&column));
                    ids.insert(word(column).to_owned(), found.cloned().unwrap_or_default());
                }
                printed.clauses.push(Line {
                    pack: name.clone(),
                    id: if own {
                        clause.clause.to_string()
                    } else {
                        clause.to_string()
                    },
                    number: stated.map(|stated| stated.number.clone()).unwrap_or_default(),
                    title: stated.map(|stated| stated.title.zh.clone()).unwrap_or_default(),
                    columns: tally.columns,
                    once_late: tally.once_late,
                    rate: tally.columns.rate(),
                    corrections,
                    ids,
                });
            }
        }
        centre.store.close().await;
        if settings.json {
            print_json(&printed)?;
        } else {
            printed.tell();
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Printed {
    fn tell(&self) {
        println!("as of {}", self.as_of);
        for (pack, at) in &self.closed {
            println!(
                "{pack} {}: closed {at}; what was corrected since stands below its line",
                self.month.as_deref().unwrap_or_default()
            );
        }
        println!(
            "{:<34} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}",
            "clause", "kept", "late", "open", "exempt", "lapsed", "refused", "rate"
        );
        for line in &self.clauses {
            let rate = line
                .rate
                .map_or_else(|| "–".to_owned(), |rate| format!("{:.1}%", rate * 100.0));
            let columns = line.columns;
            println!(
                "{:<34} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}",
                format!("{} {}", line.pack, line.id),
                columns.kept,
                columns.late,
                columns.open,
                columns.exempt,
                columns.lapsed,
                columns.refused,
                rate,
            );
            if let Some(since) = line.corrections {
                println!(
                    "{:<34} {:>+8} {:>+8} {:>+8} {:>+8} {:>+8} {:>+8}",
                    "  corrected since",
                    since.kept,
                    since.late,
                    since.open,
                    since.exempt,
                    since.lapsed,
                    since.refused
                );
            }
        }
    }
}
