//! Whole-system tests: what they stand on.
//!
//! Knows how to start the real binary on a database of its own ([`Server`]), how to talk to it the way a browser
//! does ([`Client`]), and how to get an empty PostgreSQL database ([`Database`]). Waits for events, never for a
//! length of time. The tests themselves are in `tests/tests/`; `cargo xtask test` gives them `SHOUWEN_BIN` and
//! `SHOUWEN_TEST_POSTGRES`, and without the latter the PostgreSQL halves say on standard error that they are
//! left out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken environment must end the test that needs it"
)]

mod centre;
mod client;
pub mod openid;
mod own_postgres;
mod postgres;
mod relay;
mod server;
mod workdays;

pub use centre::{Centre, PASSWORD, verified};
pub use client::{Answer, Client};
pub use own_postgres::OwnPostgres;
pub use postgres::Database;
pub use relay::Relay;
pub use server::{Backend, Output, Server, Starter, binary, project};
pub use workdays::{Workdays, local, now, seconds};
