//! A full disk and a lost database: clear errors while they last, and work goes on afterwards without a restart.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use system_tests::{Answer, Backend, Centre, Client, Starter, verified};

const PATIENCE: Duration = Duration::from_secs(30);

/// A small disk of memory, gone with this value; `None` where nobody may make one.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Option<Self> {
        let folder = tempfile::TempDir::with_prefix("shouwen-disk-").unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Disk(folder));
        }
        eprintln!("left out: only root can mount a small disk to fill");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Fills a disk to the last byte.
fn fill(disk: &Path) -> std::path::PathBuf {
    use std::io::Write;
    let path = disk.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    for size in [1 << 16, 1 << 10, 1] {
        let bytes = vec![0_u8; size];
        while file.write_all(&bytes).is_ok() {}
    }
    path
}

fn open(client: &mut Client, matter: &str) -> Answer {
    let body = Centre::suggestion(matter).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("accept-language", "en")];
    client.send("POST", "/api/cases", &headers, Some(body)).unwrap()
}

#[track_caller]
fn unavailable(answer: &Answer, says: &str) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["code"], "unavailable", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn on_sqlite_a_full_disk_is_told_and_work_goes_on_when_there_is_room() {
    let Some(disk) = Disk::new() else { return };
    let place = Starter::new(Backend::Sqlite)
        .unwrap()
        .with_data(disk.0.path().join("data"));
    Centre::furnish(&place);
    let centre = Centre {
        server: place.start(),
    };
    let mut ann = centre.log_in("ann");
    let first = Centre::open(&mut ann, "先");
    // When the disk is full, work stops sooner or later with a clear word
    let filler = fill(disk.0.path());
    let mut saved = 1;
    let refused = loop {
        let answer = open(&mut ann, &"满".repeat(2000));
        if answer.status != 201 {
            break answer;
        }
        saved += 1;
        assert!(saved < 5000, "the disk never fills");
    };
    unavailable(&refused, "disk is full");
    ann.get(&format!("/api/cases/{first}")).expect(200);
    // When there is room again, then work goes on
    std::fs::remove_file(filler).unwrap();
    open(&mut ann, "后").expect(201);
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    assert_eq!(
        place.number("SELECT COUNT(*) FROM cases WHERE procedure = 'suggestion'"),
        saved + 1
    );
    verified(&place);
}

#[test]
fn on_postgres_a_lost_database_is_told_and_work_goes_on_when_it_is_back() {
    let Some(centre) = Centre::start(Backend::Postgres) else {
        return;
    };
    let mut ann = centre.log_in("ann");
    let first = Centre::open(&mut ann, "先");
    let database = centre.server.place().database().unwrap();
    for round in 0..3 {
        // When every connection to the database is cut
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        database.execute(&[cut]).unwrap();
        // Then that is told, if it is noticed at all, and work goes on in the same process
        let begun = Instant::now();
        loop {
            let answer = open(&mut ann, &format!("后{round}"));
            if answer.status == 201 {
                break;
            }
            unavailable(&answer, "database cannot be reached");
            assert!(begun.elapsed() < PATIENCE, "still lost:\n{}", centre.server.log());
        }
    }
    ann.get(&format!("/api/cases/{first}")).expect(200);
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    let subjects = "SELECT COUNT(DISTINCT subject) FROM cases WHERE procedure = 'suggestion'";
    assert_eq!(place.number(subjects), 4);
    verified(&place);
}

#[test]
fn on_postgres_a_database_that_refuses_is_told_and_work_goes_on_when_it_lets_in_again() {
    let Some(centre) = Centre::start(Backend::Postgres) else {
        return;
    };
    let mut ann = centre.log_in("ann");
    let first = Centre::open(&mut ann, "先");
    let database = centre.server.place().database().unwrap();
    // When the server is there but lets nobody into the database
    database.refuse(true).unwrap();
    // Then reading and writing are told so, as for one that is gone
    let path = format!("/api/cases/{first}");
    let english = [("accept-language", "en")];
    unavailable(
        &ann.send("GET", &path, &english, None).unwrap(),
        "database cannot be reached",
    );
    unavailable(&open(&mut ann, "中"), "database cannot be reached");
    let health = centre.server.client().get("/healthz");
    assert_eq!(health.status, 503, "{}", health.text);
    // And when it lets in again, work goes on in the same process
    database.refuse(false).unwrap();
    let begun = Instant::now();
    while open(&mut ann, "后").status != 201 {
        assert!(
            begun.elapsed() < PATIENCE,
            "still refused:\n{}",
            centre.server.log()
        );
    }
    ann.get(&path).expect(200);
    let (place, status) = centre.server.stop();
    assert!(status.success(), "{status}");
    verified(&place);
}
