//! Which contacts reach the demo centre in the last two months, and how each of them is going to be treated.

use calendar::{Calendar, Moment, Time};

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

fn matter_of(kind: &str, chance: &mut Chance) -> usize {
    let places: Vec<usize> = (0..MATTERS.len())
        .filter(|place| MATTERS.get(*place).is_some_and(|one| one.kind == kind))
        .collect();
    chance.pick(&places).copied().unwrap_or(0)
}

fn on_topic(topic: &str) -> usize {
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

/// A contact that is to be found in a certain state.
fn placed(at: Moment, by: &'static str, halt: Halt, customers: usize, chance: &mut Chance) -> Contact {
    Contact {
        at,
        late_by: 0,
        procedure: "complaint",
        by,
        customer: chance.below(customers),
        matter: matter_of("complaint", chance),
        channel: "phone",
        temper: Temper::Swift,
        halt,
        wants: vec![
            ("class", "liable"),
            ("grade", "general"),
            ("acceptance", "accepted"),
            ("importance", "normal"),
        ],
        script: Vec::new(),
        area: None,
        hasty: false,
    }
}

/// What every screen of the demo must find something of.
fn arranged(now: Moment, customers: usize, chance: &mut Chance, all: &mut Vec<Contact>) {
    let mut add = |contact: Contact| all.push(contact);
    // For the general manager's signature.
    for number in 0..5 {
        let at = now.plus(-(9 + 5 * number) * HOUR);
        let mut contact = placed(
            at,
            "agent2",
            Halt::Signature("general_manager"),
            customers,
            chance,
        );
        contact.wants = vec![("class", "liable"), ("grade", "major"), ("importance", "normal")];
        add(contact);
    }
    // Neighbours with one matter.
    for number in 0..6 {
        let mut contact = placed(
            now.plus(-(30 + 2 * number) * HOUR),
            "agent3",
            Halt::Stage("handling"),
            customers,
            chance,
        );
        contact.customer = number as usize;
        contact.matter = on_topic("lift");
        contact.area = Some("6栋");
        contact.wants.push(("topic", "lift"));
        add(contact);
    }
    // The same customer for the third time.
    for back in [50, 22, 1] {
        let halt = if back == 1 {
            Halt::Stage("handling")
        } else {
            Halt::Never
        };
        let mut contact = placed(
            now.plus(-back * DAY - 3 * HOUR),
            "agent1",
            halt,
            customers,
            chance,
        );
        contact.customer = 17 % customers.max(1);
        contact.matter = on_topic("cleaning");
        contact.wants.push(("topic", "cleaning"));
        add(contact);
    }
    // The same member of staff for the third time.
    for back in [40, 18, 2] {
        let halt = if back == 2 {
            Halt::Stage("proposed")
        } else {
            Halt::Never
        };
        let mut contact = placed(
            now.plus(-back * DAY - 5 * HOUR),
            "complaint",
            halt,
            customers,
            chance,
        );
        contact.matter = on_topic("attitude");
        contact
            .wants
            .extend([("topic", "attitude"), ("about_person", "guard")]);
        add(contact);
    }
    // Unsettled for a month.
    for back in [34, 39, 46] {
        add(placed(
            now.plus(-back * DAY - 2 * HOUR),
            "agent2",
            Halt::Stage("handling"),
            customers,
            chance,
        ));
    }
    // Call-backs due.
    for number in 0..7 {
        add(placed(
            now.plus(-(7 + 4 * number) * HOUR),
            "agent1",
            Halt::Stage("settled"),
            customers,
            chance,
        ));
    }
    for number in 0..4 {
        let mut contact = placed(
            now.plus(-(6 + 9 * number) * HOUR),
            "agent1",
            Halt::Stage("repaired"),
            customers,
            chance,
        );
        (contact.procedure, contact.matter, contact.wants) =
            ("repair", matter_of("repair", chance), Vec::new());
        add(contact);
    }
    // Just come in, at every point of their first limits.
    for minutes in [2, 4, 7, 13, 26, 55] {
        add(placed(
            now.plus(-minutes * MINUTE),
            "agent1",
            Halt::Acts(0),
            customers,
            chance,
        ));
    }
    for (minutes, stage) in [
        (70, "assigned"),
        (85, "handling"),
        (95, "handling"),
        (110, "proposed"),
        (150, "handling"),
    ] {
        add(placed(
            now.plus(-minutes * MINUTE),
            "agent1",
            Halt::Stage(stage),
            customers,
            chance,
        ));
    }
    for hours in [2, 5, 27] {
        let mut contact = placed(
            now.plus(-hours * HOUR),
            "agent1",
            Halt::Acts(1),
            customers,
            chance,
        );
        (contact.procedure, contact.matter, contact.wants) =
            ("enquiry", matter_of("enquiry", chance), Vec::new());
        contact.channel = "web";
        add(contact);
    }
    // Waiting for the customer.
    for number in 0..4 {
        let mut contact = placed(
            now.plus(-(5 + 6 * number) * HOUR),
            "agent1",
            Halt::Paused,
            customers,
            chance,
        );
        contact.script.push(("handling", "pause"));
        contact.wants.push(("pause_reason", "waiting_for_customer"));
        add(contact);
    }
    // Limits that few cases have: kept and late.
    for (number, temper) in [Temper::Swift, Temper::Negligent]
        .into_iter()
        .cycle()
        .take(8)
        .enumerate()
    {
        let at = now.plus(-(4 + 6 * number as i64) * DAY - 90 * MINUTE);
        let scripts = [
            ("received", "appoint"),
            ("handling", "mark_beyond_authority"),
            ("settled", "waive_call_back"),
            ("assigned", "raise_grade"),
        ];
        let mut contact = placed(at, "agent3", Halt::Never, customers, chance);
        contact.temper = temper;
        contact.script.extend(scripts.get(number / 2).copied());
        add(contact);
    }
    for (number, temper) in [Temper::Swift, Temper::Negligent, Temper::Prompt]
        .into_iter()
        .cycle()
        .take(9)
        .enumerate()
    {
        let at = now.plus(-(9 + 4 * number as i64) * DAY - 3 * HOUR);
        let mut contact = placed(at, "agent1", Halt::Never, customers, chance);
        contact.temper = temper;
        contact.matter = on_topic("outside");
        contact.wants = vec![("class", "assist"), ("outcome", "solved")];
        add(contact);
    }
    for number in 0..2 {
        let at = now.plus(-(3 + 20 * number) * DAY - 4 * HOUR);
        let mut contact = placed(at, "complaint", Halt::Never, customers, chance);
        contact.script.push(("received", "void_case"));
        add(contact);
    }
}
