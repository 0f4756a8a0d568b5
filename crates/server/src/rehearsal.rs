//! Rehearsal (QLT-3): recorded contacts run through a changed pack, in memory. Nothing is written.
//!
//! What people did is taken from the history (openings, actions, signatures, answers, with what they typed and when);
//! the changed pack decides all of it anew. Facts about other cases are answered from the contacts rehearsed so far, in
//! the order in which they reached us; the order in which several cases interleaved afterwards is not repeated.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use calendar::{Calendar, Holidays, Moment};
use regulation::case::{Change, Event, EventKind};
use regulation::decide::{FactQuery, Mode, Opened};
use regulation::model::{Among, ClauseRef, Measure, UnusableCalendar};
use regulation::{
    Actor, Case, Command, Facts, FieldValue, Fields, Id, Organisation, Pack, Setting, decide, needs,
};
use serde::{Deserialize, Serialize};
use store::StoreError;

use crate::centre::Centre;
use crate::organisation::Picture;
use crate::reports::{Columns, Period, Reach, Seen, column, tally};

/// Events of people, oldest contact first. The engine's own follow anew.
const RECORDED: &str = "SELECT e.record, e.name, e.happened, e.actor, e.payload FROM cases c \
     JOIN events e ON e.record = c.id WHERE c.pack = $1 \
     AND e.name IN ('opened', 'acted', 'signed', 'answered') ORDER BY c.received, c.id, e.seq";
const RECORDED_COUNT: &str = "SELECT COUNT(*) FROM cases WHERE pack = $1";

/// How many contacts travel to a worker at once.
const PORTION: usize = 256;

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

/// What a person did, without its results.
#[derive(Deserialize)]
struct Did {
    kind: EventKind,
    #[serde(default)]
    input: Fields,
}

struct Recorded {
    happened: Moment,
    actor: Option<Id>,
    opening: bool,
    payload: Vec<u8>,
}

/// The organisation as it is, with the changed pack's working time.
struct Rehearsed {
    picture: Arc<Picture>,
    calendars: HashMap<String, Calendar>,
    fallback: Calendar,
}

impl Organisation for Rehearsed {
    fn within(&self, unit: Id, above: Id) -> bool {
        self.picture.within(unit, above)
    }

    fn calendar(&self, _: &Pack, unit: Option<Id>) -> &Calendar {
        let named = unit
            .and_then(|id| self.picture.units.get(&id))
            .map_or("default", |unit| unit.calendar.as_str());
        self.calendars
            .get(named)
            .or_else(|| self.calendars.get("default"))
            .unwrap_or(&self.fallback)
    }
}

/// One entry of the facts found so far: when, how much, whose, until when open.
struct Entry {
    at: Moment,
    amount: Option<i64>,
    customer: Option<Id>,
    ended: Option<Moment>,
}

#[derive(Default)]
struct FoundSoFar(HashMap<(Arc<str>, String), Vec<Entry>>);

impl FoundSoFar {
    fn answer(&self, query: &FactQuery, now: Moment) -> Option<FieldValue> {
        let key = query
            .key
            .as_ref()
            .map(|key| (Arc::from(query.index.as_str()), key.clone()));
        let found: Vec<&Entry> = key
            .and_then(|key| self.0.get(&key))
            .into_iter()
            .flatten()
            .filter(|entry| query.since.is_none_or(|since| entry.at >= since) && entry.at <= now)
            .filter(|entry| match query.among {
                Among::All => true,
                Among::Open => entry.ended.is_none_or(|ended| ended > now),
                Among::Ended => entry.ended.is_some_and(|ended| ended <= now),
            })
            .collect();
        match &query.measure {
            Measure::Count => Some(FieldValue::Number(found.len() as i64)),
            Measure::Exists => Some(FieldValue::Flag(!found.is_empty())),
            Measure::Customers => {
                let mut customers: Vec<Id> = found.iter().filter_map(|entry| entry.customer).collect();
                customers.sort_unstable();
                customers.dedup();
                Some(FieldValue::Number(customers.len() as i64))
            }
            Measure::Latest => found
                .iter()
                .map(|entry| entry.at.as_millis())
                .max()
                .map(FieldValue::Number),
            Measure::Sum(_) => Some(FieldValue::Number(
                found.iter().filter_map(|entry| entry.amount).sum(),
            )),
        }
    }

    fn note(&mut self, case: &Case) {
        for (name, key, amount) in &case.indexed {
            self.0
                .entry((name.clone(), key.clone()))
                .or_default()
                .push(Entry {
                    at: case.received,
                    amount: *amount,
                    customer: case.customer,
                    ended: case.ended,
                });
        }
    }
}

#[derive(Default)]
struct Outcome {
    contacts: u64,
    refused_acts: u64,
    columns: BTreeMap<ClauseRef, Columns>,
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
    let organisation = Arc::new(Rehearsed {
        picture: around.picture.clone(),
        calendars,
        fallback: Calendar::default(),
    });
    // Facts look at other cases in order, so a pack that asks any is rehearsed by one worker.
    let asks = pack
        .procedures
        .values()
        .any(|procedure| !procedure.facts.is_empty());
    let workers = if asks { 1 } else { workers.max(1) };
    let (send, receive) = sync_channel::<Vec<Vec<Recorded>>>(workers * 2);
    let receive = Arc::new(Mutex::new(receive));
    let running: Vec<_> = (0..workers)
        .map(|_| {
            let (pack, organisation, receive) = (pack.clone(), organisation.clone(), receive.clone());
            tokio::task::spawn_blocking(move || work(&pack, &organisation, &receive, period))
        })
        .collect();
    let read = read(centre, &pack.name, send, |done| progress(done, total)).await;
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

/// Reads the history and hands it to the workers, whole contacts at a time.
async fn read(
    centre: &Centre,
    pack: &str,
    send: SyncSender<Vec<Vec<Recorded>>>,
    mut progress: impl FnMut(u64),
) -> Result<(), StoreError> {
    let (mut portion, mut contact, mut record, mut done) = (Vec::new(), Vec::new(), 0, 0_u64);
    centre
        .store
        .for_each(RECORDED, &[pack.into()], |row: store::Answer| {
            let at = row.int(0)?;
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
            if let Some(payload) = row.opt_blob(4)? {
                contact.push(Recorded {
                    happened: Moment::from_millis(row.int(2)?),
                    actor: Some(row.int(3)?).filter(|actor| *actor != 0).map(Id),
                    opening: row.text(1)? == "opened",
                    payload: payload.to_vec(),
                });
            }
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

fn work(
    pack: &Pack,
    organisation: &Rehearsed,
    receive: &Mutex<Receiver<Vec<Vec<Recorded>>>>,
    period: Period,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut found = FoundSoFar::default();
    loop {
        let portion = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(portion) = portion else { return outcome };
        for contact in portion {
            if let Some(case) = contact_through(pack, organisation, &contact, period, &found, &mut outcome) {
                outcome.contacts += 1;
                count(&case, period, &mut outcome.columns);
                found.note(&case);
            }
        }
    }
}

fn contact_through(
    pack: &Pack,
    organisation: &Rehearsed,
    recorded: &[Recorded],
    period: Period,
    found: &FoundSoFar,
    outcome: &mut Outcome,
) -> Option<Case> {
    let mut case: Option<Case> = None;
    for one in recorded.iter().filter(|one| one.happened <= period.as_of) {
        let Some(command) = command(one, case.as_ref()) else {
            continue;
        };
        let actor = one.actor.map_or_else(Actor::default, |person| {
            organisation.picture.actor(person, one.happened)
        });
        match step(
            pack,
            organisation,
            case.as_ref(),
            &command,
            &actor,
            one.happened,
            found,
        ) {
            Some(events) => apply(&mut case, &events),
            None => outcome.refused_acts += 1,
        }
    }
    let opened = case.as_ref()?;
    let engine = Actor::default();
    let events = step(
        pack,
        organisation,
        Some(opened),
        &Command::Wake,
        &engine,
        period.as_of,
        found,
    )
    .unwrap_or_default();
    apply(&mut case, &events);
    case
}

fn apply(case: &mut Option<Case>, events: &[Event]) {
    for event in events {
        match case {
            Some(case) => case.apply(event),
            None => *case = Case::begun(event),
        }
    }
}

/// The command behind a recorded event.
fn command(recorded: &Recorded, case: Option<&Case>) -> Option<Command> {
    if recorded.opening {
        let event: Event = serde_json::from_slice(&recorded.payload).ok()?;
        let Some(Change::Began {
            procedure,
            received,
            channel,
            customer,
            owning_unit,
            unit,
            first_contact_owner,
            parent,
            source,
            ..
        }) = event.changes.into_iter().next()
        else {
            return None;
        };
        let opened = Opened {
            case: None,
            received: Some(received),
            channel,
            customer,
            owning_unit: Some(owning_unit),
            unit: Some(unit),
            first_contact_owner,
            parent,
            source,
        };
        return Some(Command::Open {
            procedure,
            opened,
            input: event.input,
        });
    }
    let did: Did = serde_json::from_slice(&recorded.payload).ok()?;
    let case = case?;
    match did.kind {
        EventKind::Acted { action, .. } => Some(Command::Act {
            action,
            input: did.input,
            seen: None,
        }),
        EventKind::Signed {
            approval,
            agreed,
            reason,
            ..
        } => {
            let asked = case
                .approvals
                .iter()
                .rev()
                .find(|asked| asked.approval == approval)?;
            Some(Command::Sign {
                approval: asked.no,
                agree: agreed,
                reason,
                seen: None,
            })
        }
        EventKind::Answered {
            question,
            yes,
            reason,
        } => Some(Command::Answer {
            question,
            yes,
            reason,
        }),
        _ => None,
    }
}

fn step(
    pack: &Pack,
    organisation: &Rehearsed,
    case: Option<&Case>,
    command: &Command,
    actor: &Actor,
    now: Moment,
    found: &FoundSoFar,
) -> Option<Vec<Event>> {
    let setting = Setting {
        pack,
        organisation,
        actor,
        now,
        seed: 0,
        mode: Mode::Historic,
    };
    let needed = needs(&setting, case, command);
    let mut facts = Facts::default();
    for query in &needed.facts {
        if let Some(value) = found.answer(query, now) {
            facts.values.insert(query.id.clone(), value);
        }
    }
    for number in &needed.numbers {
        facts
            .numbers
            .insert(number.series.clone(), vec![1; number.count as usize]);
    }
    facts.ids = (0..i64::from(needed.ids)).map(|id| Id(id + 1)).collect();
    decide(&setting, case, &facts, command)
        .ok()
        .map(|decision| decision.events)
}

fn count(case: &Case, period: Period, columns: &mut BTreeMap<ClauseRef, Columns>) {
    for clock in case
        .clocks
        .iter()
        .filter(|clock| period.from <= clock.due && clock.due < period.to)
    {
        let seen = Seen {
            state: clock.state,
            begun: clock.start <= period.as_of,
            over: clock.ended.is_some_and(|ended| ended <= period.as_of),
            passed: clock.due < period.as_of,
        };
        if let Some(column) = column(seen) {
            columns.entry(clock.clause.clone()).or_default().add(column, 1);
        }
    }
}
