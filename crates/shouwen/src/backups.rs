//! Backups by the clock, before an upgrade, and the drill that proves one can be restored.
//!
//! A backup is made beside its place and moved there when it is whole, so that whatever bears a day's name can be restored.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use calendar::{Calendar, Moment, Time};
use serde::{Deserialize, Serialize};
use server::app::App;
use server::schema::MIGRATIONS;
use server::verification::{self, derive, derived};
use store::backup::{self, Target};
use store::history::verify;
use store::{FolderFiles, Store, upgrade};

use crate::config::Settings;

/// The mark that remembers the newest backup.
pub const BACKED_UP: &str = "backed_up";
/// The mark that remembers the newest drill.
pub const DRILLED: &str = "backup_drilled";

/// Which node makes the backup, where there are several.
const LEASE: &str = "backup";
/// How long it may take until another node tries.
const HELD: Duration = Duration::from_secs(6 * 3600);
/// The longest sleep: a stepped clock is noticed after it at the latest.
const LONGEST: Duration = Duration::from_secs(60);
/// The pause after a backup that failed.
const AGAIN_MS: i64 = 15 * 60_000;

/// When and where backups are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The folder that holds them, one each.
    pub folder: PathBuf,
    /// At which time of the centre's day.
    pub at: Time,
    /// How many are kept.
    pub keep: usize,
    /// Whether each is restored into a temporary place and verified.
    pub drill: bool,
}

/// The newest backup or drill, as a mark remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When, in ms.
    pub at: i64,
    /// Which backup.
    pub folder: String,
    /// Whether all held.
    pub fine: bool,
}

/// The last time at or before now at which one was due.
fn due(calendar: &Calendar, at: Time, now: Moment) -> Moment {
    let today = calendar.date_of(now);
    let due = calendar.moment_of(today, at);
    if due <= now {
        return due;
    }
    let yesterday = today.yesterday().unwrap_or(today);
    calendar.moment_of(yesterday, at)
}

/// The name of a backup made then: it sorts by time.
fn name(calendar: &Calendar, at: Moment) -> String {
    let (date, time) = (calendar.date_of(at), calendar.time_of(at));
    format!("{date}-{}", time.strftime("%H%M%S"))
}

fn is_name(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    name.len() == 17
        && digits == 14
        && name
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter == '-')
}

/// The backups in a folder, the oldest first.
pub fn list(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_name) && entry.path().join("manifest.json").is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Backs a store up to a folder of that name, whole or not at all.
pub async fn make(settings: &Settings, store: &Store, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (place, making) = (folder.join(name), folder.join(format!(".making-{name}")));
    if making.exists() {
        std::fs::remove_dir_all(&making)?;
    }
    let files = Some(FolderFiles::open(&settings.files)?);
    let files = files.as_ref().map(|files| files as &dyn store::Files);
    backup::backup(store, files, &making, |_| {}).await?;
    std::fs::rename(&making, &place)
        .with_context(|| format!("{} cannot be moved to {}", making.display(), place.display()))?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(place)
}

/// Takes away all but the newest.
fn thin(folder: &Path, keep: usize) -> anyhow::Result<()> {
    let found = list(folder)?;
    let old = found.len().saturating_sub(keep.max(1));
    for path in found.iter().take(old) {
        std::fs::remove_dir_all(path).with_context(|| path.display().to_string())?;
        tracing::info!(backup = %path.display(), "an old backup was taken away");
    }
    Ok(())
}

/// What a drill found.
#[derive(Debug, Serialize)]
pub struct Drilled {
    /// The backup.
    pub backup: PathBuf,
    /// Whether history and tables hold.
    pub holds: bool,
    /// How many events it has.
    pub events: u64,
    /// How many rows were derived again and compared.
    pub rows: u64,
    /// How many files came with it.
    pub files: u64,
}

/// Restores a backup into a temporary place beside it, verifies it there, and takes the place away again.
pub async fn drill(backup: &Path) -> anyhow::Result<Drilled> {
    let beside = backup.parent().unwrap_or(backup);
    let place = tempfile::TempDir::with_prefix_in(".drill-", beside)
        .with_context(|| format!("a temporary place in {}", beside.display()))?;
    let files = FolderFiles::open(place.path().join("files"))?;
    let target = Target::Folder(place.path());
    let store = backup::restore(backup, target, Some(&files), MIGRATIONS, |_| {})
        .await
        .with_context(|| format!("{} cannot be restored", backup.display()))?;
    let held = store.mark(backup::SENDING_HELD).await?.is_some();
    let history = verification::history(&store, &[], |_| {}).await?;
    let tables = verify::tables(&store, &derived(), derive, |_| {}).await?;
    store.close().await;
    if !held {
        bail!("a restored copy would send messages: the mark that holds them is missing");
    }
    Ok(Drilled {
        backup: backup.to_owned(),
        holds: history.holds() && tables.holds(),
        events: history.events,
        rows: tables.rows,
        files: store::Files::list(&files)?.len() as u64,
    })
}

/// The mark as it stands.
pub async fn made(store: &Store, mark: &str) -> anyhow::Result<Option<Made>> {
    let text = store.mark(mark).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn remember(store: &Store, mark: &str, made: &Made) -> anyhow::Result<()> {
    store.set_mark(mark, Some(&serde_json::to_string(made)?)).await?;
    Ok(())
}

/// Makes backups by the clock until the application stops. One that was due while no server ran is made at the start.
pub async fn run(app: Arc<App>, settings: Settings, schedule: Schedule) {
    let store = &app.centre.store;
    let mut not_before = 0;
    loop {
        let now = Moment::from_millis(store.now());
        let due = due(&app.centre.surroundings().picture.fallback, schedule.at, now);
        let outcome = if now.as_millis() < not_before {
            Ok(())
        } else {
            in_turn(&app, &settings, &schedule, due).await
        };
        if let Err(error) = outcome {
            tracing::error!(
                error = format!("{error:#}"),
                "no backup was made; it is tried again in a quarter of an hour"
            );
            not_before = now.as_millis() + AGAIN_MS;
        }
        tokio::select! {
            () = tokio::time::sleep(LONGEST) => {}
            () = app.live.stopped() => return,
        }
    }
}

/// Makes the backup that was due then, if nobody has.
async fn in_turn(app: &App, settings: &Settings, schedule: &Schedule, due: Moment) -> anyhow::Result<()> {
    let store = &app.centre.store;
    let last = made(store, BACKED_UP).await?;
    if last.is_some_and(|last| last.at >= due.as_millis()) {
        return Ok(());
    }
    let Some(lease) = store.lease(LEASE, HELD).await? else {
        return Ok(());
    };
    let outcome = make_and_drill(app, settings, schedule).await;
    store.end_lease(&lease).await?;
    outcome
}

async fn make_and_drill(app: &App, settings: &Settings, schedule: &Schedule) -> anyhow::Result<()> {
    let store = &app.centre.store;
    let at = store.now();
    let name = name(
        &app.centre.surroundings().picture.fallback,
        Moment::from_millis(at),
    );
    let place = make(settings, store, &schedule.folder, &name).await?;
    tracing::info!(backup = %place.display(), "backed up");
    let folder = place.display().to_string();
    let mut made = Made {
        at,
        folder,
        fine: true,
    };
    remember(store, BACKED_UP, &made).await?;
    thin(&schedule.folder, schedule.keep)?;
    if schedule.drill {
        // Verifying works a core for a while; it must not hold up requests.
        let (runtime, backup) = (tokio::runtime::Handle::current(), place.clone());
        let drilled = tokio::task::spawn_blocking(move || runtime.block_on(drill(&backup)))
            .await
            .context("the drill")?;
        made.fine = drilled.as_ref().is_ok_and(|drilled| drilled.holds);
        made.at = store.now();
        remember(store, DRILLED, &made).await?;
        let drilled = drilled?;
        if !drilled.holds {
            bail!("{} was restored for a drill and does not hold", place.display());
        }
        tracing::info!(backup = %place.display(), events = drilled.events, "restored for a drill, and it holds");
    }
    Ok(())
}

/// Before this program changes the schema of a database in use, backs it up as it is; where to, if it did.
pub async fn before_upgrade(settings: &Settings) -> anyhow::Result<Option<PathBuf>> {
    let standing = match &settings.database {
        Some(url) => upgrade::on_server(url, MIGRATIONS).await?,
        None => upgrade::in_folder(&settings.data, MIGRATIONS)?,
    };
    if !standing.upgrades() {
        return Ok(None);
    }
    let folder = match &settings.backup {
        Some(schedule) => schedule.folder.join("upgrades"),
        None if settings.database.is_none() => settings.data.join("upgrades"),
        None => PathBuf::from("upgrades"),
    };
    let as_it_is = standing.as_it_is(MIGRATIONS);
    let store = match &settings.database {
        Some(url) => Store::open_postgres(url, &as_it_is).await?,
        None => Store::open_sqlite(&settings.data, &as_it_is).await?,
    };
    let now = Moment::from_millis(store.now());
    let name = name(&Calendar::default(), now);
    let place = make(settings, &store, &folder, &name).await;
    store.close().await;
    let place = place.context("the backup before the upgrade; nothing was changed")?;
    eprintln!(
        "shouwen: the database lacks {} migrations; it was backed up to {} first",
        standing.missing.len(),
        place.display()
    );
    Ok(Some(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_backup_is_due_once_a_day_at_its_time() {
        let calendar = Calendar::default();
        let half_past_two: Time = "02:30".parse().unwrap();
        let of = |text: &str| due(&calendar, half_past_two, at(text));
        let (date, time) = (
            |at| calendar.date_of(at).to_string(),
            |at| calendar.time_of(at).to_string(),
        );
        let noon = calendar.moment_of("2026-11-27".parse().unwrap(), "12:00".parse().unwrap());
        assert_eq!(date(of(&noon.to_string())), "2026-11-27");
        assert_eq!(time(of(&noon.to_string())), "02:30:00");
        let early = calendar.moment_of("2026-11-27".parse().unwrap(), "02:29:59".parse().unwrap());
        assert_eq!(date(of(&early.to_string())), "2026-11-26");
    }

    #[test]
    fn names_sort_by_time_and_nothing_else_is_taken_for_one() {
        let calendar = Calendar::default();
        let made = name(&calendar, at("2026-11-26T18:30:05Z"));
        assert!(is_name(&made), "{made}");
        assert!(made < name(&calendar, at("2026-11-27T18:30:05Z")));
        for other in [".making-2026-11-27-023000", "upgrades", "2026-11-27", "files"] {
            assert!(!is_name(other), "{other}");
        }
    }

    #[test]
    fn the_newest_are_kept_and_strangers_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "2026-11-25-023000",
            "2026-11-26-023000",
            "2026-11-27-023000",
            "mine",
        ] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("manifest.json"), "{}").unwrap();
        }
        // One without a manifest is not whole, and not counted.
        std::fs::create_dir(folder.path().join("2026-11-28-023000")).unwrap();
        thin(folder.path(), 2).unwrap();
        let left: Vec<String> = list(folder.path())
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(left, ["2026-11-26-023000", "2026-11-27-023000"]);
        assert!(folder.path().join("mine").is_dir() && folder.path().join("2026-11-28-023000").is_dir());
    }
}
