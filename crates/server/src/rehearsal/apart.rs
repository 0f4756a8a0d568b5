//! Contacts that have nothing to do with each other: many workers, each with whole contacts.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use regulation::{Case, Id};
use store::StoreError;

use super::RehearsalError;
use super::course::{Course, Outcome};
use super::recorded::{BY_CONTACT, Recorded, read};
use crate::centre::Centre;

/// How many contacts travel to a worker at once.
const PORTION: usize = 256;

/// Runs all contacts.
pub(super) async fn run(
    centre: &Centre,
    course: &Arc<Course>,
    workers: usize,
    progress: impl FnMut(u64),
) -> Result<Outcome, RehearsalError> {
    let (send, receive) = sync_channel::<Vec<Vec<Recorded>>>(workers * 2);
    let receive = Arc::new(Mutex::new(receive));
    let running: Vec<_> = (0..workers)
        .map(|_| {
            let (course, receive) = (Arc::clone(course), Arc::clone(&receive));
            tokio::task::spawn_blocking(move || work(&course, &receive))
        })
        .collect();
    let read = hand_out(centre, &course.pack.name, send, progress).await;
    let mut outcome = Outcome::default();
    for worker in running {
        let part = worker
            .await
            .map_err(|error| RehearsalError::Worker(error.to_string()))?;
        outcome.contacts += part.contacts;
        outcome.refused_acts += part.refused_acts;
        for (clause, columns) in part.columns {
            outcome.columns.entry(clause).or_default().join(&columns);
        }
    }
    read?;
    Ok(outcome)
}

/// Reads the history and hands it to the workers, whole contacts at a time.
async fn hand_out(
    centre: &Centre,
    pack: &str,
    send: SyncSender<Vec<Vec<Recorded>>>,
    mut progress: impl FnMut(u64),
) -> Result<(), StoreError> {
    let (mut portion, mut contact, mut record, mut done) = (Vec::new(), Vec::new(), Id(0), 0_u64);
    centre
        .store
        .for_each(BY_CONTACT, &[pack.into()], |row: store::Answer| {
            let at = Id(row.int(0)?);
            if at != record {
                record = at;
                if !contact.is_empty() {
                    portion.push(std::mem::take(&mut contact));
                    done += 1;
                }
                if portion.len() >= PORTION {
                    progress(done);
                    // A worker that is gone is told when it is waited for.
                    let _ = send.send(std::mem::take(&mut portion));
                }
            }
            contact.extend(read(&row)?);
            Ok::<(), StoreError>(())
        })
        .await?;
    if !contact.is_empty() {
        portion.push(contact);
        done += 1;
    }
    progress(done);
    let _ = send.send(portion);
    Ok(())
}

fn work(course: &Course, receive: &Mutex<Receiver<Vec<Vec<Recorded>>>>) -> Outcome {
    let mut outcome = Outcome::default();
    loop {
        let portion = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(portion) = portion else { return outcome };
        for contact in portion {
            if let Some(case) = contact_through(course, &contact, &mut outcome) {
                outcome.count(&case, course.period);
            }
        }
    }
}

fn contact_through(course: &Course, recorded: &[Recorded], outcome: &mut Outcome) -> Option<Case> {
    let mut case: Option<Case> = None;
    let in_time = recorded.iter().filter(|one| one.happened <= course.period.as_of);
    for one in in_time {
        if !course.again(&mut case, one, &|_, _| None) {
            outcome.refused_acts += 1;
        }
    }
    case.as_ref()?;
    course.wake(&mut case, course.period.as_of, &|_, _| None);
    case
}
