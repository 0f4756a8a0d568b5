//! Who may count what: one closure over the columns, the same for every hit and every total.

use regulation::{Actor, Id};

use super::columns::{Columns, Kind, NONE, Row, seconds};
use crate::organisation::Picture;

/// What restricts a search besides its words.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only cases, or only customers.
    pub kind: Option<Kind>,
    /// Only open cases, or only ended ones.
    pub open: Option<bool>,
    /// Only of this procedure.
    pub procedure: Option<String>,
    /// Only of this unit.
    pub unit: Option<Id>,
    /// Only on this channel.
    pub channel: Option<String>,
    /// Only received from then on.
    pub from: Option<i64>,
    /// Only received before.
    pub to: Option<i64>,
}

impl Filter {
    /// Whether it asks what only cases have.
    fn of_cases(&self) -> bool {
        self.open.is_some()
            || self.procedure.is_some()
            || self.unit.is_some()
            || self.channel.is_some()
            || self.from.is_some()
            || self.to.is_some()
    }
}

/// A filter and a person's reach, looked up once for a search.
pub struct Reach {
    /// By the number of a unit: whether the person's functions reach it.
    units: Vec<bool>,
    person: u16,
    kind: Option<Kind>,
    open: Option<bool>,
    procedure: Option<u16>,
    unit: Option<u16>,
    channel: Option<u16>,
    received: Option<(u32, u32)>,
}

impl Reach {
    /// What this person may see of what the filter lets through.
    pub fn new(columns: &Columns, picture: &Picture, actor: &Actor, filter: &Filter) -> Self {
        let units = columns.units.values();
        // What has no number matches nothing, so a filter by something unknown finds nothing.
        Reach {
            units: units
                .iter()
                .map(|unit| picture.reaches(actor, Id(*unit)))
                .collect(),
            person: actor.person.map_or(NONE, |person| columns.people.find(&person.0)),
            kind: if filter.of_cases() {
                Some(Kind::Case)
            } else {
                filter.kind
            },
            open: filter.open,
            procedure: filter.procedure.as_ref().map(|key| columns.words.find(key)),
            unit: filter.unit.map(|unit| columns.units.find(&unit.0)),
            channel: filter.channel.as_ref().map(|key| columns.words.find(key)),
            received: (filter.from.is_some() || filter.to.is_some()).then(|| {
                (
                    filter.from.map_or(0, seconds),
                    filter.to.map_or(u32::MAX, |to| seconds(to.saturating_add(999))),
                )
            }),
        }
    }

    /// Whether this record counts.
    #[inline]
    pub fn lets(&self, row: &Row) -> bool {
        let fits =
            |wanted: Option<u16>, value: u16| wanted.is_none_or(|wanted| wanted != NONE && wanted == value);
        match row.kind {
            Kind::Nothing => false,
            // A customer's masked record may be seen by whoever may log in, as in their list.
            Kind::Customer => self.kind != Some(Kind::Case),
            Kind::Case => {
                self.kind != Some(Kind::Customer)
                    && self.open.is_none_or(|open| open == row.open)
                    && fits(self.procedure, row.procedure)
                    && fits(self.unit, row.unit)
                    && fits(self.channel, row.channel)
                    && self
                        .received
                        .is_none_or(|(from, to)| row.received >= from && row.received < to)
                    && self.sees(row)
            }
        }
    }

    /// The rule of a case's page: in a unit of theirs, or theirs.
    #[inline]
    fn sees(&self, row: &Row) -> bool {
        let reached = |unit: u16| self.units.get(unit as usize).copied().unwrap_or(false);
        reached(row.unit)
            || reached(row.owning_unit)
            || (self.person != NONE && row.people.contains(&self.person))
    }
}
