//! Notices and the outbox on both databases, against receivers that listen for real.

mod customers;
mod place;
mod receiver;
mod sms;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::source::Files;
use regulation::{Actor, Command, FieldValue, Fields, Id};
use serde_json::{Value as Json, json};
use store::Value;

use self::place::{Place, both};
use self::receiver::Receiver;
use super::settings::{Chosen, choose};
use super::webhooks::{self, Webhook};
use super::*;
use crate::cases::shell::Order;
use crate::centre::Centre;
use crate::organisation::{Held, PersonRecord, UnitRecord, set_person, set_unit};
use crate::packs::{self, Bundle, built_in};

/// A centre with two units below the top, the hotline's pack in force, and people in them.
struct House {
    centre: Arc<Centre>,
    top: Id,
    east: Id,
    west: Id,
    people: BTreeMap<&'static str, Id>,
}

/// Login, function, unit, whom they stand in for.
const PEOPLE: [(&str, &str, &str, Option<&str>); 7] = [
    ("agent", "agent", "east", None),
    ("leader_east", "team_leader", "east", None),
    ("leader_west", "team_leader", "west", None),
    ("leader_top", "team_leader", "top", None),
    ("lead", "service_lead", "top", None),
    ("deputy", "service_lead", "top", Some("lead")),
    ("gone", "team_leader", "east", None),
];

async fn house(place: &Place) -> House {
    house_under(place, &built_in("hotline").unwrap()).await
}

/// The same under another regulation.
async fn house_under(place: &Place, files: &Files) -> House {
    let store = place.open().await;
    let unit = |key: &str, parent: Option<Id>| UnitRecord {
        key: key.into(),
        name: key.into(),
        parent,
        calendar: "default".into(),
    };
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let east = set_unit(&store, None, None, &unit("east", Some(top)))
        .await
        .unwrap();
    let west = set_unit(&store, None, None, &unit("west", Some(top)))
        .await
        .unwrap();
    let mut people = BTreeMap::new();
    for (login, function, unit, absent) in PEOPLE {
        let held = Held {
            function: function.into(),
            unit: match unit {
                "east" => east,
                "west" => west,
                _ => top,
            },
            since: Moment::from_millis(0),
            until: Moment::from_millis(i64::MAX),
            on_behalf_of: absent.map(|absent| people[absent]),
        };
        let record = PersonRecord {
            login: login.into(),
            name: login.into(),
            active: login != "gone",
            language: "zh".into(),
            demo: false,
            held: vec![held],
            certificates: Vec::new(),
        };
        people.insert(login, set_person(&store, None, None, &record).await.unwrap());
    }
    let bundle = Bundle::of(files);
    let pack = bundle.link().unwrap();
    packs::activate(&store, &bundle, &pack, top, None, Moment::from_millis(0))
        .await
        .unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    House {
        centre,
        top,
        east,
        west,
        people,
    }
}

impl House {
    fn now(&self) -> Moment {
        Moment::from_millis(self.centre.store.now())
    }

    /// Opens a message in a unit, received so long ago.
    async fn open(&self, unit: Id, ago: i64, mode: Mode) -> Id {
        let actor = self.actor("agent");
        let received = self.now() - ago;
        let input = ["subject", "detail"].map(|key| (key.to_owned(), FieldValue::Text("路灯不亮".into())));
        let opened = Opened {
            received: Some(received),
            channel: "phone".into(),
            owning_unit: Some(unit),
            ..Opened::default()
        };
        let engine = Actor::default();
        let order = Order {
            case: None,
            command: Command::Open {
                procedure: "message".into(),
                opened,
                input: Fields::from(input),
            },
            actor: if mode == Mode::Live { &actor } else { &engine },
            at: (mode == Mode::Historic).then_some(received),
            mode,
            pack: self.centre.surroundings().packs.in_force_anywhere("hotline"),
            idempotency: None,
        };
        self.centre.run(order).await.unwrap().case
    }

    fn actor(&self, login: &str) -> Actor {
        self.centre
            .surroundings()
            .picture
            .actor(self.people[login], self.now())
    }

    async fn act(&self, case: Id, login: &str, action: &str, input: &[(&str, &str)]) {
        let actor = self.actor(login);
        let input = input
            .iter()
            .map(|(key, value)| ((*key).to_owned(), FieldValue::Text((*value).to_owned())));
        let order = Order {
            case: Some(case),
            command: Command::Act {
                action: action.to_owned(),
                input: input.collect(),
                seen: None,
            },
            actor: &actor,
            at: None,
            mode: Mode::Live,
            pack: None,
            idempotency: None,
        };
        self.centre.run(order).await.unwrap();
    }

    /// Who has notices of a case: login, kind, how many.
    async fn told(&self, case: Id) -> Vec<(&'static str, String, i64)> {
        let sql = "SELECT person, kind, COUNT(*) FROM notices WHERE case_id = $1 GROUP BY person, kind";
        let rows = self.centre.store.query(sql, &[case.0.into()]).await.unwrap();
        let mut told: Vec<_> = rows
            .iter()
            .map(|row| {
                let person = Id(row.int(0).unwrap());
                let (login, _) = self.people.iter().find(|(_, id)| **id == person).unwrap();
                (*login, row.text(1).unwrap().to_owned(), row.int(2).unwrap())
            })
            .collect();
        told.sort();
        told
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.centre.store.query(sql, &[]).await.unwrap()[0]
            .int(0)
            .unwrap()
    }

    /// Lets all that waits be due.
    async fn hasten(&self) {
        let sql = "UPDATE outbox SET due = 0 WHERE due IS NOT NULL";
        self.centre.store.execute(sql, &[]).await.unwrap();
    }

    /// Subscribes a receiver to openings in a unit.
    async fn subscribe(&self, receiver: &Receiver, unit: Id) -> Id {
        let id = Id(self.centre.store.new_id());
        let webhook = Webhook {
            id,
            name: "partner".into(),
            url: receiver.url("/hook"),
            kinds: vec!["opened".into(), "acted".into()],
            unit,
            active: true,
        };
        let store = &self.centre.store;
        webhooks::set(
            store,
            self.people["lead"],
            id,
            Some(&webhook),
            Some("hook secret"),
        )
        .await
        .unwrap();
        self.centre.refresh().await.unwrap();
        id
    }
}

fn running(receiver: &Receiver, text: &str) -> Running {
    let text = format!("[outbound]\nallow_hosts = [\"{}\"]\n{text}", receiver.address);
    let settings: channels::Settings = toml::from_str(&text).unwrap();
    Running::new(settings.open().unwrap(), Pace::default())
}

async fn send(house: &House, running: &Running) -> usize {
    let gateways = running.gateways.as_ref().unwrap();
    send_due(&house.centre, running, gateways).await.unwrap().taken
}

both!(
    gen_7_a_late_deadline_tells_its_people_once_and_nobody_else,
    |place| {
        let house = house(place).await;
        let late = 4 * 86_400_000;
        let case = house.open(house.east, late, Mode::Historic).await;
        assert_eq!(house.told(case).await, []);
        crate::timers::wake_due(&house.centre).await.unwrap();
        // Leaders of the case's own unit and of those above it, who stands in for the lead too; not the other branch, not who
        // has left, nobody twice.
        let expected =
            ["deputy", "lead", "leader_east", "leader_top"].map(|login| (login, "overdue".to_owned(), 1));
        assert_eq!(house.told(case).await, expected);
        crate::timers::wake_due(&house.centre).await.unwrap();
        assert_eq!(house.told(case).await, expected);
        let sql = "SELECT zh FROM notices LIMIT 1";
        let said = house.centre.store.query(sql, &[]).await.unwrap();
        assert!(
            said[0].text(0).unwrap().starts_with("“七十二小时答复”已超时"),
            "{said:?}"
        );
    }
);

both!(
    gen_7_urging_tells_the_owner_and_those_above_but_not_who_wrote_it_down,
    |place| {
        let house = house(place).await;
        let case = house.open(house.east, 0, Mode::Live).await;
        house
            .act(case, "leader_east", "urge", &[("urging", "客户来电催问")])
            .await;
        let told: Vec<_> = house
            .told(case)
            .await
            .into_iter()
            .filter(|(_, kind, _)| kind == "urged")
            .collect();
        // The agent took the first contact; the lead and the deputy are told as the pack says.
        assert_eq!(
            told.iter().map(|(login, _, _)| *login).collect::<Vec<_>>(),
            ["agent", "deputy", "lead"]
        );
        house.act(case, "lead", "urge", &[("urging", "再次来电")]).await;
        let told: Vec<_> = house
            .told(case)
            .await
            .into_iter()
            .filter(|(_, kind, _)| kind == "urged")
            .collect();
        assert_eq!(
            told,
            [
                ("agent", "urged".into(), 2),
                ("deputy", "urged".into(), 2),
                ("lead", "urged".into(), 1)
            ]
        );
    }
);

both!(what_is_done_in_historic_mode_sends_nothing, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    house.subscribe(&receiver, house.top).await;
    house.open(house.east, 86_400_000, Mode::Historic).await;
    assert_eq!(house.count("SELECT COUNT(*) FROM outbox").await, 0);
    assert_eq!(house.count("SELECT COUNT(*) FROM notices").await, 0);
    house.open(house.east, 0, Mode::Live).await;
    assert_eq!(house.count("SELECT COUNT(*) FROM outbox").await, 1);
});

both!(what_a_person_chose_goes_out_and_their_quiet_hours_hold, |place| {
    let house = house(place).await;
    let lead = house.people["lead"];
    let chosen = Chosen {
        mail: "lead@example.cn".into(),
        phone: "13800138000".into(),
        by_mail: vec![Kind::Overdue],
        by_sms: Vec::new(),
        // All day but one minute.
        quiet: Some((1, 0)),
    };
    choose(&house.centre.store, lead, lead, &chosen).await.unwrap();
    house.centre.refresh().await.unwrap();
    let case = house.open(house.east, 4 * 86_400_000, Mode::Historic).await;
    crate::timers::wake_due(&house.centre).await.unwrap();
    let sql = "SELECT channel, recipient, due, made, body FROM outbox WHERE case_id = $1";
    let rows = house.centre.store.query(sql, &[case.0.into()]).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].text(0).unwrap(), rows[0].text(1).unwrap()),
        ("mail", "lead@example.cn")
    );
    let calendar = calendar::Calendar::default();
    let made = Moment::from_millis(rows[0].int(3).unwrap());
    let due = Quiet::new(1, 0).unwrap().after(made, &calendar);
    assert_eq!(rows[0].int(2).unwrap(), due.as_millis());
    // A letter says what is to be done and nothing of the customer's matter.
    assert!(!rows[0].text(4).unwrap().contains("路灯"));
    // What was chosen follows from the history alone.
    let derived = crate::verification::derived();
    let store = &house.centre.store;
    let tables = store::history::verify::tables(store, &derived, crate::verification::derive, |_| {});
    assert!(tables.await.unwrap().holds());
});

both!(a_message_waits_until_its_act_can_no_longer_be_undone, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    house.subscribe(&receiver, house.top).await;
    let running = running(&receiver, "");
    let case = house.open(house.east, 0, Mode::Live).await;
    assert_eq!(send(&house, &running).await, 0);
    let waits = house.count("SELECT due - made FROM outbox").await;
    assert_eq!(waits, 10_000);
    let mut batch = store::Batch::new();
    withdraw(&mut batch, case, 1);
    house.centre.store.commit(batch).await.unwrap();
    house.hasten().await;
    assert_eq!(send(&house, &running).await, 0);
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM outbox WHERE state = 'withdrawn'")
            .await,
        1
    );
    assert_eq!(receiver.heard().len(), 0);
});

both!(
    a_receiver_that_fails_is_tried_again_under_the_same_key_and_signature,
    |place| {
        let house = house(place).await;
        let receiver = Receiver::start().await;
        house.subscribe(&receiver, house.east).await;
        let running = running(&receiver, "");
        // A second one, in whose unit nothing happens, is told nothing.
        house.subscribe(&receiver, house.west).await;
        let case = house.open(house.east, 0, Mode::Live).await;
        receiver.answer(503);
        house.hasten().await;
        assert_eq!(send(&house, &running).await, 1);
        let sql = "SELECT state, attempts, due, error FROM outbox";
        let rows = house.centre.store.query(sql, &[]).await.unwrap();
        assert_eq!(
            (rows[0].text(0).unwrap(), rows[0].int(1).unwrap()),
            ("waiting", 1)
        );
        assert!(rows[0].int(2).unwrap() > house.now().as_millis());
        assert_eq!(rows[0].text(3).unwrap(), "the receiver answered 503");
        receiver.answer(200);
        house.hasten().await;
        assert_eq!(send(&house, &running).await, 1);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND attempts = 2")
                .await,
            1
        );
        let heard = receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].key, heard[1].key);
        let now = house.now().as_millis() / 1_000;
        assert!(heard.iter().all(|heard| channels::webhook::is_signed(
            "hook secret",
            &heard.signature,
            &heard.body,
            now
        )));
        let body: Json = serde_json::from_str(&heard[1].body).unwrap();
        assert_eq!(body["event"], "opened");
        assert_eq!(body["case"]["id"], case.to_string());
        assert_eq!(body["key"], heard[1].key);
    }
);

both!(many_senders_at_once_send_each_message_once, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    house.subscribe(&receiver, house.top).await;
    for _ in 0..150 {
        house.open(house.east, 0, Mode::Live).await;
    }
    house.hasten().await;
    let senders = (0..4).map(|_| async {
        let running = running(&receiver, "");
        let mut taken = 0;
        loop {
            match send(&house, &running).await {
                0 => return taken,
                some => taken += some,
            }
        }
    });
    let taken: usize = futures_util::future::join_all(senders).await.into_iter().sum();
    assert_eq!(taken, 150);
    let keys: BTreeSet<String> = receiver.heard().into_iter().map(|heard| heard.key).collect();
    assert_eq!((keys.len(), receiver.heard().len()), (150, 150));
});

both!(
    a_node_that_died_while_sending_leaves_its_messages_to_the_others,
    |place| {
        let house = house(place).await;
        let receiver = Receiver::start().await;
        house.subscribe(&receiver, house.top).await;
        house.open(house.east, 0, Mode::Live).await;
        house.hasten().await;
        // The first node took the message, sent it, and died before it wrote that down: its claim runs out.
        let mut dying = running(&receiver, "");
        dying.pace.claim = 1;
        let died = {
            let gateways = dying.gateways.as_ref().unwrap();
            let work = store::Work {
                table: "outbox",
                key: "id",
                due: "due",
                taken_until: "taken_until",
                give: attempt::COLUMNS,
            };
            let rows = house.centre.store.claim_due(&work, 1, 10).await.unwrap();
            let message = attempt::Message::read(&rows[0]).unwrap();
            let calendar = calendar::Calendar::default();
            let store = &house.centre.store;
            attempt::attempt(store, &calendar, &dying, gateways, &message, store.now())
                .await
                .unwrap()
        };
        assert!(matches!(died.0, Outcome::Tried(Ok(_))));
        let other = running(&receiver, "");
        while send(&house, &other).await == 0 {
            tokio::task::yield_now().await;
        }
        let heard = receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].key, heard[1].key);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM outbox WHERE state = 'sent'")
                .await,
            1
        );
    }
);

both!(nothing_leaves_while_sending_is_held, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    house.subscribe(&receiver, house.top).await;
    hold(&house.centre.store, "restored").await.unwrap();
    house.open(house.east, 0, Mode::Live).await;
    house.hasten().await;
    let running = running(&receiver, "");
    let app = Arc::new(crate::app::App::new(house.centre.clone(), false).with_messages(running));
    let sender = tokio::spawn(run(app.clone()));
    // Two rounds are over when the second bell has been heard.
    for _ in 0..2 {
        app.messages.changed.notify_one();
        tokio::task::yield_now().await;
    }
    assert_eq!(receiver.heard().len(), 0);
    assert_eq!(standing(&house.centre.store).await.unwrap()[0].count, 1);
    release(&house.centre.store).await.unwrap();
    app.messages.changed.notify_one();
    receiver.wait_for(1).await;
    app.live.stop();
    sender.await.unwrap();
});

const SMS: &str = r#"
[sms]
url = "http://ADDRESS/sms"
signature = "首问客服"
secret = "gateway secret"
body = '{"mobile":"${phone}","tpl":"${template}","vars":${params},"key":"${key}"}'
most_per_day = 3
most_per_month = 100
[sms.sign]
placement = "header"
name = "X-Sign"
canonical = "${timestamp}${body}"
[sms.taken]
pointer = "/code"
is = "0"
id = "/sid"
[sms.notices]
overdue = "late"
[sms.templates.late]
id = "SMS_1"
text = "事项${number}：${text}，请速处理。"
[sms.receipts]
secret = "receipts secret"
signature_header = "X-Sign"
timestamp_header = "X-Time"
canonical = "${timestamp}.${body}"
id = "/sid"
state = "/status"
delivered = ["DELIVRD"]
"#;

both!(sms_are_paid_for_up_to_the_cap_and_receipts_settle_them, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    let sms = SMS.replace("ADDRESS", &receiver.address.to_string());
    let settings: channels::Settings = toml::from_str(&sms).unwrap();
    assert!(house.centre.set_routes(Routes::of(&settings, 0).unwrap()));
    let lead = house.people["lead"];
    let chosen = Chosen {
        phone: "13800138000".into(),
        by_sms: vec![Kind::Overdue],
        ..Chosen::default()
    };
    choose(&house.centre.store, lead, lead, &chosen).await.unwrap();
    house.centre.refresh().await.unwrap();
    for _ in 0..5 {
        house.open(house.east, 4 * 86_400_000, Mode::Historic).await;
    }
    crate::timers::wake_due(&house.centre).await.unwrap();
    let running = running(&receiver, &sms);
    assert_eq!(send(&house, &running).await, 5);
    // One segment each: three fit into the day, two wait for the next.
    let heard = receiver.heard();
    assert_eq!(heard.len(), 3);
    let body: Json = serde_json::from_str(&heard[0].body).unwrap();
    assert_eq!(
        (&body["mobile"], &body["tpl"]),
        (&json!("13800138000"), &json!("SMS_1"))
    );
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND segments = 1")
            .await,
        3
    );
    let capped = "SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND attempts = 0 AND error = 'the cap of the day is reached'";
    assert_eq!(house.count(capped).await, 2);
    assert_eq!(house.count("SELECT MAX(used) FROM message_usage").await, 3);

    // The gateway tells what became of them; anybody else is turned away.
    let app = Arc::new(crate::app::App::new(house.centre.clone(), false).with_messages(running));
    let sql = "SELECT gateway_id FROM outbox WHERE gateway_id IS NOT NULL ORDER BY id";
    let ids = house.centre.store.query(sql, &[]).await.unwrap();
    let entries: Vec<Json> = ids
        .iter()
        .zip(["DELIVRD", "UNDELIV"])
        .map(|(id, status)| json!({ "sid": id.text(0).unwrap(), "status": status }))
        .collect();
    let body = json!(entries).to_string();
    let time = (house.now().as_millis() / 1_000).to_string();
    assert_eq!(
        receiver::post(
            &app,
            "/api/receipts/sms",
            &body,
            &[("x-time", &time), ("x-sign", "00")]
        )
        .await,
        401
    );
    let sign = receiver::hmac_hex("receipts secret", &format!("{time}.{body}"));
    let headers = [("x-time", time.as_str()), ("x-sign", sign.as_str())];
    assert_eq!(
        receiver::post(&app, "/api/receipts/sms", &body, &headers).await,
        204
    );
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM outbox WHERE state = 'delivered'")
            .await,
        1
    );
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND error = 'UNDELIV'")
            .await,
        1
    );
});

both!(without_a_gateway_messages_stay_in_the_outbox, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    let put = "INSERT INTO outbox (id, key, channel, recipient, subject, body, state, attempts, made, due, taken_until) \
         VALUES ($1, $2, $3, 'x', '', '', 'waiting', 0, 0, 0, 0)";
    for (id, channel) in [(1_i64, "mail"), (2, "sms"), (3, "robot")] {
        let params: [Value; 3] = [id.into(), channel.into(), channel.into()];
        house.centre.store.execute(put, &params).await.unwrap();
    }
    let running = running(&receiver, "");
    assert_eq!(send(&house, &running).await, 3);
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM outbox WHERE state = 'kept' AND due IS NULL")
            .await,
        3
    );
    assert_eq!(receiver.heard().len(), 0);
});

both!(robots_keep_to_their_makers_pace, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    let text = format!(
        "[robots.late]\nkind = \"wecom\"\nurl = \"{}\"\ntells = [\"overdue\"]\nunit = \"east\"\n",
        receiver.url("/robot")
    );
    let settings: channels::Settings = toml::from_str(&text).unwrap();
    assert!(house.centre.set_routes(Routes::of(&settings, 0).unwrap()));
    house.open(house.east, 4 * 86_400_000, Mode::Historic).await;
    house.open(house.east, 4 * 86_400_000, Mode::Historic).await;
    house.open(house.west, 4 * 86_400_000, Mode::Historic).await;
    crate::timers::wake_due(&house.centre).await.unwrap();
    let running = running(&receiver, &text);
    assert_eq!(send(&house, &running).await, 2);
    assert_eq!(receiver.heard().len(), 1);
    let waits = house
        .count("SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND attempts = 0")
        .await;
    assert_eq!(waits, 1);
});
