//! Contacts that are arranged, so that every screen of the demo has something to show and every limit is met and missed.

use calendar::Moment;

use super::chance::Chance;
use super::plan::{Contact, DAY, HOUR, Halt, MINUTE, Temper, matter_of, on_topic};

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
pub(super) fn arranged(now: Moment, customers: usize, chance: &mut Chance, all: &mut Vec<Contact>) {
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
