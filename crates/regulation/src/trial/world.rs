//! A small world in memory for a pack's own tests: units, people, working time, and all cases so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::{Calendar, Date, Holidays, Moment};

use crate::Id;
use crate::case::{Case, Change, Event, FieldValue};
use crate::decide::{
    Actor, Command, Decision, FactQuery, Facts, Mode, Organisation, Other, Refusal, Setting, decide, needs,
    refused_event,
};
use crate::model::{Among, CalendarSpec, Measure, Pack};

/// The unit that contains every other one.
pub(super) const COMPANY: &str = "company";

/// The seed of every draw in a test, so that it draws the same each time.
const SEED: u64 = 20_261_119;

/// Units as a tree, with the pack's calendar or one of their own.
pub(super) struct Units {
    pub calendar: Calendar,
    pub own: BTreeMap<Id, Calendar>,
    pub above: BTreeMap<Id, Id>,
    pub by_name: BTreeMap<String, Id>,
}

impl Organisation for Units {
    fn within(&self, unit: Id, above: Id) -> bool {
        let mut unit = Some(unit);
        while let Some(here) = unit {
            if here == above {
                return true;
            }
            unit = self.above.get(&here).copied();
        }
        false
    }

    fn calendar(&self, _: &Pack, unit: Option<Id>) -> &Calendar {
        let mut unit = unit;
        while let Some(here) = unit {
            if let Some(own) = self.own.get(&here) {
                return own;
            }
            unit = self.above.get(&here).copied();
        }
        &self.calendar
    }
}

/// Why something did not come about.
pub(super) enum No {
    /// The engine refused it.
    Refused(Box<Refusal>),
    /// A name that may be taken only once is taken; the name.
    Taken(String),
}

/// Everything there is.
pub(super) struct World {
    pub pack: Arc<Pack>,
    pub units: Units,
    pub people: BTreeMap<String, Id>,
    pub actors: BTreeMap<Id, Actor>,
    pub customers: BTreeMap<String, Id>,
    files: BTreeMap<String, Id>,
    /// What tests call their cases.
    pub names: BTreeMap<String, Id>,
    pub cases: BTreeMap<Id, Case>,
    /// In the order of opening.
    pub order: Vec<Id>,
    /// Who was told what since the last step, in words of the pack.
    pub told: Vec<String>,
    /// Cases whose contents were erased.
    erased: std::collections::BTreeSet<Id>,
    /// Messages told since the last step: key and Chinese text.
    pub messages: Vec<(String, String)>,
    claims: BTreeMap<(String, String), Id>,
    numbers: BTreeMap<String, i64>,
    ids: i64,
}

/// A calendar as a pack states it, with further days off (`false`) and worked (`true`).
///
/// # Errors
/// The calendar's own words for what is wrong.
pub(super) fn calendar_of(spec: &CalendarSpec, days: &BTreeMap<Date, bool>) -> Result<Calendar, String> {
    let mut holidays = if spec.public_holidays {
        (*Holidays::china()).clone()
    } else {
        Holidays::default()
    };
    if !days.is_empty() {
        let mut lines = String::from("date,kind,name\n");
        for (date, works) in days {
            lines.push_str(&format!("{date},{},test\n", if *works { "work" } else { "off" }));
        }
        holidays = holidays.with(&Holidays::parse_csv(&lines).map_err(|error| error.to_string())?);
    }
    let spec = CalendarSpec {
        public_holidays: spec.public_holidays || !days.is_empty(),
        ..spec.clone()
    };
    spec.build(&Arc::new(holidays)).map_err(|error| error.to_string())
}

impl World {
    /// A world with these units and people and no case yet.
    pub fn new(
        pack: Arc<Pack>,
        units: Units,
        people: BTreeMap<String, Id>,
        actors: BTreeMap<Id, Actor>,
        ids: i64,
    ) -> Self {
        World {
            pack,
            units,
            people,
            actors,
            customers: BTreeMap::new(),
            files: BTreeMap::new(),
            names: BTreeMap::new(),
            cases: BTreeMap::new(),
            order: Vec::new(),
            told: Vec::new(),
            messages: Vec::new(),
            erased: std::collections::BTreeSet::new(),
            claims: BTreeMap::new(),
            numbers: BTreeMap::new(),
            ids,
        }
    }

    /// A new id.
    pub fn id(&mut self) -> Id {
        self.ids += 1;
        Id(self.ids)
    }

    /// The customer of this name, known from now on.
    pub fn customer(&mut self, name: &str) -> Id {
        if let Some(known) = self.customers.get(name) {
            return *known;
        }
        let id = self.id();
        self.customers.insert(name.to_owned(), id);
        id
    }

    /// The case that a step calls so, or that has this number.
    pub fn case_called(&self, name: &str) -> Option<Id> {
        let numbered = || self.cases.values().find(|case| case.number == name);
        self.names.get(name).copied().or_else(|| Some(numbered()?.id))
    }

    /// The file of this name, kept from now on.
    pub fn file(&mut self, name: &str) -> Id {
        if let Some(known) = self.files.get(name) {
            return *known;
        }
        let id = self.id();
        self.files.insert(name.to_owned(), id);
        id
    }

    /// The name of a person, unit or customer; its number where nobody is called so.
    pub fn name_of(&self, id: Option<Id>) -> String {
        let Some(id) = id else { return "none".to_owned() };
        let all = self
            .people
            .iter()
            .chain(&self.units.by_name)
            .chain(&self.customers);
        all.into_iter()
            .find(|(_, known)| **known == id)
            .map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    /// Everything around a decision of this person, or of the engine.
    pub fn setting<'w>(&'w self, actor: &'w Actor, now: Moment) -> Setting<'w> {
        Setting {
            pack: &self.pack,
            organisation: &self.units,
            actor,
            now,
            seed: SEED,
            mode: Mode::Live,
        }
    }

    /// The person's functions and certificates; those of the engine for `None`.
    pub fn actor(&self, person: Option<Id>) -> Actor {
        person
            .and_then(|person| self.actors.get(&person))
            .cloned()
            .unwrap_or_default()
    }

    /// Decides and commits.
    pub fn command(
        &mut self,
        person: Option<Id>,
        case: Option<Id>,
        command: &Command,
        now: Moment,
    ) -> Result<(), No> {
        let actor = self.actor(person);
        let current = case.and_then(|case| self.cases.get(&case)).cloned();
        let needs = needs(&self.setting(&actor, now), current.as_ref(), command);
        let mut facts = Facts::default();
        for query in &needs.facts {
            facts
                .values
                .extend(self.answer(query).map(|value| (query.id.clone(), value)));
        }
        for need in &needs.numbers {
            let next = self.numbers.entry(need.series.clone()).or_insert(0);
            let numbers = facts.numbers.entry(need.series.clone()).or_default();
            for _ in 0..need.count {
                *next += 1;
                numbers.push(*next);
            }
        }
        facts.ids = (0..needs.ids).map(|_| self.id()).collect();
        // Cases that an answer names are as well known as those that the command itself speaks of.
        let listed = facts.values.values().filter_map(|value| match value {
            FieldValue::List(ids) => Some(ids.iter().filter_map(FieldValue::as_id)),
            _ => None,
        });
        let asked: Vec<Id> = needs.others.iter().copied().chain(listed.flatten()).collect();
        let known = asked.into_iter().filter(|id| !self.erased.contains(id));
        facts.others = known
            .filter_map(|id| Some((id, Other::of(self.cases.get(&id)?))))
            .collect();
        let decided = decide(&self.setting(&actor, now), current.as_ref(), &facts, command);
        match decided {
            Ok(decision) => self.commit(decision, case, now),
            Err(refusal) => {
                if let (Some(case), Command::Act { action, .. }) = (&current, command)
                    && let Some(event) = refused_event(&self.setting(&actor, now), case, action, &refusal)
                {
                    self.take(case.id, &[event]);
                }
                Err(No::Refused(Box::new(refusal)))
            }
        }
    }

    fn commit(&mut self, decision: Decision, case: Option<Id>, now: Moment) -> Result<(), No> {
        for released in &decision.releases {
            self.claims.remove(&(released.name.clone(), released.key.clone()));
        }
        for claim in &decision.claims {
            let key = (claim.name.clone(), claim.key.clone());
            if self.claims.get(&key).is_some_and(|holder| *holder != claim.case) {
                return Err(No::Taken(claim.name.clone()));
            }
        }
        for claim in decision.claims {
            self.claims.insert((claim.name, claim.key), claim.case);
        }
        if let Some(case) = case.or(decision.events.first().map(|event| event.case)) {
            self.take(case, &decision.events);
        }
        for (opened, events) in &decision.opened {
            self.take(*opened, events);
        }
        self.erased.extend(decision.erasures);
        for followup in decision.followups {
            let (other, told) = followup.command();
            // A case that has gone its way already takes no notice.
            let _ = self.command(None, Some(other), &told, now);
        }
        Ok(())
    }

    fn take(&mut self, id: Id, events: &[Event]) {
        for event in events {
            for change in &event.changes {
                if let Change::Told {
                    zh,
                    outgoing: Some(outgoing),
                    ..
                } = change
                    && let Some(message) = &outgoing.message
                {
                    self.messages.push((message.key.clone(), zh.clone()));
                }
                match change {
                    Change::Told { who, .. } | Change::LevelReached { tell: who, .. } => {
                        self.told.extend(who.iter().cloned())
                    }
                    _ => {}
                }
            }
            match self.cases.get_mut(&id) {
                Some(case) => case.apply(event),
                None => {
                    if let Some(case) = Case::begun(event) {
                        self.cases.insert(id, case);
                        self.order.push(id);
                    }
                }
            }
        }
    }

    /// Lets time pass: every case is woken at each of its times up to `now`, in order.
    pub fn wait(&mut self, now: Moment) -> Result<(), No> {
        // Each waking moves a case's next time on; the bound only guards the test against a case that does not.
        for _ in 0..10_000 {
            let due = self
                .cases
                .values()
                .filter_map(|case| Some((case.wakes_at()?, case.id)));
            let Some((at, id)) = due.filter(|(at, _)| *at <= now).min() else {
                return Ok(());
            };
            let before = self.cases.get(&id).map(|case| case.version);
            self.command(None, Some(id), &Command::Wake, at)?;
            if self.cases.get(&id).map(|case| case.version) == before {
                self.command(None, Some(id), &Command::Wake, at + 1)?;
                if self.cases.get(&id).map(|case| case.version) == before {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What a fact comes to over the cases so far.
    pub fn answer(&self, query: &FactQuery) -> Option<FieldValue> {
        let key = query.key.as_ref();
        let found: Vec<(&Case, Option<i64>)> = self
            .cases
            .values()
            .filter(|case| Some(case.id) != query.except && !case.void)
            .filter(|case| query.since.is_none_or(|since| case.received >= since))
            .filter(|case| match query.among {
                Among::All => true,
                Among::Open => case.ended.is_none(),
                Among::Ended => case.ended.is_some(),
            })
            .filter_map(|case| {
                let entry = case
                    .indexed
                    .iter()
                    .find(|(name, has, _)| **name == *query.index && Some(has) == key)?;
                Some((case, entry.2))
            })
            .collect();
        let count = |n: usize| Some(FieldValue::Number(n as i64));
        match query.measure {
            Measure::Count => count(found.len()),
            Measure::Cases => Some(FieldValue::List(
                found.iter().map(|(case, _)| case.id.into()).collect(),
            )),
            Measure::Customers => {
                let customers: std::collections::BTreeSet<Id> =
                    found.iter().filter_map(|(case, _)| case.customer).collect();
                count(customers.len())
            }
            Measure::Exists => Some(FieldValue::Flag(!found.is_empty())),
            Measure::Latest => found
                .iter()
                .map(|(case, _)| case.received)
                .max()
                .map(|at| FieldValue::Number(at.as_millis())),
            Measure::Sum(_) => Some(FieldValue::Number(
                found.iter().filter_map(|(_, amount)| *amount).sum(),
            )),
        }
    }
}
