//! What a test is given: units, people, days off.

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::{Calendar, Date};

use super::world::{COMPANY, Units, World, calendar_of};
use crate::Id;
use crate::decide::{Actor, Holding};
use crate::load::field::text;
use crate::load::outline::entries;
use crate::model::Pack;
use crate::source::{Mistakes, Node};

/// Units, people and days.
pub(super) fn given(pack: &Arc<Pack>, node: Option<&Node>, mistakes: &Mistakes) -> Option<World> {
    let nothing = Node::empty_map(crate::source::Place::start_of("tests"));
    let node = node.unwrap_or(&nothing);
    let days: BTreeMap<Date, bool> = entries(node, "holidays")
        .iter()
        .filter_map(|(key, node)| match key.text.parse() {
            Ok(date) => Some((date, node.as_text() == Some("work"))),
            Err(_) => {
                let remedy = ("写作 2026-11-19", "Write 2026-11-19");
                mistakes.note(
                    &key.place,
                    "word.wrong",
                    (
                        format!("“{}”不是日期", key.text),
                        format!("\"{}\" is not a date", key.text),
                    ),
                    remedy,
                );
                None
            }
        })
        .collect();
    let calendar = |name: &str, place: &Node| -> Option<Calendar> {
        let Some(spec) = pack.calendars.get(name) else {
            mistakes.unknown(
                &place.place,
                "calendar.unknown",
                name,
                pack.calendars.keys().map(String::as_str),
            );
            return None;
        };
        let built = calendar_of(spec, &days);
        built
            .map_err(|why| {
                mistakes.note(
                    &place.place,
                    "calendar.wrong",
                    (why.clone(), why),
                    ("请修改工作时间", "Mend the calendar"),
                )
            })
            .ok()
    };
    let mut units = Units {
        calendar: calendar("default", node)?,
        own: BTreeMap::new(),
        above: BTreeMap::new(),
        by_name: BTreeMap::new(),
    };
    let mut ids = 0;
    let mut next = || {
        ids += 1;
        Id(ids)
    };
    units.by_name.insert(COMPANY.to_owned(), next());
    for (key, _) in entries(node, "units") {
        units.by_name.entry(key.text.clone()).or_insert_with(&mut next);
    }
    for (key, unit) in entries(node, "units") {
        let above = text(unit, "within").unwrap_or(COMPANY);
        let (Some(id), Some(above)) = (units.by_name.get(&key.text), units.by_name.get(above)) else {
            mistakes.unknown(
                &unit.place,
                "unit.unknown",
                above,
                units.by_name.keys().map(String::as_str),
            );
            continue;
        };
        if id != above {
            units.above.insert(*id, *above);
        }
        if let Some(named) = unit.get("calendar") {
            let own = calendar(named.as_text().unwrap_or_default(), named)?;
            units.own.insert(*id, own);
        }
    }
    let mut people = BTreeMap::new();
    let listed: Vec<_> = entries(node, "people")
        .iter()
        .map(|(key, node)| (key.text.clone(), node, next()))
        .collect();
    for (name, _, id) in &listed {
        people.insert(name.clone(), *id);
    }
    let mut actors = BTreeMap::new();
    for (_, node, id) in listed {
        actors.insert(id, actor(pack, node, id, &units, &people, mistakes));
    }
    Some(World::new(Arc::clone(pack), units, people, actors, ids))
}

/// Functions held: `agent: service`, `general_manager: company for wang`, `certified: [invoice]`.
fn actor(
    pack: &Pack,
    node: &Node,
    id: Id,
    units: &Units,
    people: &BTreeMap<String, Id>,
    mistakes: &Mistakes,
) -> Actor {
    let mut actor = Actor {
        person: Some(id),
        ..Actor::default()
    };
    for (key, node) in node.entries(mistakes) {
        for place in node.one_or_many() {
            let Some(words) = place.as_text() else { continue };
            if key.text == "certified" {
                actor.certificates.push(words.to_owned());
                continue;
            }
            if !pack.functions.contains_key(&key.text) {
                mistakes.unknown(
                    &key.place,
                    "function.unknown",
                    &key.text,
                    pack.functions.keys().map(String::as_str),
                );
                continue;
            }
            let (unit, absent) = words
                .split_once(" for ")
                .map_or((words, None), |(unit, absent)| (unit, Some(absent)));
            let Some(unit) = units.by_name.get(unit.trim()) else {
                mistakes.unknown(
                    &place.place,
                    "unit.unknown",
                    unit,
                    units.by_name.keys().map(String::as_str),
                );
                continue;
            };
            if let Some(absent) = absent
                && !people.contains_key(absent)
            {
                mistakes.unknown(
                    &place.place,
                    "person.unknown",
                    absent,
                    people.keys().map(String::as_str),
                );
            }
            actor.holdings.push(Holding {
                function: key.text.clone(),
                unit: *unit,
                on_behalf_of: absent.and_then(|absent| people.get(absent)).copied(),
            });
        }
    }
    actor
}
