//! Finer points of deciding, said in `fixtures/deciding` and run: facts that count the case itself, ranks, certificates,
//! signatures of the owning unit, what is read back to the customer.

#![allow(clippy::unwrap_used, clippy::panic, clippy::result_large_err)]

mod fixture;

use std::sync::Arc;

use calendar::{Calendar, Moment};
use regulation::case::READ_BACK;
use regulation::check::check;
use regulation::decide::{Mode, Opened, Organisation, form};
use regulation::load::load;
use regulation::trial::run;
use regulation::{
    Actor, Case, Command, Decision, Facts, FieldValue, Fields, Holding, Id, Pack, Refusal, Setting, decide,
    needs,
};
use serde_json::json;

struct Desk(Calendar);

impl Organisation for Desk {
    fn within(&self, unit: Id, above: Id) -> bool {
        unit == above
    }

    fn calendar(&self, _: &Pack, _: Option<Id>) -> &Calendar {
        &self.0
    }
}

fn opened(person: Option<Id>, mode: Mode, input: Fields) -> Result<Decision, Refusal> {
    let library = fixture::library(&fixture::fixtures());
    let pack = load(&library["hard-cases"], &library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap();
    let desk = Desk(Calendar::builder().zone_name("Asia/Shanghai").build().unwrap());
    let holding = Holding {
        function: "agent".to_owned(),
        unit: Id(1),
        on_behalf_of: None,
    };
    let actor = Actor {
        person,
        holdings: vec![holding],
        certificates: Vec::new(),
    };
    let setting = Setting {
        pack: &pack,
        organisation: &desk,
        actor: &actor,
        now: Moment::parse_rfc3339("2026-11-19T10:00:00+08:00").unwrap(),
        seed: 0,
        mode,
    };
    let opened = Opened {
        case: Some(Id(10)),
        channel: "phone".to_owned(),
        ..Opened::default()
    };
    let command = Command::Open {
        procedure: "complaint".to_owned(),
        opened,
        input,
    };
    let needed = needs(&setting, None, &command);
    let facts = Facts {
        numbers: needed
            .numbers
            .into_iter()
            .map(|need| (need.series, vec![1]))
            .collect(),
        ..Facts::default()
    };
    decide(&setting, None, &facts, &command)
}

fn typed(json: &serde_json::Value) -> Fields {
    let library = fixture::library(&fixture::fixtures());
    let pack: Arc<Pack> = load(&library["hard-cases"], &library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap()
        .into();
    form::from_json(&pack.procedure("complaint").unwrap().intake_fields, json).unwrap()
}

#[test]
fn tel_19_what_is_to_be_read_back_owes_its_tick_and_the_tick_is_kept() {
    let missing = json!({ "matter": "停水", "area": "东区", "complainant": "张三", "read_back": ["area"] });
    let Err(Refusal::Input { problems }) = opened(Some(Id(5)), Mode::Live, typed(&missing)) else {
        panic!("a tick is missing");
    };
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["matter"]);

    let ticked = json!({ "matter": "停水", "complainant": "张三", "read_back": ["matter", "matter"] });
    let decision = opened(Some(Id(5)), Mode::Live, typed(&ticked)).unwrap();
    let ticks = FieldValue::List(vec![FieldValue::Text("matter".to_owned())]);
    assert_eq!(decision.events[0].input[READ_BACK], ticks, "kept in the event");
    let case = Case::replay(&decision.events).unwrap();
    assert!(!case.fields.contains_key(READ_BACK), "but no field of the case");
    assert!(case.fields.contains_key("matter"));

    let wrong = json!({ "matter": "停水", "complainant": "张三", "read_back": ["matter", "complainant"] });
    let refused = opened(Some(Id(5)), Mode::Live, typed(&wrong));
    assert!(
        matches!(refused, Err(Refusal::Input { .. })),
        "only what is to be read back"
    );
}

#[test]
fn tel_19_what_is_imported_or_opened_by_the_engine_owes_no_tick() {
    let bare = || typed(&json!({ "matter": "停水", "complainant": "张三" }));
    assert!(opened(Some(Id(5)), Mode::Live, bare()).is_err());
    assert!(opened(Some(Id(5)), Mode::Historic, bare()).is_ok());
    assert!(
        opened(None, Mode::Live, bare())
            .is_ok_and(|decision| !decision.events[0].input.contains_key(READ_BACK))
    );
}

#[test]
fn every_test_in_words_of_the_pack_deciding_holds() {
    let library = fixture::library(&fixture::fixtures());
    let checked = check(&library["deciding"], &library);
    let mistakes: Vec<String> = checked.mistakes.iter().map(ToString::to_string).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let trials = run(&library["deciding"], &library)
        .map_err(|mistakes| mistakes.into_sorted())
        .unwrap();
    let mut failed = Vec::new();
    for trial in &trials {
        failed.extend(
            trial
                .failures
                .iter()
                .map(|failure| format!("{}: {failure}", trial.name.en)),
        );
    }
    assert!(failed.is_empty(), "{failed:#?}");
    for rule in ["CMP-2", "CMP-7", "CMP-9", "PRP-5", "MAL-7", "STK-9"] {
        let is_shown = trials
            .iter()
            .any(|trial| trial.rules.iter().any(|known| known == rule));
        assert!(is_shown, "{rule} has a test");
    }
}

#[test]
fn gen_6_a_pack_that_forgets_the_result_and_the_reply_is_refused() {
    let library = fixture::library(&fixture::fixtures());
    let closing = |closes: &str| {
        let forgetful = format!(
            "procedure: forgetful\ntitle: {{ zh: 忘, en: Forgetful }}\nnumber: \"F{{n}}\"\n\
             ask: {{ subject: {{ title: {{ zh: 主题, en: Subject }} }} }}\n\
             stages: {{ begun: {{ zh: 已受理, en: Begun }}, done: {{ zh: 已办结, en: Done, end: yes }} }}\n\
             actions:\n  close: {{ title: {{ zh: 办结, en: Close }}, from: begun, by: agent, to: done{closes} }}\n"
        );
        let files = fixture::with(&library["base"], "forgetful.yaml", &forgetful);
        let mistakes = check(&files, &library).mistakes;
        mistakes
            .iter()
            .map(|mistake| mistake.code.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(closing(""), ["action.closes_without_reply"]);
    let both =
        ", ask: { result: { title: { zh: 结果, en: Result } }, reply: { title: { zh: 答复, en: Reply } } }";
    assert!(closing(both).is_empty());
    let optional = both.replacen("en: Reply }", "en: Reply }, required: no", 1);
    assert_eq!(closing(&optional), ["action.closes_without_reply"]);
}
