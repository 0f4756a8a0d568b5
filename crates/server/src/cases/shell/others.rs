//! What a decision does to, and must know of, other cases: those it names, and those whose contents it erases (GEN-14).

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;

use calendar::Moment;
use regulation::case::EventKind;
use regulation::decide::{Needs, Other};
use regulation::{Actor, Event, Facts, FieldValue, Fields, Id};
use store::RecordId;

use super::ShellError;
use super::work::Work;
use crate::cases::projection;
use crate::centre::Centre;
use crate::messages::forget_case;
use crate::registry;

impl Centre {
    /// Answers what must be known of the cases that a command names, and of those that a fact lists.
    pub(super) async fn answer_others(&self, needed: &Needs, answers: &mut Facts) -> Result<(), ShellError> {
        let mut asked: BTreeSet<Id> = needed.others.iter().copied().collect();
        for query in &needed.facts {
            if query.measure == regulation::model::Measure::Cases
                && let Some(FieldValue::List(ids)) = answers.values.get(&query.id)
            {
                asked.extend(ids.iter().filter_map(FieldValue::as_id));
            }
        }
        for id in asked {
            match self.case(id).await {
                Ok((case, _)) => {
                    answers.others.insert(id, Other::of(&case));
                }
                Err(ShellError::NoSuchCase(_) | ShellError::Erased(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Erases the contents of cases whose disposal was approved: every event before now, so that only headers and hashes
    /// stay, and one event that says by which case it was done. `known` is what the decision knew of them: where a case is
    /// another by now (a legal hold came between), the answer is no, and all is decided anew; an act on it from here on
    /// makes the batch stale.
    pub(super) async fn dispose(
        &self,
        work: &mut Work,
        (cases, known): (&[Id], &Facts),
        by: Id,
        now: Moment,
        actor: &Actor,
    ) -> Result<bool, ShellError> {
        for case in cases {
            if let Entry::Vacant(place) = work.records.entry(*case) {
                place.insert(self.load(Some(*case)).await?);
            }
            let Some(loaded) = work.records.get_mut(case) else {
                continue;
            };
            if loaded.case.as_ref().map(Other::of).as_ref() != known.others.get(case) {
                return Ok(false);
            }
            loaded.erased = true;
            forget_case(&mut work.batch, *case);
            for seq in 1..=loaded.head.seq {
                work.batch.erase(RecordId(case.0), seq);
            }
            let mut event = Event {
                case: *case,
                happened: now,
                actor: actor.person,
                kind: EventKind::Disposed {
                    by,
                    stays: String::new(),
                },
                input: Fields::new(),
                changes: Vec::new(),
            };
            if let Some(mut after) = loaded.case.clone() {
                after.apply(&event);
                event.kind = EventKind::Disposed {
                    by,
                    stays: registry::written(&projection::erased_rows(&after))?,
                };
            }
            work.events(*case, std::slice::from_ref(&event), None)?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
