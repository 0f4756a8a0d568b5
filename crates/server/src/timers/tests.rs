use std::sync::Arc;
use std::time::Duration;

use calendar::Moment;
use regulation::decide::{Mode, Opened, draw};
use regulation::source::Files;
use regulation::{Actor, ClockState, Command, FieldValue, Fields, Holding, Id, Pack};
use store::Store;

use super::*;
use crate::cases::shell::Order;
use crate::centre::Centre;
use crate::organisation::{UnitRecord, set_unit};
use crate::packs::{self, Bundle, built_in};
use crate::schema::MIGRATIONS;

const DAY: i64 = 86_400_000;

/// A centre with one unit in which this pack is in force since `since`.
async fn centre(files: &Files, since: Moment) -> (tempfile::TempDir, Arc<Centre>, Arc<Pack>, Id) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let unit = UnitRecord {
        key: "top".into(),
        name: "总部".into(),
        parent: None,
        calendar: "default".into(),
    };
    let unit = set_unit(&store, None, None, &unit).await.unwrap();
    let bundle = Bundle::of(files);
    let pack = bundle.link().unwrap();
    packs::activate(&store, &bundle, &pack, unit, None, since)
        .await
        .unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    let pack = centre.surroundings().packs.in_force_anywhere(&pack.name).unwrap();
    (folder, centre, pack, unit)
}

fn now(centre: &Centre) -> Moment {
    Moment::from_millis(centre.store.now())
}

async fn open(centre: &Centre, pack: &Arc<Pack>, unit: Id, procedure: &str, at: Moment, text: &str) -> Id {
    let engine = Actor::default();
    let keys = ["subject", "detail", "matter"];
    let asked = &pack.procedure(procedure).unwrap().intake_fields;
    let input: Fields = keys
        .iter()
        .filter(|key| asked.iter().any(|field| field.key == **key))
        .map(|key| ((*key).to_owned(), FieldValue::Text(text.to_owned())))
        .collect();
    let opened = Opened {
        received: Some(at),
        channel: "phone".into(),
        owning_unit: Some(unit),
        ..Opened::default()
    };
    let order = Order {
        case: None,
        command: Command::Open {
            procedure: procedure.to_owned(),
            opened,
            input,
        },
        actor: &engine,
        at: Some(at),
        mode: Mode::Historic,
        pack: Some(pack.clone()),
        idempotency: None,
    };
    centre.run(order).await.unwrap().case
}

async fn count(centre: &Centre, sql: &'static str) -> i64 {
    centre.store.query(sql, &[]).await.unwrap()[0].int(0).unwrap()
}

const OVERDUE: &str = "SELECT COUNT(*) FROM clocks WHERE state = 'overdue'";

#[tokio::test]
async fn after_downtime_each_late_deadline_fires_once() {
    let since = Moment::from_millis(0);
    let (_folder, centre, pack, unit) = centre(&built_in("hotline").unwrap(), since).await;
    let long_ago = now(&centre).plus(-60 * DAY);
    for n in 0..700 {
        open(&centre, &pack, unit, "message", long_ago.plus(n), "路灯不亮").await;
    }
    assert_eq!(count(&centre, OVERDUE).await, 0);
    let woken = wake_due(&centre).await.unwrap();
    assert_eq!(woken.count, 700);
    assert!(woken.latest_ms > 50 * DAY);
    // Both deadlines of every message.
    assert_eq!(count(&centre, OVERDUE).await, 1400);
    let events = count(&centre, "SELECT COUNT(*) FROM events").await;
    assert_eq!(wake_due(&centre).await.unwrap().count, 0);
    assert_eq!(count(&centre, "SELECT COUNT(*) FROM events").await, events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_wake_at_once_fire_each_deadline_once() {
    let since = Moment::from_millis(0);
    let (_folder, centre, pack, unit) = centre(&built_in("hotline").unwrap(), since).await;
    let long_ago = now(&centre).plus(-60 * DAY);
    for n in 0..200 {
        open(&centre, &pack, unit, "message", long_ago.plus(n), "路灯不亮").await;
    }
    let opened = count(&centre, "SELECT COUNT(*) FROM events WHERE name = 'opened'").await;
    let (one, other) = tokio::join!(wake_due(&centre), wake_due(&centre));
    // Each looked at all of them; whoever came second found nothing left to do.
    assert!(one.unwrap().count <= 200 && other.unwrap().count <= 200);
    assert_eq!(count(&centre, OVERDUE).await, 400);
    let passed = "SELECT COUNT(*) FROM events WHERE name = 'time_passed'";
    assert_eq!((opened, count(&centre, passed).await), (200, 200));
}

#[tokio::test]
async fn the_alarm_fires_by_itself_when_a_time_comes() {
    let (_folder, centre, pack, unit) = centre(&built_in("hotline").unwrap(), Moment::from_millis(0)).await;
    let app = Arc::new(App::new(centre.clone(), false));
    let running = tokio::spawn(run(app.clone()));
    // Its 72 hours end in a moment; the alarm was asleep until next midnight and is woken by this very commit.
    let case = open(
        &centre,
        &pack,
        unit,
        "message",
        now(&centre).plus(-3 * DAY + 300),
        "积水",
    )
    .await;
    let fired = async {
        let mut told = centre.store.subscribe();
        loop {
            let (state, _) = centre.case(case).await.unwrap();
            if state
                .clocks
                .iter()
                .any(|clock| clock.state == ClockState::Overdue)
            {
                return state;
            }
            told.recv().await.unwrap();
        }
    };
    let state = tokio::time::timeout(Duration::from_secs(20), fired)
        .await
        .unwrap();
    let late = state
        .clocks
        .iter()
        .find(|clock| clock.state == ClockState::Overdue)
        .unwrap();
    assert_eq!(late.deadline, "within_72_hours");
    app.live.stop();
    tokio::time::timeout(Duration::from_secs(20), running)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn cmp_8_each_turn_is_opened_once_however_many_ask() {
    let long_ago = Moment::parse_rfc3339("2026-09-10T09:00:00+08:00").unwrap();
    let (_folder, centre, pack, _) = centre(&built_in("complaints").unwrap(), long_ago).await;
    let at = Moment::parse_rfc3339("2026-11-20T09:00:00+08:00").unwrap();
    let around = centre.surroundings();
    let (turnings, next) = turnings(&around, at);
    let own = turnings
        .iter()
        .filter(|turning| turning.obligation == "monthly_complaint_report");
    let keys: Vec<&str> = own.map(|turning| turning.turn.key.as_str()).collect();
    assert_eq!(keys, ["2026-09", "2026-10", "2026-11"]);
    assert_eq!(
        next.unwrap(),
        Moment::parse_rfc3339("2026-12-01T00:00:00+08:00").unwrap()
    );

    let both = tokio::join!(
        open_turns(&centre, at, Mode::Live),
        open_turns(&centre, at, Mode::Live)
    );
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (next.unwrap(), next.unwrap()));
    open_turns(&centre, at, Mode::Live).await.unwrap();
    let opened = count(
        &centre,
        "SELECT COUNT(*) FROM cases WHERE source LIKE 'obligation:%'",
    )
    .await;
    assert_eq!(opened as usize, turnings.len());
    let september = turnings
        .iter()
        .find(|turning| turning.obligation == "monthly_complaint_report")
        .unwrap();
    let rows = centre
        .store
        .query(
            "SELECT record FROM claims WHERE key = $1",
            &[september.key().into()],
        )
        .await
        .unwrap();
    let (case, _) = centre.case(Id(rows[0].int(0).unwrap())).await.unwrap();
    assert_eq!(case.pack.hash, pack.hash);
    assert_eq!(case.fields["turn"], FieldValue::Text("2026-09".into()));
    // The 5th of October 2026 is a holiday; the next workday is the 8th.
    let due = Moment::parse_rfc3339("2026-10-08T23:59:59.999+08:00").unwrap();
    let noted = case.fields["due"].as_number().unwrap();
    assert!(
        (noted - due.as_millis()).abs() <= 1,
        "{}",
        Moment::from_millis(noted)
    );
}

/// A pack with nothing but visits, of which half are looked into.
fn visits() -> Files {
    let mut files = Files::new();
    files.insert(
        "regulation.md",
        "---\nlanguage: 1\npack: visits\ntitle: { zh: 上门, en: Visits }\nversion: 1\neffective: 2026-01-01\n---\n\
         # 上门\n\n- **1** 上门后登记。\n- **2** 每日抽查半数。\n",
    );
    files.insert(
        "clauses.yaml",
        "clauses:\n  \"1\": { title: { zh: 登记, en: Record } }\n  \"2\": { title: { zh: 抽查, en: Sample } }\n",
    );
    files.insert(
        "calendar.yaml",
        "zone: Asia/Shanghai\nday_ends: midnight\non_holiday: stay\nhours: { mon-fri: \"09:00-17:00\" }\n",
    );
    files.insert(
        "visit.yaml",
        "procedure: outing\ntitle: { zh: 上门, en: Visit }\nnumber: \"V{n:4}\"\nask:\n  matter: { title: { zh: 事由, en: Matter } }\n\
         subject: matter\ncustomer: no\nstages:\n  begun: { zh: 开始, en: Begun }\n  closed: { zh: 已办结, en: Closed, end: true }\n\
         actions:\n  close: { title: { zh: 办结, en: Close }, clause: \"1\", from: begun, by: anyone, to: closed }\n\
         samples:\n  half:\n    title: { zh: 抽查, en: Sample }\n    clause: \"2\"\n    of: \"case.matter != 'trifle'\"\n    at_least: 50%\n\
         \x20   opens: { procedure: looking, fields: { what: case.matter } }\n    within: 3 days\n",
    );
    files.insert(
        "looking.yaml",
        "procedure: looking\ntitle: { zh: 核查, en: Look }\nnumber: \"L{n:4}\"\nask:\n  what: { title: { zh: 内容, en: What } }\n\
         \x20 due: { title: { zh: 期限, en: Due }, kind: time }\nsubject: what\nopened_by: engine\ncustomer: no\n\
         stages:\n  begun: { zh: 开始, en: Begun }\n  closed: { zh: 已办结, en: Closed, end: true }\n\
         actions:\n  close: { title: { zh: 办结, en: Close }, clause: \"2\", from: begun, by: anyone, to: closed }\n",
    );
    files
}

#[tokio::test]
async fn cmp_6_a_draw_is_made_once_a_day_and_can_be_repeated() {
    let (_folder, centre, pack, unit) = centre(&visits(), Moment::from_millis(0)).await;
    let today = now(&centre);
    let holding = Holding {
        function: "agent".into(),
        unit,
        on_behalf_of: None,
    };
    let agent = Actor {
        person: Some(Id(5)),
        holdings: vec![holding],
        certificates: Vec::new(),
    };
    for n in 0..9 {
        let at = today.plus(-DAY + n);
        let text = if n < 2 { "trifle" } else { "leak" };
        let case = open(&centre, &pack, unit, "outing", at, text).await;
        // The act at a later time of the same day: the case ends yesterday.
        let command = Command::Act {
            action: "close".into(),
            input: Fields::new(),
            seen: None,
        };
        let order = Order {
            case: Some(case),
            command,
            actor: &agent,
            at: Some(at.plus(1)),
            mode: Mode::Historic,
            pack: None,
            idempotency: None,
        };
        centre.run(order).await.unwrap();
    }
    let next = draw_samples(&centre, today).await.unwrap();
    assert!(next > today && next <= today.plus(DAY));
    draw_samples(&centre, today).await.unwrap();
    let rows = centre
        .store
        .query("SELECT record FROM claims WHERE name = 'draw'", &[])
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    let history = centre
        .store
        .load(store::RecordId(rows[0].int(0).unwrap()))
        .await
        .unwrap();
    let recorded: serde_json::Value = serde_json::from_slice(history[0].payload.as_ref().unwrap()).unwrap();
    let recorded: Draw = serde_json::from_value(recorded["draw"].clone()).unwrap();
    assert_eq!((recorded.population.len(), recorded.chosen.len()), (7, 4));
    assert_eq!(
        draw(
            &recorded.population,
            recorded.at_least,
            recorded.seed.parse().unwrap()
        ),
        recorded.chosen
    );
    // Each one drawn is looked into, once, with three days from its end.
    let opened = centre
        .store
        .query(
            "SELECT id, parent FROM cases WHERE procedure = 'looking' ORDER BY parent",
            &[],
        )
        .await
        .unwrap();
    let parents: Vec<Id> = opened.iter().map(|row| Id(row.int(1).unwrap())).collect();
    assert_eq!(parents, recorded.chosen);
    let (looking, _) = centre.case(Id(opened[0].int(0).unwrap())).await.unwrap();
    assert_eq!(looking.fields["what"], FieldValue::Text("leak".into()));
    assert!(looking.fields["due"].as_number().unwrap() > today.as_millis() + DAY);
}
