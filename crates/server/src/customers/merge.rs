//! Two records made one, side by side, with a choice per field: what the merged record is. Pure.

use regulation::Id;
use serde::Deserialize;
use utoipa::ToSchema;

use super::record::{Customer, Place};
use super::relation;

/// Whose value is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The record's that is kept.
    Kept,
    /// The other one's.
    Other,
    /// Both: texts one after the other, lists together.
    #[default]
    Both,
}

/// Choices, field by field. A name or kind of `both` is the kept record's.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// Name.
    #[serde(default)]
    pub name: Side,
    /// Person or organisation.
    #[serde(default)]
    pub kind: Side,
    /// Numbers.
    #[serde(default)]
    pub numbers: Side,
    /// Premises.
    #[serde(default)]
    pub places: Side,
    /// Tags.
    #[serde(default)]
    pub tags: Side,
    /// Needs.
    #[serde(default)]
    pub needs: Side,
    /// Preferences.
    #[serde(default)]
    pub preferences: Side,
    /// Notes.
    #[serde(default)]
    pub notes: Side,
    /// Purchases and services.
    #[serde(default)]
    pub services: Side,
}

fn texts(side: Side, kept: &str, other: &str) -> String {
    match side {
        Side::Kept => kept.to_owned(),
        Side::Other => other.to_owned(),
        Side::Both if kept.is_empty() || kept == other => other.to_owned(),
        Side::Both if other.is_empty() => kept.to_owned(),
        Side::Both => format!("{kept}\n{other}"),
    }
}

/// The record that is left. Relations of both sides stay, but for those between the two.
pub fn merged(kept: (Id, &Customer), other: (Id, &Customer), choices: &Choices) -> Customer {
    let ((kept_id, kept), (other_id, other)) = (kept, other);
    let mut one = kept.clone();
    if choices.name == Side::Other {
        one.name.clone_from(&other.name);
    }
    if choices.kind == Side::Other {
        one.organisation = other.organisation;
    }
    match choices.numbers {
        Side::Kept => {}
        // Places of the kept record are not given to other numbers.
        Side::Other => {
            let last = one.numbers.keys().next_back().copied().unwrap_or(0);
            one.numbers = (last + 1..).zip(other.numbers.values().cloned()).collect();
        }
        Side::Both => other
            .numbers
            .values()
            .for_each(|number| one.add_number(number.clone())),
    }
    match choices.places {
        Side::Kept => {}
        Side::Other => one.places.clone_from(&other.places),
        Side::Both => {
            for place in &other.places {
                if !one.places.iter().any(|known: &Place| known.key() == place.key()) {
                    one.places.push(place.clone());
                }
            }
        }
    }
    match choices.tags {
        Side::Kept => {}
        Side::Other => one.tags.clone_from(&other.tags),
        Side::Both => one.tags.extend(other.tags.iter().cloned()),
    }
    match choices.services {
        Side::Kept => {}
        Side::Other => one.services.clone_from(&other.services),
        Side::Both => {
            for service in &other.services {
                if !one.services.contains(service) {
                    one.services.push(service.clone());
                }
            }
        }
    }
    one.needs = texts(choices.needs, &kept.needs, &other.needs);
    one.preferences = texts(choices.preferences, &kept.preferences, &other.preferences);
    one.notes = texts(choices.notes, &kept.notes, &other.notes);
    for (key, note) in &other.relations {
        one.relations.entry(key.clone()).or_insert_with(|| note.clone());
    }
    one.relations
        .retain(|(related, _), _| *related != kept_id && *related != other_id);
    one
}

/// Notes on both records that a person said they are two customers.
pub fn apart(customer: &mut Customer, other: Id, reason: &str) {
    customer
        .relations
        .insert((other, relation::APART.to_owned()), reason.to_owned());
}

/// Whether a person said so.
pub fn is_apart(customer: &Customer, other: Id) -> bool {
    customer
        .relations
        .contains_key(&(other, relation::APART.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::record::Number;
    use super::*;

    fn customer(name: &str, phones: &[&str], tags: &[&str]) -> Customer {
        let mut customer = Customer {
            name: name.to_owned(),
            notes: name.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Customer::default()
        };
        for phone in phones {
            customer.add_number(Number {
                kind: "phone".to_owned(),
                number: (*phone).to_owned(),
                ..Number::default()
            });
        }
        customer
    }

    #[test]
    fn gen_12_each_field_is_merged_as_chosen() {
        let kept = customer("沈立群", &["139", "155"], &["投资户"]);
        let mut other = customer("沈先生", &["139", "186"], &["微信为主"]);
        other
            .relations
            .insert((Id(1), "spouse".to_owned()), String::new());
        other.relations.insert((Id(3), "child".to_owned()), String::new());
        let both = merged((Id(1), &kept), (Id(2), &other), &Choices::default());
        assert_eq!(both.name, "沈立群");
        assert_eq!(both.phones(), BTreeSet::from(["139", "155", "186"]));
        assert_eq!(both.notes, "沈立群\n沈先生");
        assert_eq!(both.tags.len(), 2);
        assert_eq!(
            both.relations.keys().map(|(id, _)| *id).collect::<Vec<_>>(),
            [Id(3)]
        );
        let choices = Choices {
            name: Side::Other,
            numbers: Side::Other,
            notes: Side::Kept,
            tags: Side::Kept,
            ..Choices::default()
        };
        let chosen = merged((Id(1), &kept), (Id(2), &other), &choices);
        assert_eq!(chosen.name, "沈先生");
        assert_eq!(chosen.phones(), BTreeSet::from(["139", "186"]));
        assert_eq!(chosen.notes, "沈立群");
        assert_eq!(chosen.tags.len(), 1);
    }
}
