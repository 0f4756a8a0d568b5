use regulation::Holding;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use calendar::Moment;
use regulation::{Actor, Id};
use store::Store;

use super::listener::{Listener, Told, within_reach};
use super::stretch::{Touched, stretch};
use super::*;
use crate::centre::Centre;
use crate::organisation::{Picture, Unit};
use crate::session::Credential;

fn picture() -> Picture {
    let unit = |id: i64, parent: Option<i64>| Unit {
        id: Id(id),
        parent: parent.map(Id),
        name: String::new(),
        key: id.to_string(),
        calendar: "default".to_owned(),
        closed: None,
    };
    let units = [unit(1, None), unit(2, Some(1)), unit(3, Some(1))];
    Picture {
        units: units.into_iter().map(|unit| (unit.id, unit)).collect(),
        ..Picture::default()
    }
}

fn holder(person: i64, unit: i64) -> Actor {
    let holding = Holding {
        function: "agent".to_owned(),
        unit: Id(unit),
        on_behalf_of: None,
    };
    Actor {
        person: Some(Id(person)),
        holdings: vec![holding],
        certificates: Vec::new(),
    }
}

fn stretch_of(unit: i64, handler: Option<i64>) -> Stretch {
    let touched = Touched {
        case: Id(9),
        version: 3,
        units: [Id(unit), Id(unit)],
        people: [handler.map(Id), None],
    };
    Stretch {
        after: 4,
        upto: 7,
        cases: vec![touched],
        noticed: HashSet::new(),
    }
}

#[test]
fn a_listener_hears_of_cases_below_its_unit_and_of_its_own() {
    let picture = picture();
    let heard = within_reach(&picture, &holder(50, 1), &stretch_of(2, None));
    assert_eq!(
        heard,
        Some(Changed {
            position: "7".to_owned(),
            cases: vec!["9".to_owned()],
            versions: vec![3],
            notices: false,
        })
    );
    assert_eq!(within_reach(&picture, &holder(50, 3), &stretch_of(2, None)), None);
    assert!(within_reach(&picture, &holder(50, 3), &stretch_of(2, Some(50))).is_some());
}

#[test]
fn gen_7_whoever_has_a_notice_hears_so_whatever_their_reach() {
    let mut stretch = stretch_of(2, None);
    stretch.noticed.insert(Id(50));
    let heard = within_reach(&picture(), &holder(50, 3), &stretch).unwrap();
    assert!(heard.notices && heard.cases.is_empty());
    let other = within_reach(&picture(), &holder(51, 1), &stretch).unwrap();
    assert!(!other.notices && other.cases == ["9"]);
}

#[test]
fn a_case_without_handler_is_nobodys_own() {
    let nobody = Actor::default();
    assert_eq!(within_reach(&picture(), &nobody, &stretch_of(2, None)), None);
}

#[tokio::test]
async fn a_commit_reaches_whoever_may_know_and_a_cursor_gives_what_was_missed() {
    use crate::organisation::{Held, PersonRecord, UnitRecord, change_person, change_unit};
    use regulation::decide::{Mode, Opened};
    use regulation::{Command, FieldValue, Fields};

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), crate::schema::MIGRATIONS)
        .await
        .unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    let unit = UnitRecord {
        key: "top".into(),
        name: "总部".into(),
        parent: None,
        calendar: "default".into(),
    };
    let unit = change_unit(&centre, None, None, &unit).await.unwrap();
    let (since, until) = (Moment::from_millis(0), Moment::from_millis(i64::MAX));
    let held = Held {
        function: "agent".into(),
        unit,
        since,
        until,
        on_behalf_of: None,
    };
    let mut wanted = PersonRecord {
        login: "lin".into(),
        name: "林".into(),
        active: true,
        language: "zh".into(),
        demo: false,
        held: vec![held],
        certificates: Vec::new(),
    };
    let lin = change_person(&centre, None, None, &wanted).await.unwrap();
    (wanted.login, wanted.held) = ("wu".into(), Vec::new());
    let wu = change_person(&centre, None, None, &wanted).await.unwrap();
    let bundle = crate::packs::Bundle::of(&crate::packs::built_in("hotline").unwrap());
    let pack = bundle.link().unwrap();
    crate::packs::activate(&centre.store, &bundle, &pack, unit, None, since)
        .await
        .unwrap();
    centre.refresh().await.unwrap();
    let pack = centre.surroundings().packs.in_force_anywhere("hotline").unwrap();

    let app = Arc::new(App::new(centre.clone(), false));
    let mut listeners = Vec::new();
    for person in [lin, wu] {
        let beginning = crate::session::Beginning {
            person,
            language: "zh",
            owes: crate::session::Owes::Nothing,
            way: "password",
            address: "",
            agent: "",
        };
        let (token, _) = app.sessions.start(&centre.store, beginning).await.unwrap();
        let (position, stretches) = (centre.store.sealed_position(), app.live.outlet.subscribe());
        listeners.push(Listener {
            app: app.clone(),
            person,
            credential: Credential::Session(token),
            position,
            stretches,
            missed: VecDeque::new(),
            connection: centre.store.new_id(),
            presences: app.live.presence.changes(),
        });
    }
    let before = centre.store.sealed_position();
    let feeding = tokio::spawn(super::feed(app.clone()));
    tokio::task::yield_now().await;
    let input = ["subject", "detail"].map(|key| (key.to_owned(), FieldValue::Text("路灯不亮".into())));
    let opened = Opened {
        channel: "phone".into(),
        owning_unit: Some(unit),
        ..Opened::default()
    };
    let order = crate::cases::shell::Order {
        case: None,
        command: Command::Open {
            procedure: "message".into(),
            opened,
            input: Fields::from(input),
        },
        actor: &Actor::default(),
        at: None,
        mode: Mode::Live,
        pack: Some(pack),
        idempotency: None,
    };
    let case = centre.run(order).await.unwrap().case;
    let patience = Duration::from_secs(20);
    let heard = tokio::time::timeout(patience, listeners[0].next())
        .await
        .unwrap()
        .unwrap();
    let Told::Changed(heard) = heard else {
        panic!("{heard:?}")
    };
    assert_eq!(heard.cases, [case.to_string()]);
    // Who came back with the cursor from before is told the same.
    let missed = stretch(&centre.store, before, centre.store.sealed_position())
        .await
        .unwrap();
    assert_eq!(
        missed
            .cases
            .iter()
            .map(|touched| touched.case)
            .collect::<Vec<_>>(),
        [case]
    );
    // The other one has no reach: the stop is the next thing it hears.
    app.live.stop();
    assert_eq!(
        tokio::time::timeout(patience, listeners[1].next()).await.unwrap(),
        None
    );
    tokio::time::timeout(patience, feeding).await.unwrap().unwrap();
}
