//! The clause report (条款履行报告): per clause what was kept, late, open, exempt, lapsed and refused in a period, as it
//! stood at a time; and the cases behind every figure.
//!
//! Knows the report's columns and how they follow from the tables `clocks` and `refusals`. Never decides anything and
//! writes nothing. Carries GEN-25, CMP-19 and the report's half of CMP-4.

pub mod api;
mod carried;
mod cases;
mod clause_report;
mod column;
mod figures;
pub mod obligations;
mod period;
mod tally;

pub use carried::{Carried, carried};
pub use cases::{BehindClause, ClauseCase, behind_clauses, page};
pub use clause_report::{ClauseReport, ClauseRow, Day, FigureRow, Totals, report};
pub use column::{Column, Columns, Seen, column, rate};
pub use figures::{Counted, figures};
pub use period::{Period, Reach};
pub use tally::{Tally, days, tally};

#[cfg(test)]
mod tests;
