//! Backups by the clock, the drill that restores one, and the backup before an upgrade.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use system_tests::{Backend, Centre, Starter, verified};

const PATIENCE: Duration = Duration::from_secs(60);

fn backups_in(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let whole = |path: &PathBuf| path.join("manifest.json").is_file();
    let shown = |path: &PathBuf| !path.file_name().unwrap().to_string_lossy().starts_with('.');
    entries
        .map(|entry| entry.path())
        .filter(shown)
        .filter(whole)
        .collect()
}

fn by_the_clock(backend: Backend) {
    let Some(place) = Starter::new(backend) else {
        return;
    };
    Centre::furnish(&place);
    // Whatever the time is, the last one was due before it and was missed: it is made at the start.
    std::fs::write(
        place.folder().join("shouwen.toml"),
        "[backup]\nfolder = \"backups\"\nat = \"02:30\"\nkeep = 2\n",
    )
    .unwrap();
    let folder = place.folder().join("backups");
    let server = place.start();
    let begun = Instant::now();
    let drilled = "SELECT COUNT(*) FROM marks WHERE name = 'backup_drilled'";
    while server.place().number(drilled) == 0 {
        assert!(begun.elapsed() < PATIENCE, "no backup:\n{}", server.log());
    }
    let fine = "SELECT COUNT(*) FROM marks WHERE name = 'backup_drilled' AND value LIKE '%\"fine\":true%'";
    assert_eq!(server.place().number(fine), 1, "{}", server.log());
    assert_eq!(backups_in(&folder).len(), 1);
    // The drill leaves nothing behind, and can be had by hand.
    let left = std::fs::read_dir(&folder).unwrap().flatten().count();
    assert_eq!(left, 1);
    let drilled = server.place().json(&["backup", "drill"]);
    assert_eq!(drilled["holds"], true, "{drilled}");
    assert!(drilled["events"].as_i64().unwrap() > 5);
    // What the doctor says of it.
    let found = server.place().run(&["doctor", "--json"]).stdout;
    assert!(found.contains("the newest backup is 0 hours old"), "{found}");
    assert!(found.contains("restored for a drill and holds"), "{found}");
    let (place, status) = server.stop();
    assert!(status.success(), "{status}");
    // Started again on the same day, it makes no second one.
    let again = place.start();
    again.client().get("/healthz").expect(200);
    let (place, _) = again.stop();
    assert_eq!(backups_in(&folder).len(), 1);
    verified(&place);
}

#[test]
fn on_sqlite_one_that_was_missed_is_made_drilled_and_kept() {
    by_the_clock(Backend::Sqlite);
}

#[test]
fn on_postgres_one_that_was_missed_is_made_drilled_and_kept() {
    by_the_clock(Backend::Postgres);
}

#[test]
fn a_damaged_backup_does_not_pass_the_drill() {
    let place = Starter::new(Backend::Sqlite).unwrap();
    Centre::furnish(&place);
    place.run(&["backup", "copy"]).expect_success();
    place.run(&["backup", "drill", "copy"]).expect_success();
    // One minute of one event.
    let copy = Starter::new(Backend::Sqlite)
        .unwrap()
        .with_data(place.folder().join("copy"));
    copy.tamper(&["UPDATE events SET happened = happened - 60000 WHERE record_kind = 'unit'"]);
    let output = place.run(&["backup", "drill", "copy"]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}{}",
        output.stdout,
        output.stderr
    );
}

fn before_an_upgrade(backend: Backend) {
    let Some(place) = Starter::new(backend) else {
        return;
    };
    Centre::furnish(&place);
    // As an older program left it: without the newest tables.
    place.tamper(&[
        "DROP TABLE import_faults",
        "DROP TABLE import_rows",
        "DROP TABLE imports",
        "DELETE FROM schema_migrations WHERE number = 151",
    ]);
    let folder = match backend {
        Backend::Sqlite => place.data().join("upgrades"),
        Backend::Postgres => place.folder().join("upgrades"),
    };
    let output = place.run(&["user", "list"]).expect_success();
    assert!(output.stderr.contains("backed up to"), "{}", output.stderr);
    let made = backups_in(&folder);
    assert_eq!(made.len(), 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM imports"), 0);
    // Once is enough.
    place.run(&["user", "list"]).expect_success();
    assert_eq!(backups_in(&folder).len(), 1);
    // And it can be restored: a copy by any newer program, an export by the program of before.
    let back = Starter::new(Backend::Sqlite).unwrap();
    let restored = back.run(&["restore", made[0].to_str().unwrap()]);
    if backend == Backend::Postgres {
        let said = restored.expect_failure().stderr;
        assert!(said.contains("import it with that version"), "{said}");
        return;
    }
    restored.expect_success();
    let held = "SELECT COUNT(*) FROM marks WHERE name = 'sending_held'";
    assert_eq!(back.number(held), 1);
    verified(&back);
}

#[test]
fn on_sqlite_an_upgrade_backs_up_first() {
    before_an_upgrade(Backend::Sqlite);
}

#[test]
fn on_postgres_an_upgrade_backs_up_first() {
    before_an_upgrade(Backend::Postgres);
}
