//! Attacks on people's rights, each against the real binary: reaching objects of others, lying about where one comes from,
//! guessing or outliving tokens, set-password links that will not die, writing fields that are not one's to write, guessing
//! passwords, SQL in what is typed, settings that lead into the house, workbooks that swell. Each has a mutation in `tests/mutations` that takes its guard away and must make it fail.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

mod assignment;
mod bombs;
mod guessing;
mod injection;
mod inwards;
mod links;
mod objects;
mod proxies;
mod tokens;

use serde_json::json;
use system_tests::{Backend, Centre, Client};

/// A centre with its administrators, on the embedded database: what is attacked is the same on both.
fn centre() -> Centre {
    Centre::start_administered(Backend::Sqlite).unwrap()
}

/// Makes an access token for a person; gives it.
fn token(centre: &Centre, owner: &str, scopes: &[&str]) -> String {
    let made = centre.log_in("sec").post(
        "/api/tokens",
        &json!({ "name": "program", "person": centre.person(owner), "scopes": scopes, "ends_at": soon() }),
    );
    made.expect(201).json()["token"].as_str().unwrap().to_owned()
}

/// A month from now.
fn soon() -> String {
    let seconds = system_tests::now() + 30 * 24 * 3600;
    format!("{}+08:00", system_tests::local(seconds).replace(' ', "T"))
}

/// Asks with a token and nothing else.
fn with_token(client: &Client, token: &str, path: &str) -> u16 {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    client.clone().send("GET", path, &headers, None).unwrap().status
}
