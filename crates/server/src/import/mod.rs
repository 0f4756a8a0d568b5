//! Bringing recorded contacts in: historic mode through the same engine, at their true times, nothing sent.

mod hotline;
mod table;

pub use hotline::{Imported, Rejected, hotline};
pub use table::{Table, TableError};
