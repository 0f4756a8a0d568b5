//! What every step of the demo's simulated time reads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use calendar::{Calendar, Moment};
use regulation::{Actor, FieldValue, Id, Organisation, Pack};

use super::chance::Chance;
use super::plan::HOUR;
use crate::centre::{Centre, Surroundings};

/// A customer of the demo.
#[derive(Clone, Debug)]
pub(super) struct Patron {
    pub id: Id,
    pub name: String,
    pub phone: String,
    pub area: &'static str,
    pub room: String,
}

/// The demo centre, as it stands while its cases run.
pub(super) struct World {
    pub centre: Arc<Centre>,
    pub around: Surroundings,
    pub units: BTreeMap<&'static str, Id>,
    pub staff: Vec<(&'static str, Id)>,
    pub patrons: Vec<Patron>,
    /// Entries of the phone book of outside bodies, as cases keep them.
    pub phone_book: Vec<FieldValue>,
    pub now: Moment,
    /// Complaints that have ended, in their order.
    pub ended: Mutex<Vec<Id>>,
}

impl World {
    pub fn person(&self, login: &str) -> Option<Id> {
        self.staff
            .iter()
            .find(|(known, _)| *known == login)
            .map(|(_, id)| *id)
    }

    pub fn unit(&self, key: &str) -> Option<Id> {
        self.units.get(key).copied()
    }

    /// The pack in force for a unit.
    pub fn pack(&self, unit: &str) -> Option<Arc<Pack>> {
        let unit = self.unit(unit)?;
        self.around
            .packs
            .all_for(&self.around.picture, unit)
            .into_iter()
            .next()
    }

    pub fn calendar(&self, pack: &Pack, unit: Id) -> &Calendar {
        self.around.picture.calendar(pack, Some(unit))
    }

    pub fn actor(&self, person: Id, at: Moment) -> Actor {
        self.around.picture.actor(person, at)
    }

    /// Those who hold something in a unit or below it.
    pub fn members(&self, unit: Id) -> Vec<Id> {
        let inside = |id: &Id| {
            let held = self
                .around
                .picture
                .people
                .get(id)
                .map_or(&[][..], |person| person.held.as_slice());
            held.iter()
                .any(|held| self.around.picture.within(held.unit, unit))
        };
        self.staff.iter().map(|(_, id)| *id).filter(inside).collect()
    }

    /// A complaint that ended lately.
    pub fn ended_lately(&self, chance: &mut Chance) -> Option<Id> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = ended.get(ended.len().saturating_sub(30)..).unwrap_or_default();
        chance.pick(lately).copied()
    }

    /// People do not act at night: the same act soon after the next opening.
    pub fn in_hours(&self, pack: &Pack, unit: Id, at: Moment, chance: &mut Chance) -> Moment {
        let calendar = self.calendar(pack, unit);
        if calendar.is_open(at) || chance.percent(6) {
            return at;
        }
        calendar.next_opening(at).plus(chance.between(HOUR / 30, HOUR))
    }
}
