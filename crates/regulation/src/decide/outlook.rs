//! The clause track: every deadline of the procedure with its newest clock, or pending.

use super::Setting;
use crate::case::{Case, Clock};
use crate::model::Deadline;

/// One deadline on the track.
#[derive(Clone, Debug)]
pub struct Track<'a> {
    /// The deadline.
    pub deadline: &'a Deadline,
    /// Its newest clock; `None` is pending: it has not begun, has no due time and is not counted.
    pub clock: Option<&'a Clock>,
    /// How many clocks it has had, those of earlier rounds and settings too.
    pub clocks: u32,
}

/// Every deadline in the order of the text.
pub fn outlook<'a>(setting: &Setting<'a>, case: &'a Case) -> Vec<Track<'a>> {
    let Some(procedure) = setting.pack.procedure(&case.procedure) else {
        return Vec::new();
    };
    let track = |deadline: &'a Deadline| {
        let clocks = case.clocks.iter().filter(|clock| clock.deadline == deadline.key);
        let count = clocks.clone().count() as u32;
        // In a new round a deadline that has a clock of its own in each is pending again.
        let newest = clocks.max_by_key(|clock| clock.no);
        let clock =
            newest.filter(|clock| !deadline.each_round || clock.round == case.round || !clock.state.ended());
        Track {
            deadline,
            clock: clock.or(newest.filter(|_| case.ended.is_some())),
            clocks: count,
        }
    };
    procedure.deadlines.iter().map(track).collect()
}
