//! The organisation at one moment, answering what decisions ask of it.

use std::collections::HashMap;
use std::sync::Arc;

use calendar::{Calendar, Moment};
use regulation::{Actor, Holding, Id, Organisation, Pack};

use super::separation::administers;

/// A unit of the organisation (部门).
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its id.
    pub id: Id,
    /// The unit above it.
    pub parent: Option<Id>,
    /// As people call it.
    pub name: String,
    /// ASCII key for imports.
    pub key: String,
    /// Which of a pack's calendars it keeps.
    pub calendar: String,
    /// Since when nothing new happens in it.
    pub closed: Option<Moment>,
}

/// A member of staff.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: Id,
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// May log in and be assigned.
    pub active: bool,
    /// `zh` or `en`.
    pub language: String,
    /// A demo log-in: answers on loopback only.
    pub demo: bool,
    /// Functions.
    pub held: Vec<Held>,
    /// Certificates with their dates.
    pub certificates: Vec<(String, Moment, Moment)>,
}

/// A function held in a unit.
#[derive(Clone, Debug)]
pub struct Held {
    /// The function's key.
    pub function: String,
    /// Where.
    pub unit: Id,
    /// From when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// For someone absent.
    pub on_behalf_of: Option<Id>,
}

/// The organisation at one moment.
#[derive(Debug, Default)]
pub struct Picture {
    /// Units by id.
    pub units: HashMap<Id, Unit>,
    /// People by id.
    pub people: HashMap<Id, Person>,
    /// Working time by pack hash and calendar name.
    pub calendars: HashMap<(Arc<str>, String), Calendar>,
    /// Where a pack names none.
    pub fallback: Calendar,
}

impl Picture {
    /// A person as an actor: the functions held at that time.
    pub fn actor(&self, person: Id, at: Moment) -> Actor {
        let Some(found) = self.people.get(&person).filter(|found| found.active) else {
            return Actor {
                person: Some(person),
                ..Actor::default()
            };
        };
        let holdings = found
            .held
            .iter()
            .filter(|held| held.since <= at && at < held.until)
            .map(|held| Holding {
                function: held.function.clone(),
                unit: held.unit,
                on_behalf_of: held.on_behalf_of,
            })
            .collect();
        let certificates = found
            .certificates
            .iter()
            .filter(|(_, since, until)| *since <= at && at < *until)
            .map(|(certificate, _, _)| certificate.clone())
            .collect();
        Actor {
            person: Some(person),
            holdings,
            certificates,
        }
    }

    /// A person's name, or nothing for the engine.
    pub fn person_name(&self, person: Option<Id>) -> Option<&str> {
        person
            .and_then(|id| self.people.get(&id))
            .map(|person| person.name.as_str())
    }

    /// A unit's name.
    pub fn unit_name(&self, unit: Id) -> &str {
        self.units.get(&unit).map_or("", |unit| unit.name.as_str())
    }

    /// The unit with this key.
    pub fn unit_by_key(&self, key: &str) -> Option<&Unit> {
        self.units.values().find(|unit| unit.key == key)
    }

    /// Whether a person's functions reach what lies in this unit at that time: the unit lies in the subtree of one of
    /// theirs. Administration gives no sight of cases and customers.
    pub fn reaches(&self, actor: &Actor, unit: Id) -> bool {
        actor
            .holdings
            .iter()
            .any(|holding| !administers(&holding.function) && self.within(unit, holding.unit))
    }
}

impl Organisation for Picture {
    fn within(&self, unit: Id, above: Id) -> bool {
        let mut at = Some(unit);
        // A tree is never deeper than it has units, so a circle made by a faulty import cannot hang a decision.
        for _ in 0..=self.units.len() {
            match at {
                Some(here) if here == above => return true,
                Some(here) => at = self.units.get(&here).and_then(|unit| unit.parent),
                None => return false,
            }
        }
        false
    }

    fn calendar(&self, pack: &Pack, unit: Option<Id>) -> &Calendar {
        let name = unit
            .and_then(|id| self.units.get(&id))
            .map_or("default", |unit| unit.calendar.as_str());
        let of = |name: &str| self.calendars.get(&(pack.hash.clone(), name.to_owned()));
        of(name).or_else(|| of("default")).unwrap_or(&self.fallback)
    }
}
