use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::source::Files;
use regulation::{Actor, Command, FieldValue, Fields, Id};
use store::Store;

use super::*;
use crate::cases::shell::Order;
use crate::organisation::{UnitRecord, change_unit};
use crate::packs::{Bundle, activate, built_in};
use crate::schema::MIGRATIONS;

const FACTS: &str = "
facts:
  others:
    title: { zh: 同一人的其他留言, en: Other messages of this user }
    count: message
    same: [user]
";
const GUARD: &str = "    needs:
      - clause: A
        that: \"facts.others == 0\"
        say: { zh: 同一人另有留言, en: There is another message of this user }
    to: answered
";

/// The hotline's pack, where nothing is answered while another message of the same user is on record.
fn changed() -> Pack {
    let mut files = Files::new();
    for file in built_in("hotline").unwrap().iter() {
        let mut text = file.text.to_string();
        if file.path.ends_with("message.yaml") {
            text = text.replace("    to: answered\n", GUARD);
            text.push_str(FACTS);
        }
        files.insert(&*file.path, &text);
    }
    Bundle::of(&files).link().unwrap()
}

fn hour(hour: i64) -> Moment {
    Moment::from_millis(1_577_840_400_000 + hour * 3_600_000)
}

struct Town {
    centre: Centre,
    unit: Id,
    _folder: tempfile::TempDir,
}

impl Town {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
        let centre = Centre::open(store).await.unwrap();
        let record = UnitRecord {
            key: "top".into(),
            name: "总部".into(),
            parent: None,
            calendar: "default".into(),
        };
        let unit = change_unit(&centre, None, None, &record).await.unwrap();
        let bundle = Bundle::of(&built_in("hotline").unwrap());
        let pack = bundle.link().unwrap();
        activate(&centre.store, &bundle, &pack, unit, None, hour(0))
            .await
            .unwrap();
        centre.refresh().await.unwrap();
        Town {
            centre,
            unit,
            _folder: folder,
        }
    }

    async fn run(&self, case: Option<Id>, command: Command, at: i64) -> Id {
        let pack = self.centre.surroundings().packs.in_force_anywhere("hotline");
        let order = Order {
            case,
            command,
            actor: &Actor::default(),
            at: Some(hour(at)),
            mode: Mode::Historic,
            pack,
            idempotency: None,
        };
        self.centre.run(order).await.unwrap().case
    }

    async fn open(&self, user: &str, at: i64) -> Id {
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let input = [("subject", "路灯"), ("detail", "不亮"), ("user", user)];
        let opened = Opened {
            received: Some(hour(at)),
            channel: "message_board".into(),
            owning_unit: Some(self.unit),
            ..Opened::default()
        };
        let command = Command::Open {
            procedure: "message".into(),
            opened,
            input: input
                .map(|(key, value)| (key.to_owned(), text(value)))
                .into_iter()
                .collect(),
        };
        self.run(None, command, at).await
    }

    async fn answer(&self, case: Id, at: i64) {
        let input = Fields::from([("reply".to_owned(), FieldValue::Text("已修".into()))]);
        let command = Command::Act {
            action: "answer".into(),
            input,
            seen: None,
        };
        self.run(Some(case), command, at).await;
    }
}

#[tokio::test]
async fn qlt_3_facts_meet_the_other_contacts_as_they_were_at_the_moment_of_the_act() {
    let town = Town::new().await;
    // The first is answered after the second has come: that one is on record by then. The third is alone when answered,
    // though a fourth of the same user comes later.
    let first = town.open("甲", 0).await;
    let second = town.open("甲", 1).await;
    town.answer(first, 2).await;
    town.answer(second, 3).await;
    let third = town.open("乙", 4).await;
    town.answer(third, 5).await;
    let fourth = town.open("乙", 6).await;
    town.answer(fourth, 7).await;
    let period = Period {
        from: hour(-1),
        to: hour(10_000),
        as_of: hour(24),
    };
    let rehearsal = rehearse(&town.centre, Arc::new(changed()), period, 2, |_, _| {})
        .await
        .unwrap();
    assert_eq!((rehearsal.contacts, rehearsal.refused_acts), (4, 3));
    let a = rehearsal.clauses.iter().find(|clause| clause.id == "A").unwrap();
    assert_eq!((a.before.kept, a.before.open), (4, 0));
    assert_eq!((a.after.kept, a.after.open), (1, 3));
    // Seen while the first was answered only, just that one meets another.
    let early = Period {
        as_of: hour(2),
        ..period
    };
    let rehearsal = rehearse(&town.centre, Arc::new(changed()), early, 2, |_, _| {})
        .await
        .unwrap();
    assert_eq!((rehearsal.contacts, rehearsal.refused_acts), (2, 1));
}

#[tokio::test]
async fn qlt_3_a_pack_without_facts_gives_the_report_that_stands() {
    let town = Town::new().await;
    for at in 0..6 {
        let case = town.open("甲", at).await;
        if at % 2 == 0 {
            town.answer(case, at + 80 * (at / 2)).await;
        }
    }
    let period = Period {
        from: hour(-1),
        to: hour(10_000),
        as_of: hour(1_000),
    };
    let same = Arc::new(Bundle::of(&built_in("hotline").unwrap()).link().unwrap());
    let rehearsal = rehearse(&town.centre, same, period, 2, |_, _| {}).await.unwrap();
    assert_eq!((rehearsal.contacts, rehearsal.refused_acts), (6, 0));
    for clause in &rehearsal.clauses {
        assert_eq!(clause.before, clause.after, "{}", clause.id);
    }
    assert!(
        rehearsal
            .clauses
            .iter()
            .any(|clause| clause.after.late > 0 && clause.after.kept > 0)
    );
}
