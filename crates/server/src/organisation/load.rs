//! Reading the organisation from its tables.

use std::collections::HashMap;
use std::sync::Arc;

use calendar::{Calendar, Holidays, Moment};
use regulation::{Id, Pack};
use store::{Store, StoreError};

use super::{Held, Person, Picture, Unit};

const UNITS: &str = "SELECT id, parent, name, key, calendar, closed FROM units";
const PEOPLE: &str = "SELECT id, login, name, active, language, demo FROM people";
const HOLDINGS: &str =
    "SELECT person, function, unit, since, until, on_behalf_of FROM holdings ORDER BY person, no";
const CERTIFICATES: &str = "SELECT person, certificate, since, until FROM certificates";
const HOLIDAYS: &str = "SELECT facts FROM holidays ORDER BY year";

/// The organisation as its tables have it now, with the working time that each of these packs states.
pub async fn load(store: &Store, packs: &[Arc<Pack>]) -> Result<Picture, StoreError> {
    let mut units = HashMap::new();
    for row in store.query(UNITS, &[]).await? {
        let unit = Unit {
            id: Id(row.int(0)?),
            parent: row.opt_int(1)?.map(Id),
            name: row.text(2)?.to_owned(),
            key: row.text(3)?.to_owned(),
            calendar: row.text(4)?.to_owned(),
            closed: row.opt_int(5)?.map(Moment::from_millis),
        };
        units.insert(unit.id, unit);
    }
    let mut people = HashMap::new();
    for row in store.query(PEOPLE, &[]).await? {
        let person = Person {
            id: Id(row.int(0)?),
            login: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            active: row.flag(3)?,
            language: row.text(4)?.to_owned(),
            demo: row.flag(5)?,
            held: Vec::new(),
            certificates: Vec::new(),
        };
        people.insert(person.id, person);
    }
    for row in store.query(HOLDINGS, &[]).await? {
        if let Some(person) = people.get_mut(&Id(row.int(0)?)) {
            person.held.push(Held {
                function: row.text(1)?.to_owned(),
                unit: Id(row.int(2)?),
                since: Moment::from_millis(row.int(3)?),
                until: Moment::from_millis(row.int(4)?),
                on_behalf_of: row.opt_int(5)?.map(Id),
            });
        }
    }
    for row in store.query(CERTIFICATES, &[]).await? {
        if let Some(person) = people.get_mut(&Id(row.int(0)?)) {
            person.certificates.push((
                row.text(1)?.to_owned(),
                Moment::from_millis(row.int(2)?),
                Moment::from_millis(row.int(3)?),
            ));
        }
    }
    let mut holidays = Holidays::china();
    for row in store.query(HOLIDAYS, &[]).await? {
        let more = Holidays::parse_csv(row.text(0)?)
            .map_err(|error| StoreError::Damaged(format!("the holidays kept in the database: {error}")))?;
        holidays = Arc::new(holidays.with(&more));
    }
    let mut calendars = HashMap::new();
    for pack in packs {
        for (name, spec) in &pack.calendars {
            let calendar: Calendar = spec.build(&holidays).map_err(|error| {
                StoreError::Damaged(format!("calendar {name} of pack {}: {error}", pack.name))
            })?;
            calendars.insert((pack.hash.clone(), name.clone()), calendar);
        }
    }
    Ok(Picture {
        units,
        people,
        calendars,
        fallback: Calendar::default(),
    })
}
