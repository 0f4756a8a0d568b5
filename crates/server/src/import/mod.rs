//! Bringing data in: recorded contacts through the engine at their true times, and customers, staff, units and cases from
//! tables as people really send them (Excel, CSV in UTF-8 or GBK).
//!
//! A table is first looked through: every row that cannot be taken is named with row, column, reason and remedy. It comes in
//! as a job. Each row has a key of its source, so that a table that comes twice brings nothing in twice; and an import is
//! taken back as a whole, or not at all where its rows have been used since.

pub mod api;
mod bring;
mod fields;
mod forget;
mod hotline;
mod plan;
mod record;
mod sheet;
mod table;
mod template;
mod undo;

pub use bring::{bring_in, check};
pub use fields::{Field, Kind, suggested};
pub use forget::forget;
pub use hotline::{Imported, Rejected, hotline};
pub use sheet::{Sheet, SheetError};
pub use table::{Table, TableError};
pub use undo::take_back;

#[cfg(test)]
mod tests;
