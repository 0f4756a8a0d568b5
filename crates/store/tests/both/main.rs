//! Every test body runs on SQLite and, where `SHOUWEN_TEST_POSTGRES` names a server, on PostgreSQL.

mod commit;
mod history;
mod laws;
mod moving;
mod nodes;
mod place;
mod tables;
