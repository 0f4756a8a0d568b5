//! The clause report (条款履行报告): per clause what was kept, late, open, exempt, lapsed and refused in a period, as it
//! stood at a time; and the cases behind every figure.
//!
//! Knows the report's columns and how they follow from the tables `clocks` and `refusals`. Never decides anything and
//! writes nothing. Carries GEN-25, CMP-19 and the report's half of CMP-4.

pub mod api;
mod carried;
mod cases;
mod clause_report;
mod closed;
mod column;
mod figures;
mod months;
pub mod obligations;
mod period;
mod readers;
mod statistics;
mod tally;

pub use carried::{Carried, carried};
pub use cases::{BehindClause, ClauseCase, behind_clauses, page};
pub use clause_report::{ClauseReport, ClauseRow, ClosedView, Counts, Day, FigureRow, Totals, report};
pub use closed::{CloseError, Closed, close, close_due, closed};
pub use column::{Column, Columns, Seen, column, rate};
pub use figures::{Counted, back_dated, figures};
pub use months::{MonthCounts, MonthView, month_counts};
pub use period::{Month, Period, Reach};
pub use tally::{Tally, by_unit, days, tally};

#[cfg(test)]
mod tests;
