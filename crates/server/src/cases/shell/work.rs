//! What one decision, with all that follows from it for other cases, puts into one batch.

use std::collections::HashMap;

use calendar::Moment;
use regulation::decide::Mode;
use regulation::{Case, Change, Decision, Event, Id, Setting};
use store::{Batch, Head, RecordId};

use super::ShellError;
use crate::cases::{facts, payload, projection};
use crate::messages::{Announcer, asked};

/// A record on its way through one batch.
pub(super) struct Loaded {
    pub(super) case: Option<Case>,
    pub(super) before: Vec<store::Row>,
    pub(super) head: Head,
    /// Its contents are erased with this batch.
    pub(super) erased: bool,
}

impl Loaded {
    /// A record that is to begin.
    pub(super) fn empty() -> Self {
        Loaded {
            case: None,
            before: Vec::new(),
            head: Head::EMPTY,
            erased: false,
        }
    }
}

/// What goes into one batch.
pub(super) struct Work {
    pub(super) batch: Batch,
    pub(super) records: HashMap<Id, Loaded>,
    recorded: Moment,
    pub(super) events: usize,
}

impl Work {
    pub(super) fn new(recorded: Moment) -> Self {
        Work {
            batch: Batch::new(),
            records: HashMap::new(),
            recorded,
            events: 0,
        }
    }

    pub(super) fn take(
        &mut self,
        setting: &Setting<'_>,
        decision: &Decision,
        announcer: Option<&Announcer<'_>>,
    ) -> Result<(), ShellError> {
        if let Some(first) = decision.events.first() {
            self.events(first.case, &decision.events, announcer)?;
        }
        for (case, events) in &decision.opened {
            self.events(*case, events, announcer)?;
        }
        for claim in &decision.releases {
            self.batch.release(claim.name.clone(), claim.key.clone());
        }
        for claim in &decision.claims {
            self.batch
                .claim(claim.name.clone(), claim.key.clone(), RecordId(claim.case.0));
        }
        let changes = decision.events.iter().flat_map(|event| &event.changes);
        for change in changes {
            if let (Change::MergedInto { case }, Mode::Live) = (change, setting.mode) {
                self.batch.guard(facts::still_takes_in(*case));
            }
        }
        if setting.mode == Mode::Live {
            for (query, answered) in &decision.guards {
                if let Some(guard) = facts::guard(query, answered.as_ref()) {
                    self.batch.guard(guard);
                }
            }
        }
        Ok(())
    }

    pub(super) fn events(
        &mut self,
        case: Id,
        events: &[Event],
        announcer: Option<&Announcer<'_>>,
    ) -> Result<(), ShellError> {
        let loaded = self.records.entry(case).or_insert_with(Loaded::empty);
        for event in events {
            payload::append(&mut self.batch, &mut loaded.head, event, self.recorded)?;
            let before = loaded.case.as_ref().map(asked).unwrap_or_default();
            match &mut loaded.case {
                Some(case) => case.apply(event),
                None => loaded.case = Case::begun(event),
            }
            if let (Some(announcer), Some(case)) = (announcer, &loaded.case) {
                announcer.event(&mut self.batch, &before, case, event, loaded.head.seq);
            }
            self.events += 1;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> (Batch, HashMap<Id, Loaded>) {
        for loaded in self.records.values() {
            if let Some(case) = &loaded.case {
                let after = if loaded.erased {
                    projection::erased_rows(case)
                } else {
                    projection::rows(case)
                };
                for write in store::difference(&loaded.before, &after) {
                    self.batch.write(write);
                }
            }
        }
        (self.batch, self.records)
    }
}
