//! Which contacts reach the demo centre in the last two months, and how each of them is going to be treated.

use calendar::{Calendar, Moment, Time};

use super::arranged::arranged;
use super::chance::Chance;
use super::matters::MATTERS;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// How many days the contacts are spread over.
const DAYS: i64 = 60;

/// How those who work on a case keep to its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temper {
    /// Mostly in time.
    Prompt,
    /// Often late.
    Slow,
    /// Mostly late.
    Negligent,
    /// At any hour, within minutes: reaches its place before now.
    Swift,
}

/// Where a case is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Nowhere.
    Never,
    /// In this stage.
    Stage(&'static str),
    /// When this function is asked to sign.
    Signature(&'static str),
    /// When its clocks are stopped.
    Paused,
    /// After so many acts.
    Acts(u32),
}

/// A contact.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub at: Moment,
    /// How much earlier than registered it reached us.
    pub late_by: i64,
    pub procedure: &'static str,
    /// Login of who takes it.
    pub by: &'static str,
    /// Place among the customers.
    pub customer: usize,
    /// Place among the matters.
    pub matter: usize,
    pub channel: &'static str,
    pub temper: Temper,
    pub halt: Halt,
    /// Values that certain fields must get.
    pub wants: Vec<(&'static str, &'static str)>,
    /// Acts to do when a stage is reached.
    pub script: Vec<(&'static str, &'static str)>,
    /// The area, where it matters.
    pub area: Option<&'static str>,
    /// Someone tries to close it without the words that are owed.
    pub hasty: bool,
}

/// Procedure, weight, those who take it.
const KINDS: &[(&str, u32, &[&str])] = &[
    (
        "complaint",
        165,
        &["agent1", "agent1", "agent2", "agent3", "complaint"],
    ),
    ("enquiry", 62, &["agent1", "agent2", "agent3"]),
    ("repair", 58, &["agent1", "agent2", "agent3", "engineer2"]),
    ("suggestion", 18, &["agent1", "agent2", "agent3"]),
    ("praise", 14, &["agent2", "agent3"]),
    ("help", 16, &["agent1", "agent3"]),
    ("look_up", 12, &["agent2", "agent3"]),
    ("visit", 8, &["agent1", "agent2"]),
    ("business_request", 8, &["agent1", "agent3"]),
    ("report_of_wrongdoing", 5, &["agent2", "agent3"]),
    ("technical_enquiry", 6, &["agent3"]),
    ("internal_service_request", 8, &["agent1", "agent2"]),
    ("complaint_slip", 14, &["agent1", "agent2", "agent3"]),
    ("maker", 18, &["clerk", "aftersales"]),
];

const CHANNELS: &[(&str, u32)] = &[
    ("phone", 46),
    ("walk_in", 14),
    ("chat", 8),
    ("web", 10),
    ("social", 8),
    ("email", 4),
    ("sms", 3),
    ("message_board", 4),
    ("letter", 1),
    ("home_visit", 2),
];

pub(super) const AREAS: &[&str] = &[
    "1栋",
    "2栋",
    "3栋",
    "5栋",
    "6栋",
    "7栋",
    "8栋",
    "9栋",
    "会所",
    "商业街",
    "地下车库",
];

/// A matter that suits a procedure.
pub(super) fn matter_of(kind: &str, chance: &mut Chance) -> usize {
    let places: Vec<usize> = (0..MATTERS.len())
        .filter(|place| MATTERS.get(*place).is_some_and(|one| one.kind == kind))
        .collect();
    chance.pick(&places).copied().unwrap_or(0)
}

/// A complaint's matter on a topic.
pub(super) fn on_topic(topic: &str) -> usize {
    MATTERS
        .iter()
        .position(|one| one.kind == "complaint" && one.topic == topic)
        .unwrap_or(0)
}

/// All contacts, by their times.
pub(super) fn contacts(calendar: &Calendar, now: Moment, customers: usize, seed: &Chance) -> Vec<Contact> {
    let mut chance = seed.branch(1);
    let mut all = Vec::new();
    for back in (0..=DAYS).rev() {
        let date = calendar.date_of(now.plus(-back * DAY));
        let count = match calendar.is_workday(date) {
            true => chance.between(7, 12),
            false => chance.between(2, 6),
        };
        for _ in 0..count {
            let minutes = if chance.percent(88) {
                chance.between(8 * 60 + 30, 17 * 60 + 30)
            } else {
                chance.between(6 * 60, 23 * 60)
            };
            let Ok(time) = Time::new(
                (minutes / 60) as i8,
                (minutes % 60) as i8,
                chance.below(60) as i8,
                0,
            ) else {
                continue;
            };
            let at = calendar.moment_of(date, time);
            if at < now.plus(-DAYS * DAY) || at > now.plus(-20 * MINUTE) {
                continue;
            }
            all.push(ordinary(at, customers, &mut chance));
        }
    }
    arranged(now, customers, &mut chance, &mut all);
    all.sort_by_key(|contact| contact.at);
    all
}

fn ordinary(at: Moment, customers: usize, chance: &mut Chance) -> Contact {
    let weights: Vec<u32> = KINDS.iter().map(|(_, weight, _)| *weight).collect();
    let place = chance.weighted(&weights).unwrap_or(0);
    let (procedure, _, takers) = KINDS.get(place).copied().unwrap_or(("complaint", 1, &["agent1"]));
    let channels: Vec<u32> = CHANNELS.iter().map(|(_, weight)| *weight).collect();
    let channel = chance
        .weighted(&channels)
        .and_then(|place| CHANNELS.get(place))
        .map_or("phone", |(channel, _)| channel);
    let temper = match chance.below(100) {
        0..66 => Temper::Prompt,
        66..88 => Temper::Slow,
        _ => Temper::Negligent,
    };
    let halt = if chance.percent(5) {
        Halt::Acts(chance.between(1, 6) as u32)
    } else {
        Halt::Never
    };
    let mut contact = Contact {
        at,
        late_by: if chance.percent(8) {
            chance.between(2, 25) * MINUTE
        } else {
            0
        },
        procedure,
        by: chance.pick(takers).copied().unwrap_or("agent1"),
        customer: chance.below(customers),
        matter: matter_of(procedure, chance),
        channel: if procedure == "internal_service_request" {
            "internal"
        } else {
            channel
        },
        temper,
        halt,
        wants: Vec::new(),
        script: Vec::new(),
        area: None,
        hasty: chance.percent(9),
    };
    if procedure == "complaint" {
        if MATTERS
            .get(contact.matter)
            .is_some_and(|matter| matter.topic == "outside")
        {
            contact.wants.push(("class", "assist"));
        }
        match chance.below(100) {
            0..6 => contact.script.push(("received", "appoint")),
            6..9 => contact.script.push(("received", "record_commission")),
            9..13 => contact.script.push(("handling", "mark_beyond_authority")),
            13..16 => contact.script.push(("handling", "pause")),
            16..18 => contact.script.push(("received", "void_case")),
            18..21 => contact.script.push(("assigned", "raise_grade")),
            21..26 => contact.script.push(("settled", "waive_call_back")),
            26..30 => contact.script.push(("handling", "split")),
            _ => {}
        }
    }
    contact
}
