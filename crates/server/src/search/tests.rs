use std::sync::Arc;
use std::time::Duration;

use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::source::Files;
use regulation::{Actor, Command, FieldValue, Fields, Holding, Id, Pack};
use search::{Ask, Order as Sort, Query};
use store::Store;

use super::columns::Row;
use super::reach::{Filter, Reach};
use super::*;
use crate::app::App;
use crate::cases::shell::Order;
use crate::centre::Centre;
use crate::customers::{self, NewRecord};
use crate::organisation::{UnitRecord, set_unit};
use crate::packs::{self, Bundle, built_in};
use crate::schema::MIGRATIONS;

const WAIT: Duration = Duration::from_secs(60);

/// A centre with two units in which the hotline's pack, with a question on alike messages, is in force.
struct World {
    _folder: tempfile::TempDir,
    app: Arc<App>,
    pack: Arc<Pack>,
    units: [Id; 2],
}

const QUESTION: &str = "
questions:
  many:
    title: { zh: 是否为集体反映, en: \"Do many say this?\" }
    clause: CLAUSE
    ask: FUNCTION
    raised_when: { alike: { customers: 3, within: 7 days } }
";

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let mut units = Vec::new();
    for key in ["one", "two"] {
        let unit = UnitRecord {
            key: key.into(),
            name: key.into(),
            parent: None,
            calendar: "default".into(),
        };
        units.push(set_unit(&store, None, None, &unit).await.unwrap());
    }
    let mut files = Files::new();
    for file in built_in("hotline").unwrap().iter() {
        let mut text = file.text.to_string();
        if text.contains("\nprocedure:") || text.starts_with("procedure:") {
            let clause = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("clause: "))
                .unwrap()
                .to_owned();
            let who = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("by: "))
                .unwrap()
                .trim_matches(['[', ']'])
                .split(',')
                .next()
                .unwrap()
                .to_owned();
            text.push_str(&QUESTION.replace("CLAUSE", &clause).replace("FUNCTION", &who));
        }
        // Who sends a message stands behind it here.
        files.insert(&*file.path, text.replace("customer: no\n", ""));
    }
    let bundle = Bundle::of(&files);
    let pack = bundle.link().unwrap();
    for unit in &units {
        packs::activate(&store, &bundle, &pack, *unit, None, Moment::from_millis(0))
            .await
            .unwrap();
    }
    let centre = Arc::new(Centre::open(store).await.unwrap());
    let pack = centre.surroundings().packs.in_force_anywhere(&pack.name).unwrap();
    World {
        _folder: folder,
        app: Arc::new(App::new(centre, false)),
        pack,
        units: [units[0], units[1]],
    }
}

impl World {
    async fn open(&self, unit: usize, customer: Option<Id>, text: &str) -> Id {
        let asked = &self.pack.procedure("message").unwrap().intake_fields;
        let input: Fields = ["subject", "detail", "matter"]
            .iter()
            .filter(|key| asked.iter().any(|field| field.key == **key))
            .map(|key| ((*key).to_owned(), FieldValue::Text(text.to_owned())))
            .collect();
        let engine = Actor::default();
        let at = Moment::from_millis(self.app.centre.store.now());
        let order = Order {
            case: None,
            command: Command::Open {
                procedure: "message".into(),
                opened: Opened {
                    received: Some(at),
                    channel: "phone".into(),
                    owning_unit: Some(self.units[unit]),
                    customer,
                    ..Opened::default()
                },
                input,
            },
            actor: &engine,
            at: Some(at),
            mode: Mode::Historic,
            pack: Some(self.pack.clone()),
            idempotency: None,
        };
        self.app.centre.run(order).await.unwrap().case
    }

    async fn customer(&self, name: &str) -> Id {
        let record = NewRecord {
            name: name.to_owned(),
            ..NewRecord::default()
        };
        let at = Moment::from_millis(1);
        customers::create(&self.app.centre.store, None, at, &record)
            .await
            .unwrap()
            .id
    }

    /// Hits and total, of everything acknowledged.
    async fn found(&self, text: &str, actor: &Actor, filter: Filter) -> (Vec<i64>, u64) {
        assert!(self.app.search.is_ready(WAIT).await);
        let position = self
            .app
            .centre
            .store
            .acknowledged_position(WAIT)
            .await
            .unwrap()
            .unwrap();
        assert!(self.app.search.reaches(position, WAIT).await);
        let desk = self.app.search.desk().unwrap();
        let query = Query::read(text, take::keys);
        let ask = Ask {
            query: &query,
            order: Sort::Time,
            limit: 50,
            after: None,
        };
        let picture = self.app.centre.surroundings().picture;
        let found = desk.columns(|columns| {
            let reach = Reach::new(columns, &picture, actor, &filter);
            let lets = |ordinal| reach.lets(&columns.row(ordinal));
            desk.index
                .search(&ask, lets, |ordinal| i64::from(columns.row(ordinal).received))
                .unwrap()
        });
        let mut ids: Vec<i64> = found.hits.iter().map(|hit| hit.id).collect();
        ids.sort_unstable();
        (ids, found.total)
    }
}

fn holder(person: i64, unit: Id) -> Actor {
    Actor {
        person: Some(Id(person)),
        holdings: vec![Holding {
            function: "agent".into(),
            unit,
            on_behalf_of: None,
        }],
        ..Actor::default()
    }
}

#[tokio::test]
async fn gen_11_hits_and_counts_end_where_a_persons_reach_ends() {
    let world = world().await;
    let before = world.open(0, None, "路灯不亮，请修").await;
    let running = tokio::spawn(run(world.app.clone(), None));
    let after = world.open(1, None, "路灯又不亮了，电话13800136021").await;
    let [one, two] = world.units;
    let all = Filter::default();
    assert_eq!(
        world.found("路灯", &holder(1, one), all.clone()).await,
        (vec![before.0], 1)
    );
    assert_eq!(
        world.found("路灯", &holder(1, two), all.clone()).await,
        (vec![after.0], 1)
    );
    assert_eq!(
        world.found("路灯", &Actor::default(), all.clone()).await,
        (vec![], 0)
    );
    // A number inside a text is no word of it.
    assert_eq!(
        world.found("13800136021", &holder(1, two), all.clone()).await.1,
        0
    );
    let filters = [
        (
            Filter {
                unit: Some(one),
                ..all.clone()
            },
            1,
        ),
        (
            Filter {
                unit: Some(two),
                ..all.clone()
            },
            0,
        ),
        (
            Filter {
                open: Some(false),
                ..all.clone()
            },
            0,
        ),
        (
            Filter {
                procedure: Some("message".into()),
                ..all.clone()
            },
            1,
        ),
        (
            Filter {
                procedure: Some("other".into()),
                ..all.clone()
            },
            0,
        ),
        (
            Filter {
                channel: Some("phone".into()),
                from: Some(0),
                ..all.clone()
            },
            1,
        ),
        (
            Filter {
                to: Some(1000),
                ..all.clone()
            },
            0,
        ),
        (
            Filter {
                kind: Some(columns::Kind::Customer),
                ..all.clone()
            },
            0,
        ),
    ];
    for (filter, wanted) in filters {
        let (_, total) = world.found("路灯", &holder(1, one), filter.clone()).await;
        assert_eq!(total, wanted, "{filter:?}");
    }
    world.app.live.stop();
    running.await.unwrap();
}

#[tokio::test]
async fn qlt_1_an_erased_record_is_found_no_more() {
    let world = world().await;
    let running = tokio::spawn(run(world.app.clone(), None));
    let case = world.open(0, None, "要删除的内容").await;
    let actor = holder(1, world.units[0]);
    assert_eq!(world.found("删除", &actor, Filter::default()).await.1, 1);
    let store = &world.app.centre.store;
    let mut batch = store::Batch::new();
    for event in store.load(store::RecordId(case.0)).await.unwrap() {
        batch.erase(store::RecordId(case.0), event.seq);
    }
    store.commit(batch).await.unwrap();
    world.app.search.look_again(case.0);
    let desk = world.app.search.desk().unwrap();
    let gone = async {
        let mut turns = tokio::time::interval(Duration::from_millis(5));
        while desk.columns(|columns| {
            let ordinal = desk.index.known(case.0).unwrap();
            columns.row(ordinal) != Row::default()
        }) {
            turns.tick().await;
        }
    };
    tokio::time::timeout(WAIT, gone).await.unwrap();
    assert_eq!(world.found("删除", &actor, Filter::default()).await.1, 0);
    world.app.live.stop();
    running.await.unwrap();
}

#[tokio::test]
async fn cmp_2_three_customers_of_one_matter_in_one_place_raise_the_question_once() {
    let world = world().await;
    let running = tokio::spawn(run(world.app.clone(), None));
    assert!(world.app.search.is_ready(WAIT).await);
    let texts = [
        "锦云花园地下车库B2层积水，车都快泡了",
        "锦云花园B2车库全是水，有十几公分深",
        "锦云花园负二层停车场积水严重，没人抽水",
        "翠湖小区地下车库B1层积水",
    ];
    let mut cases = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let customer = world.customer(&format!("客户{at}")).await;
        cases.push(world.open(0, Some(customer), text).await);
    }
    // Another text by the same customer makes no fourth one.
    let asked = async {
        let mut told = world.app.centre.store.subscribe();
        loop {
            let (state, _) = world.app.centre.case(cases[2]).await.unwrap();
            if !state.questions.is_empty() {
                return state;
            }
            told.recv().await.unwrap();
        }
    };
    let state = tokio::time::timeout(WAIT, asked).await.unwrap();
    assert_eq!(state.questions.len(), 1);
    assert_eq!(state.questions[0].question, "many");
    let (other, _) = world.app.centre.case(cases[3]).await.unwrap();
    assert!(other.questions.is_empty());
    world.app.live.stop();
    running.await.unwrap();
}
