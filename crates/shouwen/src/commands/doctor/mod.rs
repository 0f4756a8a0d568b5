//! `shouwen doctor`.

mod outbox;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use server::centre::Centre;

use super::print_json;
use crate::backups::{BACKED_UP, DRILLED, made};
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

/// How many days before its end a certificate is to be renewed.
const RENEW: i64 = 21;
/// How far two clocks may be apart, in milliseconds.
const APART: i64 = 2_000;
/// How much room a disk should have, in bytes.
const ROOM: u64 = 2 << 30;
const DAY: i64 = 86_400_000;

const STUCK_JOBS: &str = "SELECT COUNT(*) FROM jobs WHERE ended IS NULL AND due < $1 AND taken_until < $1";

/// What lies around the database: certificate, backups, disk, clock, jobs.
async fn surroundings(
    settings: &Settings,
    centre: &Centre,
    note: &mut impl FnMut(bool, String, &str),
) -> anyhow::Result<()> {
    let store = &centre.store;
    let now = store.now();
    if let Some(tls) = &settings.tls {
        match tls.ends() {
            Ok(ends) => {
                let days = (ends - now).div_euclid(DAY);
                note(
                    days >= RENEW,
                    format!("the certificate ends in {days} days"),
                    "renew it in its place: the running server reads it again by itself",
                );
            }
            Err(error) => note(
                false,
                error.to_string(),
                "put certificate and key where the configuration says",
            ),
        }
        let fits = tls.open();
        note(
            fits.is_ok(),
            fits.map_or_else(
                |error| error.to_string(),
                |_| "certificate and key fit".to_owned(),
            ),
            "the key must be the one the certificate was made for",
        );
    }
    outbox::look(settings, store, &centre.surroundings().picture.fallback, note).await?;
    backups(settings, store, now, note).await?;
    let system = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let system = system.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    note(
        (system - now).abs() <= APART,
        format!(
            "this machine's clock and the database's are {} ms apart",
            (system - now).abs()
        ),
        "let both follow a time server (chrony, systemd-timesyncd)",
    );
    let places = [
        settings.database.is_none().then(|| settings.data.clone()),
        settings.backup.as_ref().map(|schedule| schedule.folder.clone()),
        settings
            .log_file
            .as_ref()
            .and_then(|(file, _)| file.parent().map(PathBuf::from)),
    ];
    for place in places.into_iter().flatten().filter(|place| place.exists()) {
        if let Some(free) = free(&place) {
            note(
                free >= ROOM,
                format!("{} MB are free for {}", free >> 20, place.display()),
                "make room, or move it to a larger disk",
            );
        }
    }
    let rows = store.query(STUCK_JOBS, &[(now - 600_000).into()]).await?;
    let stuck = rows.first().map_or(Ok(0), |row| row.int(0))?;
    note(
        stuck == 0,
        format!("{stuck} jobs (imports, exports) wait for more than ten minutes"),
        "start the server: it goes on with them",
    );
    Ok(())
}

async fn backups(
    settings: &Settings,
    store: &store::Store,
    now: i64,
    note: &mut impl FnMut(bool, String, &str),
) -> anyhow::Result<()> {
    let Some(schedule) = &settings.backup else {
        note(
            false,
            "no backups are made by the clock".to_owned(),
            "name a folder under [backup] in the configuration file, or make sure another program backs up",
        );
        return Ok(());
    };
    match made(store, BACKED_UP).await? {
        Some(made) => note(
            now - made.at < 26 * 3_600_000,
            format!(
                "the newest backup is {} hours old: {}",
                (now - made.at) / 3_600_000,
                made.folder
            ),
            "see the server's log, and whether the folder can be written",
        ),
        None => note(
            false,
            "no backup was made yet".to_owned(),
            "the running server makes the first one when its time comes",
        ),
    }
    if schedule.drill
        && let Some(drilled) = made(store, DRILLED).await?
    {
        note(
            drilled.fine,
            format!(
                "the newest backup was restored for a drill and {}",
                if drilled.fine { "holds" } else { "does NOT hold" }
            ),
            "keep it, run shouwen backup drill and shouwen verify",
        );
    }
    Ok(())
}

/// How many bytes are free where a path lies, as `df` tells it.
fn free(path: &Path) -> Option<u64> {
    let output = std::process::Command::new("df")
        .args(["-P", "-k"])
        .arg(path)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let kilobytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1024)
}

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
        let today = around
            .picture
            .fallback
            .date_of(calendar::Moment::from_millis(store.now()));
        let year = today.year();
        let known = |year: i16| {
            let covers =
                |calendar: &calendar::Calendar| calendar.holidays().is_some_and(|days| days.covers(year));
            calendar::Holidays::china().covers(year) || around.picture.calendars.values().any(covers)
        };
        note(
            known(year),
            format!(
                "public holidays of {year} are {}",
                if known(year) { "known" } else { "not known" }
            ),
            "import the notice: shouwen import holidays FILE",
        );
        // The notice for a year comes in November of the year before; deadlines reach into it soon after.
        let month = today.month();
        if month >= 11 {
            let next = year + 1;
            note(
                known(next),
                format!(
                    "public holidays of {next} are {}",
                    if known(next) { "known" } else { "not known yet" }
                ),
                "when the notice is out, import it: shouwen import holidays FILE",
            );
        }
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
        surroundings(settings, &centre, &mut note).await?;
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
        let root = server::verification::history(store, &[], |_| {}).await?;
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
