//! The clause track of a case: every deadline in order, begun or not, and the clocks of earlier rounds.

use calendar::Moment;
use regulation::decide::outlook;
use regulation::model::Procedure;
use regulation::{Case, Setting};

use crate::centre::Surroundings;
use crate::http::Language;
use crate::http::wire::{ClockView, clause_tag, clock_view, limit_words};

/// The track, and the clocks that no longer stand on it.
pub(super) fn clocks(
    around: &Surroundings,
    procedure: Option<&Procedure>,
    setting: &Setting<'_>,
    case: &Case,
    language: Language,
) -> (Vec<ClockView>, Vec<ClockView>) {
    let now: Moment = setting.now;
    let tracks = outlook(setting, case);
    let shown: Vec<u32> = tracks
        .iter()
        .filter_map(|track| track.clock.map(|clock| clock.no))
        .collect();
    let track = tracks
        .iter()
        .map(|track| match track.clock {
            Some(clock) => clock_view(&around.packs, Some(track.deadline), clock, now, language),
            None => pending(around, track.deadline, case.round, language),
        })
        .collect();
    let past = case
        .clocks
        .iter()
        .filter(|clock| !shown.contains(&clock.no))
        .map(|clock| {
            let deadline = procedure.and_then(|procedure| procedure.deadline(&clock.deadline));
            clock_view(&around.packs, deadline, clock, now, language)
        })
        .collect();
    (track, past)
}

fn pending(
    around: &Surroundings,
    deadline: &regulation::model::Deadline,
    round: u32,
    language: Language,
) -> ClockView {
    ClockView {
        no: None,
        deadline: deadline.key.clone(),
        title: language.say(&deadline.title),
        clause: clause_tag(&around.packs, &deadline.clause, language),
        state: "pending".to_owned(),
        started_at: None,
        due_at: None,
        ended_at: None,
        soon_at: None,
        limit: limit_words(deadline, language),
        origin: "pack".to_owned(),
        round,
        provisional: false,
        reason: None,
        took_ms: None,
        late_ms: None,
        replaced_by: None,
    }
}
