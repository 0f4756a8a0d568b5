//! `shouwen verify` and `shouwen proof`.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use server::verification::{self, derive, derived};
use store::RecordId;
use store::history::verify;

use super::print_json;
use crate::config::Settings;
use crate::place;

/// Checks the whole history.
#[derive(Args)]
pub struct Verify {
    /// A root kept outside (SIZE:HEX, from a printed report or a mail); several times.
    #[arg(long, value_name = "ROOT")]
    against: Vec<String>,
    /// Only chains, tree and roots; do not compare tables.
    #[arg(long)]
    history_only: bool,
}

#[derive(Serialize)]
struct Verified {
    holds: bool,
    history: verify::Report,
    tables: Option<verify::TablesReport>,
}

impl Verify {
    /// Checks and prints what was found; the exit code is 1 when anything is wrong.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let witnesses = self
            .against
            .iter()
            .map(|text| text.parse().with_context(|| format!("--against {text}")))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let store = place::store_for_reading(settings).await?;
        place::seal(&store).await;
        let history = verification::history(&store, &witnesses, |_| {}).await?;
        let tables = if self.history_only {
            None
        } else {
            Some(verify::tables(&store, &derived(), derive, |_| {}).await?)
        };
        store.close().await;
        let holds = history.holds() && tables.as_ref().is_none_or(verify::TablesReport::holds);
        let verified = Verified {
            holds,
            history,
            tables,
        };
        if settings.json {
            print_json(&verified)?;
        } else {
            tell(&verified);
        }
        Ok(if holds {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn tell(verified: &Verified) {
    let history = &verified.history;
    println!(
        "{} events of {} records, {} signed roots: {} ({:.1} s)",
        history.events,
        history.records,
        history.roots,
        if history.holds() {
            "unaltered"
        } else {
            "NOT as recorded"
        },
        history.took_ms as f64 / 1000.0,
    );
    for finding in &history.findings {
        let place = match (finding.record, finding.seq) {
            (Some(record), Some(seq)) => format!("record {record}, event {seq}: "),
            (Some(record), None) => format!("record {record}: "),
            _ => String::new(),
        };
        println!("  {place}{}", finding.what);
    }
    if history.more_findings > 0 {
        println!("  and {} more", history.more_findings);
    }
    if !history.erased.is_empty() {
        println!(
            "{} events were erased by a disposal or on a person's request; their hashes still stand",
            history.erased.len()
        );
    }
    if let Some(root) = &history.newest_root {
        println!("root to keep outside: {root}");
    }
    let Some(tables) = &verified.tables else { return };
    println!(
        "{} rows of tables derived again from {} records: {} ({:.1} s)",
        tables.rows,
        tables.records,
        if tables.holds() { "equal" } else { "DIFFERENT" },
        tables.took_ms as f64 / 1000.0,
    );
    for difference in &tables.differences {
        println!("  {difference:?}");
    }
    for (record, why) in &tables.unreadable {
        println!("  record {record}: {why}");
    }
    if tables.more_differences > 0 {
        println!("  and {} more", tables.more_differences);
    }
}

/// Prints the proof of one case.
#[derive(Args)]
pub struct Proof {
    /// The case's number or id.
    case: String,
    /// Show what the events say, not only that they are.
    #[arg(long)]
    with_contents: bool,
}

const BY_NUMBER: &str = "SELECT id FROM cases WHERE number = $1";

impl Proof {
    /// Prints it as JSON.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let store = place::store_for_reading(settings).await?;
        let found = store.query(BY_NUMBER, &[self.case.as_str().into()]).await?;
        let case = match found.first() {
            Some(row) => row.int(0)?,
            None => self
                .case
                .parse()
                .with_context(|| format!("there is no case {}", self.case))?,
        };
        place::seal(&store).await;
        let proof = store.proof(RecordId(case), self.with_contents).await?;
        store.close().await;
        let proof = proof.with_context(|| format!("there is no case {}", self.case))?;
        print_json(&proof)?;
        Ok(ExitCode::SUCCESS)
    }
}
