//! Units and people of another branch: a case stays where its regulation is in force.
//!
//! Several regulations may be in force in one company, each in a unit with all below it. A case is decided by one of
//! them, so it is passed only to units within the unit where that one is in force, and to people who hold a function
//! there, or above it.

use calendar::Moment;
use regulation::model::{Field, FieldKind};
use regulation::{FieldValue, Fields, Id, Organisation, Said};

use crate::centre::Surroundings;
use crate::http::{Answer, Problem};
use crate::organisation::Picture;

/// The unit where a case of this pack belongs: the nearest one, at or above where it was received, in which the pack is in
/// force; the whole company where it is in force no longer.
fn home(around: &Surroundings, pack: &str, owning_unit: Id) -> Id {
    let units = &around.picture.units;
    let mut here = owning_unit;
    for _ in 0..=units.len() {
        let in_force = around.packs.in_force();
        if in_force.iter().any(|one| one.name == pack && one.unit == here) {
            break;
        }
        match units.get(&here).and_then(|unit| unit.parent) {
            Some(parent) => here = parent,
            None => break,
        }
    }
    here
}

/// Whether a person has anything to do with cases of this branch now: holds a function in it, or above it.
fn works_for(picture: &Picture, home: Id, person: Id, now: Moment) -> bool {
    let actor = picture.actor(person, now);
    actor
        .holdings
        .iter()
        .any(|held| picture.within(held.unit, home) || picture.within(home, held.unit))
}

/// Refuses units and people outside the branch to which a case of this pack belongs, also in rows.
pub(in crate::cases) fn check(
    around: &Surroundings,
    (pack, owning_unit): (&str, Id),
    (fields, input): (&[Field], &Fields),
    now: Moment,
) -> Answer<()> {
    let home = home(around, pack, owning_unit);
    let mut problems = Vec::new();
    outside(around, home, (fields, input), "", now, &mut problems);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::input(problems))
    }
}

fn outside(
    around: &Surroundings,
    home: Id,
    (fields, input): (&[Field], &Fields),
    path: &str,
    now: Moment,
    problems: &mut Vec<(String, Said)>,
) {
    let picture = &around.picture;
    for field in fields {
        let Some(value) = input.get(&field.key) else {
            continue;
        };
        let fits = match (&field.kind, value.as_id()) {
            // What is not there at all is told as such elsewhere.
            (FieldKind::Unit, Some(unit)) => !picture.units.contains_key(&unit) || picture.within(unit, home),
            (FieldKind::Person, Some(person)) => {
                !picture.people.contains_key(&person) || works_for(picture, home, person, now)
            }
            _ => true,
        };
        let all_fit = match (&field.kind, value) {
            (FieldKind::People, FieldValue::List(people)) => people
                .iter()
                .filter_map(FieldValue::as_id)
                .all(|person| !picture.people.contains_key(&person) || works_for(picture, home, person, now)),
            _ => true,
        };
        if !fits || !all_fit {
            let branch = picture.unit_name(home);
            problems.push((
                format!("{path}{}", field.key),
                Said::new(
                    format!("“{}”不属于{branch}。本事项所依规程只在{branch}及其下属部门施行，请在其中选择", field.title.zh),
                    format!(
                        "\"{}\" does not belong to {branch}. The regulation of this case is in force there only; choose from it",
                        field.title.en
                    ),
                ),
            ));
        }
        if let (FieldKind::Rows(columns), FieldValue::List(rows)) = (&field.kind, value) {
            for (index, row) in rows.iter().enumerate() {
                if let FieldValue::Row(cells) = row {
                    let path = format!("{path}{}[{index}].", field.key);
                    outside(around, home, (columns, cells), &path, now, problems);
                }
            }
        }
    }
}
