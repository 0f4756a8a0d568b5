//! In which column of the report a clock stands at a time: the one place where this is decided.

use regulation::ClockState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A column of the clause report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Done in time.
    Kept,
    /// Passed undone, or done after the limit.
    Late,
    /// Still running or paused.
    Open,
    /// Satisfied without the act, with a reason.
    Exempt,
    /// Merged, void or re-set.
    Lapsed,
    /// Attempts that the clause refused.
    Refused,
}

impl Column {
    /// Every column.
    pub const ALL: [Column; 6] = [
        Column::Kept,
        Column::Late,
        Column::Open,
        Column::Exempt,
        Column::Lapsed,
        Column::Refused,
    ];
}

/// What the tables know of a clock against the time T of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its state now.
    pub state: ClockState,
    /// Whether it had begun by T.
    pub begun: bool,
    /// Whether it had ended by T.
    pub over: bool,
    /// Whether its due time lay before T.
    pub passed: bool,
}

/// The column of a clock at T, `None` while it had not begun.
///
/// A clock that ended after T counts as it stood at T: late once its due time had passed, else open. A pause is known
/// as it is now, not as it was: a clock that is paused counts as open, one that was paused at T and goes on is judged
/// by the due time it has now.
pub fn column(seen: Seen) -> Option<Column> {
    let Seen {
        state,
        begun,
        over,
        passed,
    } = seen;
    if !begun {
        return None;
    }
    Some(match state {
        ClockState::Kept if over => Column::Kept,
        ClockState::KeptLate if over => Column::Late,
        ClockState::Exempt if over => Column::Exempt,
        ClockState::Lapsed if over => Column::Lapsed,
        ClockState::Paused => Column::Open,
        // An act at the very limit is kept, so the limit has passed only after it.
        _ if passed => Column::Late,
        _ => Column::Open,
    })
}

/// Clocks by column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Columns {
    /// Kept.
    pub kept: i64,
    /// Overdue or kept late.
    pub late: i64,
    /// Running or paused.
    pub open: i64,
    /// Exempt.
    pub exempt: i64,
    /// Lapsed.
    pub lapsed: i64,
    /// Attempts refused.
    pub refused: i64,
}

impl Columns {
    /// Adds to a column.
    pub fn add(&mut self, column: Column, count: i64) {
        match column {
            Column::Kept => self.kept += count,
            Column::Late => self.late += count,
            Column::Open => self.open += count,
            Column::Exempt => self.exempt += count,
            Column::Lapsed => self.lapsed += count,
            Column::Refused => self.refused += count,
        }
    }

    /// Adds another count, column by column.
    pub fn join(&mut self, other: &Columns) {
        self.kept += other.kept;
        self.late += other.late;
        self.open += other.open;
        self.exempt += other.exempt;
        self.lapsed += other.lapsed;
        self.refused += other.refused;
    }

    /// What changed since an earlier count, column by column; `None` where nothing did.
    pub fn since(&self, earlier: &Columns) -> Option<Columns> {
        let change = Columns {
            kept: self.kept - earlier.kept,
            late: self.late - earlier.late,
            open: self.open - earlier.open,
            exempt: self.exempt - earlier.exempt,
            lapsed: self.lapsed - earlier.lapsed,
            refused: self.refused - earlier.refused,
        };
        (change != Columns::default()).then_some(change)
    }

    /// The share kept; none while fewer than twenty are counted.
    pub fn rate(&self) -> Option<f64> {
        rate(self.kept, self.kept + self.late)
    }
}

/// `part` ÷ `of`; none while fewer than twenty are counted, because so few say nothing.
pub fn rate(part: i64, of: i64) -> Option<f64> {
    (of >= 20).then(|| part as f64 / of as f64)
}

/// Every state a clock can have.
pub(super) const STATES: [ClockState; 7] = [
    ClockState::Running,
    ClockState::Paused,
    ClockState::Overdue,
    ClockState::Kept,
    ClockState::KeptLate,
    ClockState::Exempt,
    ClockState::Lapsed,
];

/// What stands in the table's state column, back to the state.
pub(super) fn state(word: &str) -> Option<ClockState> {
    STATES.into_iter().find(|state| state.word() == word)
}

/// The marks of every sight that falls into a column, as the drill-down's query compares them: `|kept 1 0|kept 1 1|`.
pub(super) fn marks(wanted: Column) -> String {
    let mut text = String::from("|");
    for state in STATES {
        for (over, passed) in [(false, false), (false, true), (true, false), (true, true)] {
            if column(Seen {
                state,
                begun: true,
                over,
                passed,
            }) == Some(wanted)
            {
                text.push_str(&format!(
                    "{} {} {}|",
                    state.word(),
                    i64::from(over),
                    i64::from(passed)
                ));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A clock as a table row can hold it, seen at `at`.
    fn seen(state: ClockState, start: i64, due: i64, ended: Option<i64>, at: i64) -> Seen {
        Seen {
            state,
            begun: start <= at,
            over: ended.is_some_and(|ended| ended <= at),
            passed: due < at,
        }
    }

    /// A clock in one of these states, with times that fit it.
    fn rows(states: &[ClockState]) -> impl Strategy<Value = (ClockState, i64, i64, Option<i64>)> + use<> {
        let states = proptest::sample::select(states.to_vec());
        (states, 0..100_i64, 0..100_i64, 0..100_i64).prop_map(|(state, start, length, took)| {
            let due = start + length;
            let ended = match state {
                ClockState::Kept => Some(start + took.min(length)),
                ClockState::KeptLate => Some(due + 1 + took),
                ClockState::Exempt | ClockState::Lapsed => Some(start + took),
                _ => None,
            };
            (state, start, due, ended)
        })
    }

    proptest! {
        /// Given any clock and time, a clock that had begun stands in exactly one column, and in none before.
        #[test]
        fn a_clock_stands_in_one_column_once_it_has_begun((state, start, due, ended) in rows(&STATES), at in 0..300_i64) {
            let column = column(seen(state, start, due, ended, at));
            prop_assert_eq!(column.is_some(), start <= at);
            prop_assert_ne!(column, Some(Column::Refused));
        }

        /// What was kept is open before its end and kept ever after: it is never late on the way.
        #[test]
        fn a_kept_clock_is_never_late((state, start, due, ended) in rows(&[ClockState::Kept]), at in 0..300_i64) {
            let column = column(seen(state, start, due, ended, at));
            prop_assert!(matches!(column, None | Some(Column::Open | Column::Kept)));
        }

        /// Once late, a clock that is done later stays late.
        #[test]
        fn cmp_3_a_late_clock_stays_late(
            (state, start, due, ended) in rows(&[ClockState::KeptLate, ClockState::Overdue]),
            at in 0..300_i64,
            more in 0..300_i64,
        ) {
            if column(seen(state, start, due, ended, at)) == Some(Column::Late) {
                prop_assert_eq!(column(seen(state, start, due, ended, at + more)), Some(Column::Late));
            }
        }

        /// A report of now agrees with the state that the table holds.
        #[test]
        fn at_the_end_of_time_the_column_is_the_state((state, start, due, ended) in rows(&STATES)) {
            let wanted = match state {
                ClockState::Kept => Column::Kept,
                ClockState::KeptLate | ClockState::Overdue | ClockState::Running => Column::Late,
                ClockState::Paused => Column::Open,
                ClockState::Exempt => Column::Exempt,
                ClockState::Lapsed => Column::Lapsed,
            };
            prop_assert_eq!(column(seen(state, start, due, ended, 1000)), Some(wanted));
        }
    }

    #[test]
    fn an_act_at_the_very_limit_is_not_late() {
        assert_eq!(
            column(seen(ClockState::Running, 0, 10, None, 10)),
            Some(Column::Open)
        );
        assert_eq!(
            column(seen(ClockState::Running, 0, 10, None, 11)),
            Some(Column::Late)
        );
    }

    #[test]
    fn cmp_4_an_exempt_clock_stays_outside_the_rate() {
        let mut columns = Columns::default();
        columns.add(Column::Kept, 15);
        columns.add(Column::Late, 4);
        columns.add(Column::Exempt, 100);
        assert_eq!(columns.rate(), None);
        columns.add(Column::Late, 1);
        assert_eq!(columns.rate(), Some(0.75));
    }

    #[test]
    fn every_sight_has_its_mark_in_exactly_one_column() {
        for state in STATES {
            for (over, passed) in [(false, false), (false, true), (true, false), (true, true)] {
                let mark = format!("|{} {} {}|", state.word(), i64::from(over), i64::from(passed));
                let holders = Column::ALL
                    .into_iter()
                    .filter(|column| marks(*column).contains(&mark))
                    .count();
                assert_eq!(holders, 1, "{mark}");
            }
        }
    }
}
