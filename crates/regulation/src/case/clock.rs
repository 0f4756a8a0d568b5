//! One clock: a deadline set running for one case and round.

use calendar::{Limit, Moment};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::ClauseRef;

/// States of a clock (SEMANTICS "Clocks"). `pending` clocks have not begun and are not kept: they follow from the
/// pack (see [`crate::decide::outlook`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Counting.
    Running,
    /// Stopped for a reason that the pack lists.
    Paused,
    /// Passed and not done; stays counted as once late.
    Overdue,
    /// Done in time.
    Kept,
    /// Done after the limit.
    KeptLate,
    /// Satisfied without the act, with a reason (CMP-4).
    Exempt,
    /// Merged, void or re-set; points at what took its place.
    Lapsed,
}

impl ClockState {
    /// Whether the clock has ended; an ended clock is in exactly one of these for good.
    pub fn ended(self) -> bool {
        matches!(
            self,
            ClockState::Kept | ClockState::KeptLate | ClockState::Exempt | ClockState::Lapsed
        )
    }

    /// The word kept in tables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            ClockState::Running => "running",
            ClockState::Paused => "paused",
            ClockState::Overdue => "overdue",
            ClockState::Kept => "kept",
            ClockState::KeptLate => "kept_late",
            ClockState::Exempt => "exempt",
            ClockState::Lapsed => "lapsed",
        }
    }
}

/// Whose limit a clock carries; shown as such (LOG-12, CMP-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitOrigin {
    /// The pack's.
    #[default]
    Pack,
    /// The customer's own, stricter time.
    Customer,
    /// An authority's deadline in place of ours.
    Authority,
    /// Agreed with the customer.
    Agreed,
}

/// A step on the way of a clock, with its time worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// When it is taken.
    pub at: Moment,
    /// Index among the deadline's steps; the repeat at set hours has the index after the last, the reminder after
    /// urging the one after that.
    pub step: u32,
}

/// A clock of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Number within the case, from 1.
    pub no: u32,
    /// Key of the deadline in the pinned pack.
    pub deadline: String,
    /// The clause it carries.
    pub clause: ClauseRef,
    /// The round it counts for.
    pub round: u32,
    /// Its state.
    pub state: ClockState,
    /// When it began; a re-set clock keeps the original start.
    pub start: Moment,
    /// When it is due.
    pub due: Moment,
    /// The limit it was computed with; `None` for a time of the case itself.
    pub limit: Option<Limit>,
    /// Whose limit.
    pub origin: LimitOrigin,
    /// The due time lies beyond the known holiday years.
    pub provisional: bool,
    /// Version of the calendar it was computed with.
    pub calendar: String,
    /// Since when it is stopped, and why.
    pub paused: Option<(Moment, String)>,
    /// When it runs again by itself, if the pack limits the total.
    pub paused_until: Option<Moment>,
    /// Stopped in all so far, in milliseconds of the limit's own measure.
    pub paused_total: i64,
    /// Whether it was overdue at any time.
    pub once_late: bool,
    /// Who answers for the delay.
    pub answers: Option<Id>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// Why it is exempt or lapsed, as a key or sentence.
    pub reason: Option<String>,
    /// The clock that took its place.
    pub replaced_by: Option<u32>,
    /// Steps not yet taken, in order of time.
    pub levels: Vec<Level>,
    /// How often its time was moved with consent.
    pub moved: u32,
}

impl Clock {
    /// The next time the engine must look at it: its next step, its due time, the end of the longest pause.
    pub fn wakes_at(&self) -> Option<Moment> {
        if self.state.ended() {
            return None;
        }
        let level = self.levels.first().map(|level| level.at);
        // An act at the very limit is kept, so the limit has passed one millisecond later.
        let late = self.due.plus(1);
        match self.state {
            ClockState::Running => Some(level.filter(|at| *at < self.due).map_or(late, |at| at.min(late))),
            ClockState::Overdue => level,
            ClockState::Paused => self.paused_until,
            _ => None,
        }
    }
}
