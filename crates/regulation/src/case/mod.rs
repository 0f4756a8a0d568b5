//! A case: its state, the events that make it, and how they are applied.
//!
//! Events hold results, so applying an old one never needs the pack or a clock. State = fold of events.

mod apply;
mod change;
mod clock;
mod event;
mod state;
mod told;
mod value;

pub use change::Change;
pub use clock::{Clock, ClockState, Level, LimitOrigin};
pub use event::{ClockEnd, Event, EventKind};
pub use state::{
    ApprovalState, ApprovalStatus, Case, Doing, Merged, PinnedPack, QuestionState, Round, Signature,
    SignerSlot, Subcase,
};
pub use told::{Addressee, Composed, Outgoing};
pub use value::{BODY, ENTRY, FieldValue, Fields, READ_BACK};
