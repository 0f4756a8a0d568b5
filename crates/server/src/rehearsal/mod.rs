//! Rehearsal (QLT-3): recorded contacts run through a changed pack, in memory. Nothing is written.
//!
//! What people did is taken from the history (openings, actions, signatures, answers, with what they typed and when);
//! the changed pack decides all of it anew. A pack that asks no facts decides each contact apart, by many workers; one that
//! does is run in one line of time over all contacts, so that each act meets the others as they were at its moment.

mod apart;
mod course;
mod facts;
mod interleaved;
mod recorded;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use calendar::{Calendar, Holidays};
use regulation::Pack;
use regulation::model::{ClauseRef, UnusableCalendar};
use serde::Serialize;
use store::StoreError;

use self::course::{Course, Rehearsed};
use crate::centre::Centre;
use crate::reports::{Columns, Period, Reach, tally};

const RECORDED_COUNT: &str = "SELECT COUNT(*) FROM cases WHERE pack = $1";

/// What came out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rehearsal {
    /// Contacts run through the changed pack.
    pub contacts: u64,
    /// Recorded acts that the changed pack refuses; their cases go on without them.
    pub refused_acts: u64,
    /// Per clause, before and after.
    pub clauses: Vec<ClauseChange>,
    /// How long it took, in ms.
    pub took_ms: u64,
}

/// A clause before and after.
#[derive(Clone, Debug, Serialize)]
pub struct ClauseChange {
    /// The clause's id within the pack (`house.…` for one of the house).
    pub id: String,
    /// As it stands now.
    pub before: Columns,
    /// As it would stand.
    pub after: Columns,
}

/// Why a rehearsal stopped.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pack's working time.
    #[error(transparent)]
    Calendar(#[from] UnusableCalendar),
    /// A worker fell over.
    #[error("the rehearsal stopped: {0}")]
    Worker(String),
}

/// Runs every recorded contact of a pack through a changed version of it.
pub async fn rehearse(
    centre: &Centre,
    pack: Arc<Pack>,
    period: Period,
    workers: usize,
    mut progress: impl FnMut(u64, u64),
) -> Result<Rehearsal, RehearsalError> {
    let began = Instant::now();
    let around = centre.surroundings();
    let before = tally(&centre.store, &pack.name, period, Reach::default()).await?;
    let total = centre
        .store
        .query(RECORDED_COUNT, &[(&*pack.name).into()])
        .await?;
    let total = total.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
    let holidays = Holidays::china();
    let mut calendars = HashMap::new();
    for (name, spec) in &pack.calendars {
        calendars.insert(name.clone(), spec.build(&holidays)?);
    }
    let organisation = Rehearsed {
        picture: around.picture.clone(),
        calendars,
        fallback: Calendar::default(),
    };
    // What other cases were like at the time decides with facts, so a pack that asks any is rehearsed in one line of time.
    let asks = pack
        .procedures
        .values()
        .any(|procedure| !procedure.facts.is_empty());
    let course = Arc::new(Course {
        pack: pack.clone(),
        organisation,
        period,
    });
    let outcome = if asks {
        interleaved::run(centre, &course, |done| progress(done, total)).await?
    } else {
        apart::run(centre, &course, workers.max(1), |done| progress(done, total)).await?
    };
    let mut clauses: Vec<ClauseRef> = pack.clauses.iter().map(|clause| clause.id.clone()).collect();
    clauses.extend(before.keys().chain(outcome.columns.keys()).cloned());
    let mut listed: Vec<ClauseChange> = Vec::new();
    for clause in clauses {
        let id = if *clause.pack == *pack.name {
            clause.clause.to_string()
        } else {
            clause.to_string()
        };
        if listed.iter().any(|known| known.id == id) {
            continue;
        }
        let change = ClauseChange {
            id,
            before: before.get(&clause).map(|tally| tally.columns).unwrap_or_default(),
            after: outcome.columns.get(&clause).copied().unwrap_or_default(),
        };
        // The house's clauses that nothing touched would only hide the pack's own.
        if *clause.pack == *pack.name
            || change.before != Columns::default()
            || change.after != Columns::default()
        {
            listed.push(change);
        }
    }
    Ok(Rehearsal {
        contacts: outcome.contacts,
        refused_acts: outcome.refused_acts,
        clauses: listed,
        took_ms: began.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests;
