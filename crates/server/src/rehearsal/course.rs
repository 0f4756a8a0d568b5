//! One contact on its way through the changed pack.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use calendar::{Calendar, Moment};
use regulation::decide::{FactQuery, Mode};
use regulation::model::ClauseRef;
use regulation::{
    Actor, Case, Command, Event, Facts, FieldValue, Id, Organisation, Pack, Setting, decide, needs,
};

use super::recorded::{Recorded, command};
use crate::organisation::Picture;
use crate::reports::{Columns, Period, Seen, column};

/// The organisation as it is, with the changed pack's working time.
pub(super) struct Rehearsed {
    pub(super) picture: Arc<Picture>,
    pub(super) calendars: HashMap<String, Calendar>,
    pub(super) fallback: Calendar,
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

/// What is rehearsed, and over which period it is counted.
pub(super) struct Course {
    pub(super) pack: Arc<Pack>,
    pub(super) organisation: Rehearsed,
    pub(super) period: Period,
}

/// What came out so far.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) contacts: u64,
    pub(super) refused_acts: u64,
    pub(super) columns: BTreeMap<ClauseRef, Columns>,
}

impl Outcome {
    /// Counts a contact as it stands at the report's time.
    pub(super) fn count(&mut self, case: &Case, period: Period) {
        self.contacts += 1;
        count(case, period, &mut self.columns);
    }
}

/// How facts about other cases are answered.
pub(super) type Answers<'a> = dyn Fn(&FactQuery, Moment) -> Option<FieldValue> + 'a;

impl Course {
    /// Does again what was recorded; `false` where the changed pack refuses it.
    pub(super) fn again(&self, case: &mut Option<Case>, recorded: &Recorded, answers: &Answers<'_>) -> bool {
        let Some(command) = command(recorded, case.as_ref()) else {
            return true;
        };
        let actor = recorded.actor.map_or_else(Actor::default, |person| {
            self.organisation.picture.actor(person, recorded.happened)
        });
        let Some(events) = self.step(case.as_ref(), &command, &actor, recorded.happened, answers) else {
            return false;
        };
        apply(case, &events);
        true
    }

    /// Lets time pass until a moment.
    pub(super) fn wake(&self, case: &mut Option<Case>, at: Moment, answers: &Answers<'_>) {
        let engine = Actor::default();
        let events = self
            .step(case.as_ref(), &Command::Wake, &engine, at, answers)
            .unwrap_or_default();
        apply(case, &events);
    }

    fn step(
        &self,
        case: Option<&Case>,
        command: &Command,
        actor: &Actor,
        now: Moment,
        answers: &Answers<'_>,
    ) -> Option<Vec<Event>> {
        let setting = Setting {
            pack: &self.pack,
            organisation: &self.organisation,
            actor,
            now,
            seed: 0,
            mode: Mode::Historic,
        };
        let needed = needs(&setting, case, command);
        let mut facts = Facts::default();
        for query in &needed.facts {
            if let Some(value) = answers(query, now) {
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
}

fn apply(case: &mut Option<Case>, events: &[Event]) {
    for event in events {
        match case {
            Some(case) => case.apply(event),
            None => *case = Case::begun(event),
        }
    }
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
