//! The clock is stepped forth and back under a running server: ids go on, what fell due fires once, nothing is lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use system_tests::{Backend, Centre, Client, OwnPostgres, Server, Starter, verified};

/// Timers sleep a minute at most, the database's clock is read every few seconds.
const PATIENCE: Duration = Duration::from_secs(150);

/// The library that stands between a program and the clock; `None`, and a line on standard error, where there is none.
fn library() -> Option<PathBuf> {
    let places = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
    ];
    let found = places.iter().map(PathBuf::from).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("left out: there is no libfaketime here (Debian's package faketime)");
    }
    found
}

/// Variables that put a program's clock where a file says.
fn turned(library: &Path, file: &Path) -> [(&'static str, String); 4] {
    [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
        // Only the time of day is stepped, as an administrator or a time server steps it.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}

fn step(file: &Path, to: &str) {
    // The library reads while this writes; a rename is whole.
    let half = file.with_extension("half");
    std::fs::write(&half, format!("{to}\n")).unwrap();
    std::fs::rename(half, file).unwrap();
}

fn waits_until(server: &Server, what: &str, query: &str) {
    let begun = Instant::now();
    while server.place().number(query) == 0 {
        assert!(begun.elapsed() < PATIENCE, "{what}:\n{}", server.log());
        // Asking costs the machine more than waiting.
        std::thread::park_timeout(Duration::from_millis(200));
    }
}

fn opened(client: &mut Client, matter: &str) -> (i64, String) {
    let body = Centre::suggestion(matter);
    let case = client.post("/api/cases", &body).expect(201).json();
    let number = case["number"].as_str().unwrap().to_owned();
    (case["id"].as_str().unwrap().parse().unwrap(), number)
}

/// `went_back` asks whether the clock that is asked for the time has gone back: programs read the file once a second.
fn stepped(place: Starter, file: &Path, went_back: Option<&str>) {
    Centre::furnish(&place);
    let centre = Centre {
        server: place.start(),
    };
    let mut ann = centre.log_in("ann");
    let (first, _) = opened(&mut ann, "甲");
    let overdue = |case: i64| format!("SELECT COUNT(*) FROM clocks WHERE case_id = {case} AND once_late = 1");
    assert_eq!(centre.server.place().number(&overdue(first)), 0);
    // Forth by forty days: what fell due is made up.
    step(file, "+40d");
    waits_until(&centre.server, "nothing falls due", &overdue(first));
    let events = format!("SELECT COUNT(*) FROM events WHERE record = {first}");
    let after = centre.server.place().number(&events);
    // The log-in is older than its longest life now.
    let mut ann = centre.log_in("ann");
    let (second, second_number) = opened(&mut ann, "乙");
    // Back by forty-one days: work goes on, ids and numbers go on.
    step(file, "-1d");
    let (third, third_number) = opened(&mut ann, "丙");
    assert!(first < second && second < third, "{first} {second} {third}");
    assert_ne!(second_number, third_number);
    if let Some(went_back) = went_back {
        waits_until(&centre.server, "the clock does not go back", went_back);
    }
    // Killed and started in the past of its own records.
    let centre = Centre {
        server: centre.server.kill_and_restart(),
    };
    let mut ann = centre.log_in("ann");
    let (fourth, _) = opened(&mut ann, "丁");
    // The dead process holds its node number until its future has passed; ids of another number are others, not greater.
    assert!(![first, second, third].contains(&fourth), "{fourth}");
    for case in [first, second, third, fourth] {
        ann.get(&format!("/api/cases/{case}")).expect(200);
    }
    // Forth again: the later ones fall due, the first one is not told twice.
    step(file, "+40d");
    waits_until(&centre.server, "the fourth does not fall due", &overdue(fourth));
    let place = centre.server.place();
    assert_eq!(place.number(&events), after, "told twice");
    let twice =
        "SELECT COUNT(*) FROM (SELECT record, seq FROM events GROUP BY record, seq HAVING COUNT(*) > 1) x";
    assert_eq!(place.number(twice), 0);
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    verified(&place);
}

#[test]
fn the_servers_clock_is_stepped_on_sqlite() {
    let Some(library) = library() else { return };
    let mut place = Starter::new(Backend::Sqlite).unwrap();
    let file = place.folder().join("clock");
    step(&file, "+0");
    for (name, value) in turned(&library, &file) {
        place = place.env(name, value);
    }
    stepped(place, &file, None);
}

#[test]
fn the_databases_clock_is_stepped_on_postgres() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().unwrap();
    // Another account reads it.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let file = folder.path().join("clock");
    step(&file, "+0");
    let envs = turned(&library, &file);
    let envs: Vec<(&str, &str)> = envs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let Some(postgres) = OwnPostgres::start(&envs) else {
        return;
    };
    let went_back = format!(
        "SELECT CAST(CASE WHEN EXTRACT(EPOCH FROM clock_timestamp()) < {} THEN 1 ELSE 0 END AS BIGINT)",
        system_tests::now()
    );
    stepped(Starter::on(&postgres), &file, Some(&went_back));
}
