//! Due work in a table (timers, outbox): several nodes take from it, no two take the same row.

/// A table of due work. The named columns must be there; `taken_until` must be 0, not NULL, while nobody works on
/// the row.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// The table.
    pub table: &'static str,
    /// Its key column, an integer.
    pub key: &'static str,
    /// When the row is due, in ms; NULL is never.
    pub due: &'static str,
    /// Until when somebody works on it, in ms.
    pub taken_until: &'static str,
    /// The columns to give back.
    pub give: &'static [&'static str],
}
