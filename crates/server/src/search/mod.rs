//! Search (QLT-5) and candidates (CMP-2): follows the history into an index beside the database, and answers within what
//! a person may see.
//!
//! Knows which texts of a case and a customer are searched, and what is kept in memory beside the index because it
//! changes often. Never shows what a list would not: the same reach decides about every hit and every count. Telephone
//! numbers are no part of any text here; their ends are found only by those who may, and each time is written down.

mod alike;
mod api;
mod columns;
mod desk;
mod follow;
mod reach;
mod take;

pub use api::routes;
pub use desk::{Desk, Search};
pub use follow::{rebuild, run};

#[cfg(test)]
mod tests;
