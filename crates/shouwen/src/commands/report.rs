//! `shouwen report clauses`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, bail};
use calendar::Moment;
use clap::{Args, Subcommand};
use regulation::model::ClauseRef;
use regulation::{Organisation, Pack};
use serde::Serialize;
use server::centre::{Centre, Surroundings};
use server::reports::{Column, Columns, Period, Reach, behind_clauses, tally};

use super::print_json;
use crate::config::Settings;
use crate::place;

/// Which report.
#[derive(Subcommand)]
pub enum Report {
    /// Per clause what was kept, late, open, exempt, lapsed and refused, with the cases behind each figure.
    ///
    /// A period counts a clock by its due time. Without --from and --to everything counts.
    Clauses(Clauses),
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
    ids: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct Printed {
    as_of: String,
    from: Option<String>,
    to: Option<String>,
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

impl Report {
    /// Prints it.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let Report::Clauses(asked) = self;
        let centre = place::centre_for_reading(settings).await?;
        let around = centre.surroundings();
        let mut names: Vec<String> = around
            .packs
            .in_force()
            .iter()
            .map(|one| one.name.clone())
            .collect();
        names.sort();
        names.dedup();
        if let Some(pack) = &asked.pack {
            if !names.contains(pack) {
                bail!("no pack {pack} is in force; in force: {}", names.join(", "));
            }
            names = vec![pack.clone()];
        }
        let mut printed = Printed {
            as_of: String::new(),
            from: asked.from.clone(),
            to: asked.to.clone(),
            clauses: Vec::new(),
        };
        for name in names {
            let pack = around
                .packs
                .in_force_anywhere(&name)
                .context("a pack in force is not in the database")?;
            let (from, to, as_of) = (asked.from.as_deref(), asked.to.as_deref(), asked.as_of.as_deref());
            let period = period(&centre, &around, &pack, from, to, as_of)?;
            printed.as_of = period.as_of.to_string();
            let tallies = tally(&centre.store, &name, period, Reach::default()).await?;
            let behind = behind_clauses(&centre.store, &name, period, Reach::default()).await?;
            let mut clauses: Vec<ClauseRef> = pack.clauses.iter().map(|clause| clause.id.clone()).collect();
            clauses.extend(
                tallies
                    .keys()
                    .filter(|clause| pack.clause(clause).is_none())
                    .cloned(),
            );
            for clause in clauses {
                let tally = tallies.get(&clause).copied().unwrap_or_default();
                let own = *clause.pack == *pack.name;
                if !own && tally.columns == Columns::default() {
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
                    ids,
                });
            }
        }
        centre.store.close().await;
        if settings.json {
            print_json(&printed)?;
            return Ok(ExitCode::SUCCESS);
        }
        println!("as of {}", printed.as_of);
        println!(
            "{:<34} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}",
            "clause", "kept", "late", "open", "exempt", "lapsed", "refused", "rate"
        );
        for line in &printed.clauses {
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
        }
        Ok(ExitCode::SUCCESS)
    }
}
