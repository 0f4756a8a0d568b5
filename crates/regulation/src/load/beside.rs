//! What stands beside the procedures: clauses, functions, calendars, phrases, figures, the document's parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::{Calendar, DayEnd, Lang, OnHoliday, Weekday, WeeklyHours};

use super::action::many;
use super::field::{flag, said, said_of, text};
use super::gather::{SourcePack, Sources};
use super::here::{Here, Reading};
use super::outline::{entries, intake};
use super::statements::{Stated, Statements};
use super::words::RELATIONS;
use crate::model::{
    CalendarSpec, Clause, ClauseRef, ControlledDocument, Figure, Form, Function, PhraseGroup,
};
use crate::source::{Key, Mistakes, Node, Said};

/// Characters of a clause that stand for its title where none is given.
const SHORT: usize = 16;

/// Clauses of this pack and of the used ones, in printed order, users before used.
pub(crate) fn clauses(sources: &Sources, reading: &Reading<'_>) -> Vec<Clause> {
    let mut all = Vec::new();
    let kept = kept_by_people(reading);
    for pack in &sources.packs {
        for (id, number, sentence, _) in pack.text.clauses() {
            let stated = reading
                .all
                .clauses
                .iter()
                .find(|stated| stated.pack.name == pack.name && stated.key == id);
            let title = stated
                .filter(|stated| stated.node.get("title").is_some())
                .map(|stated| said(stated.node, "title"));
            let kept = kept
                .iter()
                .find(|(clause, _)| clause.pack == pack.name && &*clause.clause == id);
            all.push(Clause {
                id: ClauseRef {
                    pack: pack.name.clone(),
                    clause: id.into(),
                },
                number: number.to_owned(),
                title: title.unwrap_or_else(|| first_words(number, sentence)),
                text: sentence.to_owned(),
                kept_by_people: kept.map(|(_, node)| text(node, "inspection").map(str::to_owned)),
                rules: stated
                    .map(|stated| {
                        many(stated.node, "rules")
                            .filter_map(|node| node.as_text().map(str::to_owned))
                            .collect()
                    })
                    .unwrap_or_default(),
            });
        }
    }
    all
}

/// A clause without a title is named by its first words; in English, where the pack has only its own language, by its
/// number.
fn first_words(number: &str, sentence: &str) -> Said {
    let stop = |c: char| "，。；：、,;:\n".contains(c);
    let first: String = sentence
        .split(stop)
        .next()
        .unwrap_or_default()
        .chars()
        .take(SHORT)
        .collect();
    let english = format!("Clause {number}");
    Said::new(
        if first.is_empty() {
            number.to_owned()
        } else {
            first
        },
        english,
    )
}

/// Clauses declared kept by people; notes titles and keepers of clauses that are not there, and clauses kept twice.
fn kept_by_people<'a>(reading: &Reading<'a>) -> Vec<(ClauseRef, &'a Node)> {
    for stated in &reading.all.clauses {
        let ids = &reading.clauses[&stated.pack.name];
        if !ids.contains(stated.key) {
            reading.mistakes.unknown(
                stated.place,
                "clause.unknown",
                stated.key,
                ids.iter().map(String::as_str),
            );
        }
    }
    let mut kept: Vec<(ClauseRef, &Node)> = Vec::new();
    for (pack, node) in &reading.all.kept {
        let here = Here::beside(reading, pack);
        if let Some(form) = node.get("inspection") {
            here.known_form(form.as_text().unwrap_or_default(), &form.place);
        }
        let Some(clause) = here.clause(node, "clause") else {
            continue;
        };
        if let Some((_, before)) = kept.iter().find(|(known, _)| *known == clause) {
            reading.mistakes.note(
                &node.place,
                "name.twice",
                (
                    format!("条款 {} 已在 {} 声明由人遵守", clause.clause, before.place),
                    format!(
                        "Clause {} is already declared kept by people at {}",
                        clause.clause, before.place
                    ),
                ),
                ("请删去其中一处", "Take one of them away"),
            );
        }
        kept.push((clause, node));
    }
    kept
}

/// Functions by key.
pub(crate) fn functions(all: &Statements<'_>, mistakes: &Mistakes) -> BTreeMap<String, Function> {
    let mut functions = BTreeMap::new();
    for Stated { key, node, place, .. } in &all.functions {
        if RELATIONS.contains(key) {
            mistakes.note(
                place,
                "function.taken",
                (
                    format!("“{key}”已有别的含义，不能作职能名"),
                    format!("\"{key}\" already means something else; no function can be called so"),
                ),
                ("请改用别的代号", "Give the function another key"),
            );
        }
        let function = Function {
            key: (*key).to_owned(),
            title: said(node, "title"),
            rank: text(node, "rank").and_then(|text| text.parse().ok()).unwrap_or(0),
            // A function without a ladder stands on one of its own.
            ladder: text(node, "ladder").unwrap_or(key).to_owned(),
            reads_only: flag(node, "reads_only", false),
        };
        functions.insert(function.key.clone(), function);
    }
    functions
}

/// Calendars by name; a pack that states none has the default one.
pub(crate) fn calendars(all: &Statements<'_>, mistakes: &Mistakes) -> BTreeMap<String, CalendarSpec> {
    let mut calendars = BTreeMap::new();
    for stated in &all.calendars {
        calendars.insert(stated.key.to_owned(), calendar_spec(stated.node, mistakes));
    }
    calendars
        .entry("default".to_owned())
        .or_insert_with(|| CalendarSpec {
            zone: "Asia/Shanghai".to_owned(),
            public_holidays: false,
            day_ends: DayEnd::default(),
            on_holiday: OnHoliday::default(),
            hours: Vec::new(),
            workdays: Vec::new(),
        });
    calendars
}

fn calendar_spec(node: &Node, mistakes: &Mistakes) -> CalendarSpec {
    let hours: Vec<(String, String)> = entries(node, "hours")
        .iter()
        .filter_map(|(days, spans)| Some((days.text.clone(), spans.as_text()?.to_owned())))
        .collect();
    let wrong = |node: &Node, zh: &str, en: &str| {
        let remedy = (
            "写法：mon-fri: \"08:30-12:00, 13:30-18:00\"",
            "Write for instance `mon-fri: \"08:30-12:00, 13:30-18:00\"`",
        );
        mistakes.note(&node.place, "calendar.hours", (zh, en), remedy);
    };
    if let Some(stated) = node.get("hours")
        && let Err(error) =
            WeeklyHours::parse(hours.iter().map(|(days, spans)| (days.as_str(), spans.as_str())))
    {
        wrong(stated, error.text(Lang::Zh), error.text(Lang::En));
    }
    let workdays: Vec<String> = many(node, "workdays")
        .filter_map(|node| Some(node.as_text()?.to_owned()))
        .collect();
    for day in many(node, "workdays") {
        if let Err(error) = Weekday::parse_set(day.as_text().unwrap_or_default()) {
            wrong(day, error.text(Lang::Zh), error.text(Lang::En));
        }
    }
    let zone = text(node, "zone").unwrap_or("Asia/Shanghai").to_owned();
    if let Some(stated) = node.get("zone")
        && let Err(error) = Calendar::builder().zone_name(zone.as_str()).build()
    {
        mistakes.note(
            &stated.place,
            "calendar.zone",
            (error.text(Lang::Zh), error.text(Lang::En)),
            (
                "写 IANA 时区名，如 Asia/Shanghai",
                "Write the IANA name of a zone, such as Asia/Shanghai",
            ),
        );
    }
    CalendarSpec {
        zone,
        public_holidays: text(node, "public_holidays") == Some("CN"),
        day_ends: text(node, "day_ends")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        on_holiday: text(node, "on_holiday")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        hours,
        workdays,
    }
}

/// Phrases.
pub(crate) fn phrases(reading: &Reading<'_>) -> Vec<PhraseGroup> {
    let one = |stated: &Stated<'_>| PhraseGroup {
        key: stated.key.to_owned(),
        title: said(stated.node, "title"),
        forbidden: flag(stated.node, "forbidden", false),
        clause: Here::beside(reading, stated.pack).clause(stated.node, "clause"),
        phrases: many(stated.node, "phrases").map(said_of).collect(),
    };
    reading.all.phrases.iter().map(one).collect()
}

/// Figures: those of a procedure count its cases, those of a file of their own the procedures that they name.
pub(crate) fn figures(reading: &Reading<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for stated in &reading.all.figures {
        let named = many(stated.node, "procedures")
            .filter_map(|node| Here::beside(reading, stated.pack).procedure(node));
        let mut counted: Vec<_> = named.collect();
        let holder = reading.outlines.values().find(|outline| {
            outline
                .stated
                .node
                .get("figures")
                .and_then(|figures| figures.get(stated.key))
                .is_some_and(|node| std::ptr::eq(node, stated.node))
        });
        if let (Some(holder), true) = (holder, counted.is_empty()) {
            counted.push(holder);
        }
        let keys: Vec<String> = counted
            .iter()
            .map(|outline| outline.stated.key.to_owned())
            .collect();
        if counted.is_empty() && stated.node.get("procedures").is_none() {
            counted.extend(
                reading
                    .outlines
                    .values()
                    .filter(|outline| outline.stated.pack.name == stated.pack.name),
            );
        }
        let mut found = None;
        for outline in counted {
            let figure =
                Here::inside(reading, stated.pack, outline).figure(stated.key, stated.node, keys.clone());
            found = found.or(figure);
        }
        figures.extend(found);
    }
    figures
}

/// Forms by key. Conditions of a form may speak of its own fields as `input`, and of what the procedure that asks it
/// knows; a form that no procedure asks knows itself only.
pub(crate) fn forms(reading: &Reading<'_>) -> BTreeMap<String, Form> {
    let mut forms = BTreeMap::new();
    for stated in &reading.all.forms {
        let fields = entries(stated.node, "fields");
        let asked_by = reading.outlines.values().find(|outline| {
            let node = outline.stated.node;
            let same = |fields: &[(Key, Node)]| std::ptr::eq(fields, entries(stated.node, "fields"));
            same(intake(node, reading.all))
                || entries(node, "actions")
                    .iter()
                    .any(|(_, action)| same(super::outline::asked(action.get("ask"), reading.all)))
        });
        let here = match asked_by {
            Some(outline) => Here::inside(reading, stated.pack, outline),
            None => Here::beside(reading, stated.pack),
        };
        let form = Form {
            key: stated.key.to_owned(),
            title: said(stated.node, "title"),
            number: text(stated.node, "number").map(str::to_owned),
            clause: here.clause(stated.node, "clause"),
            fields: here.fields_of(fields),
            copies: many(stated.node, "copies").map(said_of).collect(),
        };
        forms.insert(form.key.clone(), form);
    }
    forms
}

/// The parts of the controlled document that this pack itself states.
pub(crate) fn document(all: &Statements<'_>, own: &SourcePack) -> ControlledDocument {
    let mut document = ControlledDocument {
        owner: own.owner.clone(),
        ..ControlledDocument::default()
    };
    for (pack, node) in &all.documents {
        if !Arc::ptr_eq(&pack.name, &own.name) {
            continue;
        }
        let part = |key: &str| node.get(key).map(said_of);
        let list = |key: &str| many(node, key).map(said_of).collect();
        document.purpose = part("purpose");
        document.scope = part("scope");
        document.duties = list("duties");
        document.definitions = list("definitions");
        document.related = list("related");
        document.records = list("records");
        document.annexes = entries(node, "annexes")
            .iter()
            .map(|(key, node)| (key.text.clone(), said_of(node)))
            .collect();
    }
    document
}
