//! Every test body runs on SQLite and, where `SHOUWEN_TEST_POSTGRES` names a server, on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    missing_docs,
    reason = "a test that meets what it does not expect has failed"
)]

mod commit;
mod encrypted;
mod faults;
mod history;
mod laws;
mod moving;
mod nodes;
mod place;
mod tables;
