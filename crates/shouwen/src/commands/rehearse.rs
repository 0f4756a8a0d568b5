//! `shouwen rehearse PACK`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use server::packs::Bundle;
use server::rehearsal::rehearse;

use super::print_json;
use crate::config::Settings;
use crate::place;

/// Runs recorded contacts through a changed pack.
#[derive(Args)]
pub struct Rehearse {
    /// The changed pack: a folder. Its name says whose contacts are run through it.
    pack: String,
    /// First day (yyyy-mm-dd).
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The day after the last (yyyy-mm-dd).
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Clocks stand as they stood then; now unless said.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

impl Rehearse {
    /// Rehearses and prints before and after.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let pack = Arc::new(Bundle::of(&super::pack::files(&self.pack)?).link()?);
        let centre = place::centre_for_reading(settings).await?;
        let around = centre.surroundings();
        let (from, to, as_of) = (self.from.as_deref(), self.to.as_deref(), self.as_of.as_deref());
        let period = super::report::period(&centre, &around, &pack, from, to, as_of)?;
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let rehearsal = rehearse(&centre, pack.clone(), period, workers, |done, all| {
            if done % 10_000 < 256 || done == all {
                eprintln!("{done}/{all} contacts");
            }
        })
        .await?;
        centre.store.close().await;
        if settings.json {
            print_json(&rehearsal)?;
            return Ok(ExitCode::SUCCESS);
        }
        println!(
            "{} contacts through {} {} in {:.1} s; {} recorded acts would be refused; nothing was changed",
            rehearsal.contacts,
            pack.name,
            pack.version,
            rehearsal.took_ms as f64 / 1000.0,
            rehearsal.refused_acts,
        );
        println!(
            "{:<30} {:>22} {:>22}",
            "clause", "before kept/late/open", "after kept/late/open"
        );
        for clause in &rehearsal.clauses {
            let (before, after) = (clause.before, clause.after);
            println!(
                "{:<30} {:>22} {:>22}",
                clause.id,
                format!("{}/{}/{}", before.kept, before.late, before.open),
                format!("{}/{}/{}", after.kept, after.late, after.open),
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
