//! The server starts, answers, survives being killed and stops when asked, on both databases.
#![allow(clippy::unwrap_used, reason = "a test may end where it fails")]

use system_tests::{Backend, Server};

fn starts_answers_survives_and_stops(backend: Backend) {
    // Given a server on an empty database
    let Some(server) = Server::start(backend) else {
        return;
    };
    // When it is asked for its health, killed, and started again on the same data
    server.client().get("/healthz").expect(200);
    let server = server.kill_and_restart();
    // Then it answers again, lets nobody in before its first set-up, and stops cleanly
    server.client().get("/healthz").expect(200);
    let refused = server.client().log_in("nobody", "nothing");
    assert_eq!(refused.status, 409, "{}", refused.text);
    let (_, status) = server.stop();
    assert!(status.success(), "{status}");
}

#[test]
fn on_sqlite_it_starts_answers_survives_a_kill_and_stops() {
    starts_answers_survives_and_stops(Backend::Sqlite);
}

#[test]
fn on_postgres_it_starts_answers_survives_a_kill_and_stops() {
    starts_answers_survives_and_stops(Backend::Postgres);
}
