//! All contacts in one line of time: each act, and each thing that time itself brings about, meets the other contacts as
//! they were at its moment.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use calendar::Moment;
use regulation::{Case, Id};
use store::StoreError;

use super::RehearsalError;
use super::course::{Course, Outcome};
use super::facts::Found;
use super::recorded::{BY_TIME, Recorded, read};
use crate::centre::Centre;

/// How many acts travel to the worker at once.
const PORTION: usize = 1024;

/// Runs all contacts.
pub(super) async fn run(
    centre: &Centre,
    course: &Arc<Course>,
    mut progress: impl FnMut(u64),
) -> Result<Outcome, RehearsalError> {
    let (send, receive) = sync_channel::<Vec<Recorded>>(4);
    let worker = {
        let course = Arc::clone(course);
        tokio::task::spawn_blocking(move || work(&course, &receive))
    };
    let (mut portion, mut done) = (Vec::with_capacity(PORTION), 0_u64);
    let read = centre
        .store
        .for_each(BY_TIME, &[(&*course.pack.name).into()], |row: store::Answer| {
            done += u64::from(row.text(1)? == "opened");
            portion.extend(read(&row)?);
            if portion.len() >= PORTION {
                progress(done);
                // A worker that is gone is told when it is waited for.
                let _ = send.send(std::mem::take(&mut portion));
            }
            Ok::<(), StoreError>(())
        })
        .await;
    progress(done);
    let _ = send.send(portion);
    drop(send);
    let outcome = worker
        .await
        .map_err(|error| RehearsalError::Worker(error.to_string()))?;
    read?;
    Ok(outcome)
}

fn work(course: &Course, receive: &Receiver<Vec<Recorded>>) -> Outcome {
    let mut line = Line::default();
    while let Ok(portion) = receive.recv() {
        for one in portion {
            if one.happened <= course.period.as_of {
                line.act(course, &one);
            }
        }
    }
    line.end(course)
}

/// Every contact as it stands at one moment.
#[derive(Default)]
struct Line {
    cases: HashMap<Id, Case>,
    found: Found,
    /// When time itself next does something to a contact.
    wakes: BTreeSet<(Moment, Id)>,
    refused: u64,
}

impl Line {
    fn act(&mut self, course: &Course, one: &Recorded) {
        self.pass(course, one.happened);
        let mut case = self.cases.remove(&one.case);
        if let Some(at) = case.as_ref().and_then(Case::wakes_at) {
            self.wakes.remove(&(at, one.case));
        }
        let found = &self.found;
        let done = course.again(&mut case, one, &|query, now| found.answer(query, now));
        self.refused += u64::from(!done);
        self.settle(one.case, case, one.happened);
    }

    /// Lets time pass up to a moment, for each contact in its turn.
    fn pass(&mut self, course: &Course, until: Moment) {
        while let Some((at, id)) = self.wakes.first().copied().filter(|(at, _)| *at < until) {
            self.wakes.pop_first();
            let mut case = self.cases.remove(&id);
            let found = &self.found;
            course.wake(&mut case, at, &|query, now| found.answer(query, now));
            self.settle(id, case, at);
        }
    }

    fn settle(&mut self, id: Id, case: Option<Case>, now: Moment) {
        let Some(case) = case else { return };
        // What is due already is caught up by the contact's own next act.
        if let Some(at) = case.wakes_at().filter(|at| *at > now) {
            self.wakes.insert((at, id));
        }
        self.found.note(&case);
        self.cases.insert(id, case);
    }

    fn end(mut self, course: &Course) -> Outcome {
        let as_of = course.period.as_of;
        self.pass(course, as_of);
        let mut outcome = Outcome {
            refused_acts: self.refused,
            ..Outcome::default()
        };
        let found = &self.found;
        for (_, case) in self.cases {
            let mut case = Some(case);
            course.wake(&mut case, as_of, &|query, now| found.answer(query, now));
            if let Some(case) = &case {
                outcome.count(case, course.period);
            }
        }
        outcome
    }
}
