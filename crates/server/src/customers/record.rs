//! A customer as one value, and the rows it stands in: both ways, pure.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use pinyin::ToPinyin;
use regulation::Id;
use store::{Row, StoreError, Value};

use super::phone::digits;
use crate::schema::{
    CUSTOMER_NUMBERS, CUSTOMER_PHONES, CUSTOMER_PLACES, CUSTOMER_PROFILES, CUSTOMER_RELATIONS,
    CUSTOMER_SERVICES, CUSTOMER_SOUNDS, CUSTOMER_TAGS, CUSTOMERS,
};

/// Everything known of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Name.
    pub name: String,
    /// Whether it is an organisation.
    pub organisation: bool,
    /// Where it was registered.
    pub unit: Option<Id>,
    /// By whom.
    pub registrar: Option<Id>,
    /// When.
    pub registered: Option<Moment>,
    /// The record that this one was merged into.
    pub merged_into: Option<Id>,
    /// Notes.
    pub notes: String,
    /// Needs.
    pub needs: String,
    /// Preferences.
    pub preferences: String,
    /// Numbers by their place in the record, which never changes.
    pub numbers: BTreeMap<i64, Number>,
    /// Premises.
    pub places: Vec<Place>,
    /// Who they are to others.
    pub relations: BTreeMap<(Id, String), String>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Purchases and services.
    pub services: Vec<Service>,
}

/// A number or an address of the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// `phone`, `email`, `wechat`, `other`.
    pub kind: String,
    /// Telephone numbers as digits, the others as typed.
    pub number: String,
    /// The extension behind it.
    pub extension: String,
    /// What the customer says of it.
    pub label: String,
}

/// Premises, as exactly as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Owned, rented, at work …
    pub label: String,
    /// The estate, mall, area.
    pub area: String,
    /// The building.
    pub building: String,
    /// The entrance or unit.
    pub unit: String,
    /// The room or shop.
    pub room: String,
    /// Whatever else, or all of it where nobody took it apart.
    pub text: String,
}

/// A purchase, or a service that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// `purchase` or `service`.
    pub kind: String,
    /// What.
    pub what: String,
    /// When bought, or since when.
    pub at: i64,
    /// Until when.
    pub until: Option<i64>,
    /// In fen.
    pub amount: Option<i64>,
    /// Note.
    pub note: String,
}

impl Place {
    /// On one line.
    pub fn line(&self) -> String {
        let parts = [&self.area, &self.building, &self.unit, &self.room, &self.text];
        parts
            .iter()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("")
    }

    /// Under which the same place is found however it is written: letters and digits, folded.
    pub fn key(&self) -> String {
        folded(&self.line())
    }
}

/// Letters and digits alone, half-width, lower case.
pub fn folded(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c => c,
        })
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// How a name sounds: syllables without tones, other letters as they are.
pub fn sound(name: &str) -> String {
    let mut sound = String::new();
    for letter in folded(name).chars() {
        match letter.to_pinyin() {
            Some(syllable) => {
                sound.push_str(syllable.plain());
                sound.push(' ');
            }
            None => sound.push(letter),
        }
    }
    sound.trim_end().to_owned()
}

impl Customer {
    /// Telephone numbers as digits, each once.
    pub fn phones(&self) -> BTreeSet<&str> {
        self.numbers
            .values()
            .filter(|number| number.kind == "phone" && !number.number.is_empty())
            .map(|number| number.number.as_str())
            .collect()
    }

    /// Takes a number in under the next free place; one that is there already is not doubled.
    pub fn add_number(&mut self, number: Number) {
        let number = Number {
            number: if number.kind == "phone" {
                digits(&number.number)
            } else {
                number.number.trim().to_owned()
            },
            ..number
        };
        let there = |known: &Number| {
            (&known.kind, &known.number, &known.extension)
                == (&number.kind, &number.number, &number.extension)
        };
        if number.number.is_empty() || self.numbers.values().any(there) {
            return;
        }
        let next = self.numbers.keys().next_back().map_or(1, |last| last + 1);
        self.numbers.insert(next, number);
    }

    /// The rows of the record.
    pub fn rows(&self, id: Id) -> Vec<Row> {
        let id: Value = id.0.into();
        let lines: Vec<String> = self.places.iter().map(Place::line).collect();
        let mut rows = vec![
            Row {
                table: &CUSTOMERS,
                values: vec![
                    id.clone(),
                    self.name.as_str().into(),
                    lines.join("\n").into(),
                    self.notes.as_str().into(),
                ],
            },
            Row {
                table: &CUSTOMER_PROFILES,
                values: vec![
                    id.clone(),
                    if self.organisation {
                        "organisation"
                    } else {
                        "person"
                    }
                    .into(),
                    self.unit.map(|unit| unit.0).into(),
                    self.registrar.map(|person| person.0).into(),
                    self.registered.map(|at| at.as_millis()).into(),
                    self.merged_into.map(|into| into.0).into(),
                    self.needs.as_str().into(),
                    self.preferences.as_str().into(),
                ],
            },
            Row {
                table: &CUSTOMER_SOUNDS,
                values: vec![id.clone(), sound(&self.name).into()],
            },
        ];
        let mut put = |table, values: Vec<Value>| {
            let values = std::iter::once(id.clone()).chain(values).collect();
            rows.push(Row { table, values });
        };
        for phone in self.phones() {
            put(&CUSTOMER_PHONES, vec![phone.into()]);
        }
        for (no, number) in &self.numbers {
            put(
                &CUSTOMER_NUMBERS,
                vec![
                    (*no).into(),
                    number.kind.as_str().into(),
                    number.number.as_str().into(),
                    number.extension.as_str().into(),
                    number.label.as_str().into(),
                ],
            );
        }
        for (no, place) in (1i64..).zip(&self.places) {
            put(
                &CUSTOMER_PLACES,
                vec![
                    no.into(),
                    place.label.as_str().into(),
                    place.area.as_str().into(),
                    place.building.as_str().into(),
                    place.unit.as_str().into(),
                    place.room.as_str().into(),
                    place.text.as_str().into(),
                    place.key().into(),
                ],
            );
        }
        for ((other, kind), note) in &self.relations {
            put(
                &CUSTOMER_RELATIONS,
                vec![other.0.into(), kind.as_str().into(), note.as_str().into()],
            );
        }
        for tag in &self.tags {
            put(&CUSTOMER_TAGS, vec![tag.as_str().into()]);
        }
        for (no, service) in (1i64..).zip(&self.services) {
            put(
                &CUSTOMER_SERVICES,
                vec![
                    no.into(),
                    service.kind.as_str().into(),
                    service.what.as_str().into(),
                    service.at.into(),
                    service.until.into(),
                    service.amount.into(),
                    service.note.as_str().into(),
                ],
            );
        }
        rows
    }

    /// The record that these rows are of; `None` when there is none. Rows of older records lack what came later: their
    /// numbers and premises are read from the two tables there were.
    pub fn of(rows: &[Row]) -> Result<Option<Customer>, StoreError> {
        let mut customer = Customer::default();
        let (mut found, mut premises, mut phones) = (false, String::new(), Vec::new());
        let mut places = BTreeMap::new();
        let mut services = BTreeMap::new();
        for row in rows {
            let cell = Cells(row);
            match row.table.name {
                "customers" => {
                    found = true;
                    customer.name = cell.text(1)?;
                    premises = cell.text(2)?;
                    customer.notes = cell.text(3)?;
                }
                "customer_profiles" => {
                    customer.organisation = cell.text(1)? == "organisation";
                    customer.unit = cell.maybe(2).map(Id);
                    customer.registrar = cell.maybe(3).map(Id);
                    customer.registered = cell.maybe(4).map(Moment::from_millis);
                    customer.merged_into = cell.maybe(5).map(Id);
                    customer.needs = cell.text(6)?;
                    customer.preferences = cell.text(7)?;
                }
                "customer_phones" => phones.push(cell.text(1)?),
                "customer_numbers" => {
                    let number = Number {
                        kind: cell.text(2)?,
                        number: cell.text(3)?,
                        extension: cell.text(4)?,
                        label: cell.text(5)?,
                    };
                    customer.numbers.insert(cell.int(1)?, number);
                }
                "customer_places" => {
                    let place = Place {
                        label: cell.text(2)?,
                        area: cell.text(3)?,
                        building: cell.text(4)?,
                        unit: cell.text(5)?,
                        room: cell.text(6)?,
                        text: cell.text(7)?,
                    };
                    places.insert(cell.int(1)?, place);
                }
                "customer_relations" => {
                    let key = (Id(cell.int(1)?), cell.text(2)?);
                    customer.relations.insert(key, cell.text(3)?);
                }
                "customer_tags" => {
                    customer.tags.insert(cell.text(1)?);
                }
                "customer_services" => {
                    let service = Service {
                        kind: cell.text(2)?,
                        what: cell.text(3)?,
                        at: cell.int(4)?,
                        until: cell.maybe(5),
                        amount: cell.maybe(6),
                        note: cell.text(7)?,
                    };
                    services.insert(cell.int(1)?, service);
                }
                _ => {}
            }
        }
        customer.services = services.into_values().collect();
        customer.places = places.into_values().collect();
        if customer.places.is_empty() {
            let line = |line: &str| Place {
                text: line.trim().to_owned(),
                ..Place::default()
            };
            let lines = premises.lines().filter(|line| !line.trim().is_empty());
            customer.places = lines.map(line).collect();
        }
        if customer.numbers.is_empty() {
            for phone in phones {
                customer.add_number(Number {
                    kind: "phone".to_owned(),
                    number: phone,
                    ..Number::default()
                });
            }
        }
        Ok(found.then_some(customer))
    }
}

struct Cells<'a>(&'a Row);

impl Cells<'_> {
    fn wrong(&self, place: usize) -> StoreError {
        StoreError::Damaged(format!(
            "column {place} of a row of {} is not what it should be",
            self.0.table.name
        ))
    }

    fn text(&self, place: usize) -> Result<String, StoreError> {
        let value = self.0.values.get(place).and_then(Value::as_text);
        value.map(str::to_owned).ok_or_else(|| self.wrong(place))
    }

    fn maybe(&self, place: usize) -> Option<i64> {
        self.0.values.get(place).and_then(Value::as_int)
    }

    fn int(&self, place: usize) -> Result<i64, StoreError> {
        self.maybe(place).ok_or_else(|| self.wrong(place))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn customer() -> impl Strategy<Value = Customer> {
        let number = ("phone|email|wechat", "[0-9]{3,11}", "[0-9]{0,4}", "[一-三]{0,3}").prop_map(
            |(kind, number, extension, label)| Number {
                kind,
                number,
                extension,
                label,
            },
        );
        let place = ("[a-c]{1,3}", "[0-9]{0,2}", "[0-9]{0,2}").prop_map(|(area, building, room)| Place {
            area,
            building,
            room,
            ..Place::default()
        });
        (
            "[一-四]{1,4}",
            any::<bool>(),
            proptest::option::of(1i64..9),
            proptest::collection::vec(number, 0..4),
            proptest::collection::vec(place, 0..3),
            proptest::collection::btree_set("[a-d]{1,2}", 0..3),
        )
            .prop_map(|(name, organisation, unit, numbers, places, tags)| {
                let mut customer = Customer {
                    name,
                    organisation,
                    unit: unit.map(Id),
                    registered: Some(Moment::from_millis(7)),
                    places,
                    tags,
                    relations: BTreeMap::from([((Id(5), "spouse".to_owned()), String::new())]),
                    services: vec![Service {
                        kind: "purchase".to_owned(),
                        what: "x".to_owned(),
                        amount: Some(3),
                        ..Service::default()
                    }],
                    ..Customer::default()
                };
                numbers.into_iter().for_each(|one| customer.add_number(one));
                customer
            })
    }

    proptest! {
        #[test]
        fn gen_12_a_record_is_what_its_rows_say(customer in customer()) {
            prop_assert_eq!(Customer::of(&customer.rows(Id(9))).unwrap(), Some(customer));
        }
    }

    #[test]
    fn gen_12_an_older_record_keeps_its_numbers_and_premises() {
        let rows = [
            Row {
                table: &CUSTOMERS,
                values: vec![9.into(), "王".into(), "3栋1201\n车位7".into(), "".into()],
            },
            Row {
                table: &CUSTOMER_PHONES,
                values: vec![9.into(), "13800006021".into()],
            },
        ];
        let customer = Customer::of(&rows).unwrap().unwrap();
        assert_eq!(customer.phones().into_iter().collect::<Vec<_>>(), ["13800006021"]);
        assert_eq!(
            customer.places.iter().map(Place::line).collect::<Vec<_>>(),
            ["3栋1201", "车位7"]
        );
    }

    #[test]
    fn names_that_sound_alike_have_one_sound() {
        assert_eq!(sound("沈立群"), sound("沈丽群"));
        assert_eq!(sound("沈立群"), "shen li qun");
        assert_ne!(sound("沈立群"), sound("陈立群"));
        assert_eq!(
            Place {
                area: "一期".into(),
                building: "９栋".into(),
                ..Place::default()
            }
            .key(),
            "一期9栋"
        );
    }
}
