//! `shouwen doctor`.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::print_json;
use crate::config::Settings;
use crate::place;

/// Looks over the installation.
#[derive(Args)]
pub struct Doctor {}

#[derive(Serialize)]
struct Finding {
    what: String,
    fine: bool,
    remedy: Option<String>,
}

const OVERDUE_WAKES: &str = "SELECT COUNT(*) FROM cases WHERE wakes IS NOT NULL AND wakes < $1";
const WITHOUT_PASSWORD: &str = "SELECT COUNT(*) FROM people p LEFT JOIN credentials c ON c.person = p.id \
     WHERE p.active = 1 AND c.person IS NULL";
const DEMO: &str = "SELECT COUNT(*) FROM people WHERE demo = 1 AND active = 1";

impl Doctor {
    /// Prints what it found; the exit code is 1 when something needs doing.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let mut findings = Vec::new();
        let mut note = |fine: bool, what: String, remedy: &str| {
            findings.push(Finding {
                what,
                fine,
                remedy: (!fine).then(|| remedy.to_owned()),
            });
        };
        let centre = place::centre_for_reading(settings).await?;
        let store = &centre.store;
        note(
            true,
            format!(
                "the {} database opens and its schema is this program's",
                store.engine_name()
            ),
            "",
        );
        let around = centre.surroundings();
        note(
            !around.packs.in_force().is_empty(),
            format!("{} regulation packs are in force", around.packs.in_force().len()),
            "put one in force: shouwen pack activate PACK",
        );
        let year = around
            .picture
            .fallback
            .date_of(calendar::Moment::from_millis(store.now()))
            .year();
        let known = calendar::Holidays::china().covers(year)
            || around
                .picture
                .calendars
                .values()
                .any(|calendar| calendar.holidays().is_some_and(|days| days.covers(year)));
        note(
            known,
            format!(
                "public holidays of {year} are {}",
                if known { "known" } else { "not known" }
            ),
            "import the notice: shouwen import holidays FILE",
        );
        let count = |rows: Vec<store::Answer>| rows.first().map_or(Ok(0), |row| row.int(0));
        let late = count(
            store
                .query(OVERDUE_WAKES, &[(store.now() - 300_000).into()])
                .await?,
        )?;
        note(
            late == 0,
            format!("{late} cases wait for the engine's alarm for more than five minutes"),
            "start the server: it catches up at once",
        );
        let silent = count(store.query(WITHOUT_PASSWORD, &[]).await?)?;
        note(
            silent == 0,
            format!("{silent} people have no password"),
            "set one: shouwen user password LOGIN",
        );
        let demo = count(store.query(DEMO, &[]).await?)?;
        note(
            demo == 0,
            format!("{demo} demo log-ins"),
            "they answer on this machine only; do not put real data beside them",
        );
        let root = store::history::verify::history(store, |_| {}).await?;
        note(
            root.holds(),
            format!(
                "the history of {} events is {}",
                root.events,
                if root.holds() {
                    "unaltered"
                } else {
                    "NOT as recorded"
                }
            ),
            "run shouwen verify and keep its output",
        );
        centre.store.close().await;
        let fine = findings.iter().all(|finding| finding.fine);
        if settings.json {
            print_json(&findings)?;
        } else {
            for finding in &findings {
                let mark = if finding.fine { "ok  " } else { "look" };
                println!("{mark} {}", finding.what);
                if let Some(remedy) = &finding.remedy {
                    println!("     → {remedy}");
                }
            }
        }
        Ok(if fine {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
