//! The sentences that the pack language must be able to say (docs/pack-language.md, "Hard cases"), said in
//! `fixtures/hard-cases` and run. Numbers are those of the table there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::result_large_err)]

mod fixture;

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::{Calendar, Moment};
use regulation::case::{Addressee, Case, Change, Event};
use regulation::decide::{
    Actor, Command, Decision, Facts, Holding, Mode, Opened, Organisation, Refusal, Setting, decide, figure,
    needs,
};
use regulation::load::load;
use regulation::model::Channel;
use regulation::source::Files;
use regulation::trial::run;
use regulation::{FieldValue, Id, Pack};

fn library() -> BTreeMap<String, Files> {
    fixture::library(&fixture::fixtures())
}

fn pack() -> Pack {
    let library = library();
    load(&library["hard-cases"], &library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap()
}

#[test]
fn every_test_in_words_of_the_fixture_pack_holds() {
    let library = library();
    let trials = run(&library["hard-cases"], &library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap();
    let failed: Vec<String> = trials
        .iter()
        .flat_map(|trial| {
            trial
                .failures
                .iter()
                .map(move |failure| format!("{}: {failure}", trial.name.en))
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    for number in [
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "12a", "13", "14", "15", "16", "17",
        "18", "19", "20", "21", "22", "23", "24", "24a", "24b", "24c", "24d", "25", "26", "27", "28", "29",
        "30", "31",
    ] {
        let said = trials
            .iter()
            .any(|trial| trial.name.en.starts_with(&format!("#{number} ")));
        assert!(said, "#{number} has a test of its own");
    }
}

#[test]
fn a_test_in_words_can_fail() {
    let library = library();
    let wrong = "tests:\n  - name: { zh: 错, en: Wrong }\n    given: { units: { desk: {} }, people: { ye: { clerk: desk } } }\n    \
                 steps:\n      - { at: 2026-11-19 10:00, open: counter, by: ye, with: { matter: 发票 } }\n      \
                 - { at: 2026-11-19 10:01, do: issue_invoice, by: ye }\n      - expect: { stage: served }\n";
    let files = fixture::with(&library["hard-cases"], "tests/wrong.yaml", wrong);
    let trials = run(&files, &library).unwrap();
    let trial = trials.iter().find(|trial| trial.name.en == "Wrong").unwrap();
    assert_eq!(
        trial.failures.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "tests/wrong.yaml:6:9: This is refused (hard_cases.invoices): Only who is certified may issue invoices. Mend the \
          pack, or this step."
        ]
    );
}

#[test]
fn hard_case_28_a_figure_is_a_formula_over_the_record() {
    let pack = Arc::new(pack());
    let world = World::new();
    let graded = |grade: Option<&str>| {
        let case = world.opened(&pack, "survey", [("matter", "张三")]);
        let (action, input) = match grade {
            Some(grade) => ("take_back", vec![("grade", grade)]),
            None => ("give_up", vec![]),
        };
        world.done(&pack, case, action, &input)
    };
    let cases = [
        graded(Some("satisfied")),
        graded(Some("basically")),
        graded(Some("dissatisfied")),
        graded(None),
    ];
    let satisfaction = pack
        .figures
        .iter()
        .find(|figure| figure.key == "satisfaction")
        .unwrap();
    let value = figure(&pack, &world, world.now, satisfaction, &cases);
    assert_eq!((value.part, value.of, satisfaction.target), (2, 3, Some(900)));
}

#[test]
fn hard_case_29a_required_fields_are_read_back() {
    let pack = pack();
    let read_back: Vec<&str> = pack
        .procedure("complaint")
        .unwrap()
        .intake_fields
        .iter()
        .filter(|field| field.read_back)
        .map(|field| field.key.as_str())
        .collect();
    assert_eq!(read_back, ["matter", "area"]);
}

#[test]
fn hard_case_30_log_3_the_event_says_to_whom_on_which_channel_and_what() {
    let pack = pack();
    let world = World::new();
    let input = [("matter", "一箱"), ("contact", "13800000000")];
    let case = world.opened(&pack, "order", input);
    let command = Command::Act {
        action: "dispatch".to_owned(),
        input: [("driver".to_owned(), FieldValue::Text("老周".to_owned()))].into(),
        seen: None,
    };
    let decision = world.decided(&pack, Some(&case), &command).unwrap();
    let told = decision.events[0].changes.iter().find_map(|change| match change {
        Change::Told {
            to, zh, en, outgoing, ..
        } => Some((to, zh.as_str(), en.as_str(), outgoing.as_ref().unwrap())),
        _ => None,
    });
    let (to, zh, en, outgoing) = told.unwrap();
    assert_eq!(
        to,
        &[Addressee::Customer {
            customer: None,
            address: Some("13800000000".to_owned())
        }]
    );
    assert_eq!(zh, "老周取件：一箱。单号261119001");
    assert_eq!(en, "老周 will collect 一箱. No. 261119001");
    let message = outgoing.message.as_ref().unwrap();
    assert_eq!(
        (outgoing.channel, message.key.as_str(), &*message.clause.clause),
        (Some(Channel::Sms), "dispatch", "dispatch_message")
    );
}

#[test]
fn hard_case_30_log_3_what_was_told_before_messages_were_known_is_still_read() {
    let old = r#"{"do":"told","who":["handler"],"zh":"请催办","en":"Press on"}"#;
    let read: Change = serde_json::from_str(old).unwrap();
    assert!(matches!(&read, Change::Told { to, outgoing: None, .. } if to.is_empty()));
    assert_eq!(
        serde_json::to_string(&read).unwrap(),
        old,
        "and written as it was"
    );
}

#[test]
fn hard_case_30_words_of_the_pack_find_their_people_for_signers_and_old_events() {
    let pack = pack();
    let case = World::new().opened(&pack, "survey", [("matter", "张三")]);
    let words = ["department_head", "handler", "first_contact_owner"].map(str::to_owned);
    let found = regulation::decide::addressees(&case, &words);
    assert_eq!(
        found,
        [
            Addressee::Function {
                function: "department_head".to_owned(),
                units: vec![Id(1)],
                and_above: false
            },
            Addressee::Person { person: Id(2) }
        ]
    );
}

#[test]
fn hard_case_32_running_cases_stay_until_moved_and_are_moved_only_where_all_maps() {
    let library = library();
    let old = Arc::new(pack());
    let world = World::new();
    let case = world.opened(&old, "survey", [("matter", "张三")]);
    assert_eq!(case.pack.hash, old.hash);

    // The stage `sent` is called `out` in the new version.
    let text = library["hard-cases"].get("survey.yaml").unwrap();
    let text = text
        .replace(
            "  sent: { zh: 已发出, en: Sent }",
            "  out: { zh: 已发出, en: Sent }",
        )
        .replace("from: sent", "from: out");
    let new = load(
        &fixture::with(&library["hard-cases"], "survey.yaml", &text),
        &library,
    );
    let new = Arc::new(new.map_err(|mistakes| mistakes.into_sorted()).unwrap());
    assert_ne!(new.hash, old.hash);

    let to = |stages: &[(&str, &str)]| Command::Move {
        to: Arc::clone(&new),
        stages: stages
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect(),
    };
    let refused = world.decided(&old, Some(&case), &to(&[])).unwrap_err();
    assert!(
        matches!(refused, Refusal::Unmovable { ref reasons } if !reasons.is_empty()),
        "{refused:?}"
    );
    let decision = world.decided(&old, Some(&case), &to(&[("sent", "out")])).unwrap();
    let moved = world.applied(case, &decision.events);
    assert_eq!((&*moved.stage, &moved.pack.hash), ("out", &new.hash));
}

#[test]
fn hard_case_32a_the_pack_holds_all_parts_of_a_controlled_document() {
    let pack = pack();
    let document = &pack.document;
    assert_eq!(
        document.owner.as_ref().map(|owner| owner.en.as_str()),
        Some("Customer service")
    );
    assert!(document.purpose.is_some() && document.scope.is_some());
    assert!(!document.duties.is_empty() && !document.definitions.is_empty());
    assert!(!document.related.is_empty() && !document.records.is_empty());
    assert_eq!(document.annexes[0].0, "fm004");
    assert!(
        pack.regulation.clauses().count() > 20,
        "the procedure itself is the clauses"
    );
}

#[test]
fn hard_case_33_a_clause_kept_by_people_is_said_so_and_carried_by_nothing() {
    let pack = pack();
    let polite = pack
        .clauses
        .iter()
        .find(|clause| &*clause.id.clause == "polite")
        .unwrap();
    assert_eq!(polite.kept_by_people, Some(Some("daily-inspection".to_owned())));
    assert!(!regulation::check::carried(&pack).contains(&polite.id));
}

/// One unit, one person who holds every function, round-the-clock calendar.
struct World {
    calendar: Calendar,
    actor: Actor,
    now: Moment,
}

impl Organisation for World {
    fn within(&self, _: Id, _: Id) -> bool {
        true
    }

    fn calendar(&self, _: &Pack, _: Option<Id>) -> &Calendar {
        &self.calendar
    }
}

impl World {
    fn new() -> Self {
        let holdings = ["agent", "service_lead", "clerk", "dispatcher"].map(|function| Holding {
            function: function.to_owned(),
            unit: Id(1),
            on_behalf_of: None,
        });
        World {
            calendar: Calendar::builder().build().unwrap(),
            actor: Actor {
                person: Some(Id(2)),
                holdings: holdings.to_vec(),
                certificates: Vec::new(),
            },
            now: Moment::parse_rfc3339("2026-11-19T10:00:00+08:00").unwrap(),
        }
    }

    fn decided(&self, pack: &Pack, case: Option<&Case>, command: &Command) -> Result<Decision, Refusal> {
        let setting = Setting {
            pack,
            organisation: self,
            actor: &self.actor,
            now: self.now,
            seed: 1,
            mode: Mode::Live,
        };
        let needs = needs(&setting, case, command);
        let mut facts = Facts {
            ids: (0..needs.ids).map(|n| Id(100 + i64::from(n))).collect(),
            ..Facts::default()
        };
        for need in needs.numbers {
            facts
                .numbers
                .insert(need.series, (1..=i64::from(need.count)).collect());
        }
        decide(&setting, case, &facts, command)
    }

    fn applied(&self, mut case: Case, events: &[Event]) -> Case {
        events.iter().for_each(|event| case.apply(event));
        case
    }

    fn opened<const N: usize>(&self, pack: &Pack, procedure: &str, input: [(&str, &str); N]) -> Case {
        let input = input
            .map(|(key, value)| (key.to_owned(), FieldValue::Text(value.to_owned())))
            .into();
        let opened = Opened {
            case: Some(Id(10)),
            owning_unit: Some(Id(1)),
            channel: "phone".to_owned(),
            ..Opened::default()
        };
        let decision = self
            .decided(
                pack,
                None,
                &Command::Open {
                    procedure: procedure.to_owned(),
                    opened,
                    input,
                },
            )
            .unwrap();
        Case::replay(&decision.events).unwrap()
    }

    fn done(&self, pack: &Pack, case: Case, action: &str, input: &[(&str, &str)]) -> Case {
        let input = input
            .iter()
            .map(|(key, value)| ((*key).to_owned(), FieldValue::Text((*value).to_owned())))
            .collect();
        let command = Command::Act {
            action: action.to_owned(),
            input,
            seen: None,
        };
        let decision = self.decided(pack, Some(&case), &command).unwrap();
        self.applied(case, &decision.events)
    }
}
