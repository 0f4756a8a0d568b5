//! What changes often, by ordinal: status, units, people, procedure. Not indexed, so that a change costs a few bytes.

use std::collections::HashMap;
use std::hash::Hash;

/// What a record is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Gone, or not known yet.
    #[default]
    Nothing,
    /// A case.
    Case,
    /// A customer.
    Customer,
}

/// Stands for what is not there, and for what has no small number any more.
pub const NONE: u16 = u16::MAX;

/// One record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Not ended.
    pub open: bool,
    /// When the contact came, in seconds since 1970.
    pub received: u32,
    /// Responsible unit.
    pub unit: u16,
    /// Where it was received.
    pub owning_unit: u16,
    /// Handler, first-contact owner, registrar.
    pub people: [u16; 3],
    /// Procedure.
    pub procedure: u16,
    /// Channel.
    pub channel: u16,
}

/// Small numbers for values that repeat.
#[derive(Debug)]
pub struct Numbered<T> {
    numbers: HashMap<T, u16>,
    values: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered {
            numbers: HashMap::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Eq + Hash + Clone> Numbered<T> {
    /// The number of a value, given to it now if it has none.
    pub fn give(&mut self, value: T) -> u16 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = u16::try_from(self.values.len()).unwrap_or(NONE);
        if number == NONE {
            return NONE;
        }
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    /// The number of a value; [`NONE`] where it has none.
    pub fn find(&self, value: &T) -> u16 {
        self.numbers.get(value).copied().unwrap_or(NONE)
    }

    /// The values in the order of their numbers.
    pub fn values(&self) -> &[T] {
        &self.values
    }
}

/// All records.
#[derive(Debug, Default)]
pub struct Columns {
    rows: Vec<Row>,
    /// Units by id.
    pub units: Numbered<i64>,
    /// People by id.
    pub people: Numbered<i64>,
    /// Procedures and channels by key.
    pub words: Numbered<String>,
}

impl Columns {
    /// A record; [`Kind::Nothing`] where nothing is known.
    #[inline]
    pub fn row(&self, ordinal: u32) -> Row {
        self.rows.get(ordinal as usize).copied().unwrap_or_default()
    }

    /// Sets a record.
    pub fn set(&mut self, ordinal: u32, row: Row) {
        let at = ordinal as usize;
        if self.rows.len() <= at {
            self.rows.resize(at + 1, Row::default());
        }
        if let Some(place) = self.rows.get_mut(at) {
            *place = row;
        }
    }

    /// A case's row from the values of its table.
    pub fn case(&mut self, case: &CaseValues<'_>) -> Row {
        let mut person = |id: Option<i64>| id.map_or(NONE, |id| self.people.give(id));
        let people = [
            person(case.people[0]),
            person(case.people[1]),
            person(case.people[2]),
        ];
        Row {
            kind: Kind::Case,
            open: case.open,
            received: seconds(case.received),
            unit: self.units.give(case.unit),
            owning_unit: self.units.give(case.owning_unit),
            people,
            procedure: self.words.give(case.procedure.to_owned()),
            channel: self.words.give(case.channel.to_owned()),
        }
    }
}

/// Milliseconds as the seconds that a row keeps.
pub fn seconds(ms: i64) -> u32 {
    u32::try_from(ms.div_euclid(1000).max(0)).unwrap_or(u32::MAX)
}

/// What of a case stands in its row.
#[derive(Clone, Copy, Debug)]
pub struct CaseValues<'a> {
    /// Not ended.
    pub open: bool,
    /// When the contact came.
    pub received: i64,
    /// Responsible unit.
    pub unit: i64,
    /// Where it was received.
    pub owning_unit: i64,
    /// Handler, first-contact owner, registrar.
    pub people: [Option<i64>; 3],
    /// Procedure.
    pub procedure: &'a str,
    /// Channel.
    pub channel: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_number_and_too_many_have_none() {
        let mut numbered = Numbered::default();
        for value in 0..70_000i64 {
            numbered.give(value);
        }
        assert_eq!(
            (numbered.give(3), numbered.find(&65_534), numbered.find(&69_999)),
            (3, 65_534, NONE)
        );
    }
}
