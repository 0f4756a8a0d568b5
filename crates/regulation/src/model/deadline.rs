//! Deadlines: what starts one, how long, what ends it, what happens on the way.

use calendar::{DayRule, Limit};

use super::{ClauseRef, Who};
use crate::expression::Expression;
use crate::source::Said;

/// Something that starts or stops a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The contact reached us, whenever it was registered.
    Received,
    /// A stage is entered.
    Stage(String),
    /// An action is done.
    Action(String),
    /// An approval is asked for.
    ApprovalAsked(String),
    /// An approval is granted.
    ApprovalGranted(String),
    /// A time field of the case gets its value; the clock starts at that time.
    Field(String),
    /// Every sub-case has ended.
    SubcasesEnded,
    /// The case reaches any end stage.
    Ended,
}

/// One alternative of a limit; the first whose condition holds is taken.
#[derive(Clone, Debug)]
pub struct LimitChoice {
    /// How long, or until which point in time.
    pub limit: Limit,
    /// When this alternative applies. May read `start` (`start.time < time('11:00')`, LOG-6).
    pub when: Option<Expression>,
}

/// How a deadline finds its due time.
#[derive(Clone, Debug)]
pub enum Bound {
    /// A length or a point counted from the start.
    Within(Vec<LimitChoice>),
    /// A time of the case itself: an agreed appointment (CMP-1), an obligation's `due`.
    At(String),
}

/// When a step on the way is taken.
#[derive(Clone, Debug)]
pub enum StepTime {
    /// At this share of the limit's length.
    Percent(u8),
    /// This long after the due time (`at once` for the due time itself).
    After(Limit),
}

/// One level of reminder or escalation; each is taken once.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: StepTime,
    /// Who is told.
    pub tell: Vec<Who>,
    /// Who answers for the delay: a person field of the case. Opens a fault question, never a penalty (CMP-3).
    pub answers: Option<String>,
    /// An action that the engine does by itself (MAL-4).
    pub act: Option<String>,
}

/// A reminder at set hours until the act (LOG-6), never twice in one half-day.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// Minutes after midnight, ascending.
    pub hours: Vec<u16>,
    /// Only on workdays.
    pub workdays_only: bool,
    /// Who is told.
    pub tell: Vec<Who>,
}

/// Which reasons stop the clock, and for how long in all (GEN-7).
#[derive(Clone, Debug)]
pub struct Pauses {
    /// Reason keys that the pack lists.
    pub reasons: Vec<(String, Said)>,
    /// Longest total.
    pub at_most: Option<Limit>,
}

/// How an agreed time may be moved (CMP-1).
#[derive(Clone, Debug)]
pub struct Moves {
    /// The field that records the customer's consent; must be given when the time is moved.
    pub consent: Option<String>,
    /// How often.
    pub at_most: Option<u32>,
}

/// A deadline of a procedure.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// Key in the pack.
    pub key: String,
    /// As people say it: 处理结果.
    pub title: Said,
    /// The clause it carries.
    pub clause: ClauseRef,
    /// What starts it.
    pub from: Trigger,
    /// How its due time is found.
    pub bound: Bound,
    /// Overrides of the calendar.
    pub day: DayRule,
    /// What ends it.
    pub until: Vec<Trigger>,
    /// A clock of its own in each round.
    pub each_round: bool,
    /// Applies only when this holds.
    pub only: Option<Expression>,
    /// Time fields that tighten it when earlier (the customer's own time, LOG-12).
    pub tightened_by: Vec<String>,
    /// Time field that replaces it when given (an authority's deadline, CMP-12).
    pub replaced_by: Option<String>,
    /// What stops it for a while.
    pub pauses: Option<Pauses>,
    /// How its time may be moved.
    pub moves: Option<Moves>,
    /// Before and after the due time, in order of time.
    pub steps: Vec<Step>,
    /// Reminders at set hours once overdue.
    pub repeat: Option<Repeat>,
    /// Shortens the reminder interval of the handler after urging (GEN-7): percent of the time left at which he is
    /// reminded again.
    pub urged_reminder: Option<u8>,
}
