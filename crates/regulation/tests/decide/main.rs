//! Decisions over a small pack of its own (`desk/`), by rule id.
#![allow(clippy::unwrap_used, clippy::panic, clippy::result_large_err)]

mod world;

mod acts;
mod approvals;
mod clocks;
mod escalation;
mod forms;
mod proof;
mod questions;
mod subcases;
mod versions;
mod walk;
