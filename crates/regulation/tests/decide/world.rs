//! A small company: the pack `desk`, units, people, and the commits a shell would make.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use calendar::{Calendar, Holidays, Moment, WeeklyHours};
use regulation::case::{Clock, ClockState};
use regulation::decide::{Mode, Opened, Organisation, Other, decide, needs};
use regulation::load::load;
use regulation::source::Files;
use regulation::{
    Actor, Case, Command, Decision, Event, Facts, FieldValue, Fields, Holding, Id, Pack, Refusal, Setting,
};

pub const COMPANY: Id = Id(1);
pub const SERVICE: Id = Id(10);
pub const ENGINEERING: Id = Id(20);
pub const CRANES: Id = Id(21);
pub const SALES: Id = Id(30);

fn files(texts: &[(&str, &str)]) -> Files {
    let mut files = Files::new();
    for (path, text) in texts {
        files.insert(path, text);
    }
    files
}

/// The pack with parts of its text replaced: another version of it.
pub fn version(changes: &[(&str, &str)]) -> Arc<Pack> {
    let mut complaint = include_str!("desk/complaint.yaml").to_owned();
    for (old, new) in changes {
        assert!(complaint.contains(old), "nothing to replace: {old}");
        complaint = complaint.replace(old, new);
    }
    let desk = files(&[
        ("regulation.md", include_str!("desk/regulation.md")),
        ("beside.yaml", include_str!("desk/beside.yaml")),
        ("calendar.yaml", include_str!("desk/calendar.yaml")),
        ("complaint.yaml", &complaint),
        ("task.yaml", include_str!("desk/task.yaml")),
    ]);
    let house = files(&[
        ("regulation.md", include_str!("desk/house.md")),
        ("rights.yaml", include_str!("desk/rights.yaml")),
    ]);
    let library: BTreeMap<String, Files> = BTreeMap::from([("house".to_owned(), house)]);
    match load(&desk, &library) {
        Ok(pack) => Arc::new(pack),
        Err(mistakes) => panic!("{:#?}", mistakes.into_sorted()),
    }
}

pub fn pack() -> Arc<Pack> {
    static PACK: OnceLock<Arc<Pack>> = OnceLock::new();
    PACK.get_or_init(|| version(&[])).clone()
}

pub struct Company {
    pub calendar: Calendar,
}

impl Organisation for Company {
    fn within(&self, unit: Id, above: Id) -> bool {
        unit == above || above == COMPANY || (unit == CRANES && above == ENGINEERING)
    }

    fn calendar(&self, _: &Pack, _: Option<Id>) -> &Calendar {
        &self.calendar
    }
}

pub fn working_week(hours: &str) -> Calendar {
    let hours = WeeklyHours::parse([("mon-fri", hours)]).unwrap();
    Calendar::builder()
        .zone_name("Asia/Shanghai")
        .hours(hours)
        .public_holidays(Holidays::china())
        .build()
        .unwrap()
}

pub const LIN: Id = Id(101);
pub const WU: Id = Id(102);
pub const ZHAO: Id = Id(103);
pub const HE: Id = Id(104);
pub const QIAN: Id = Id(105);
pub const SUN: Id = Id(106);
pub const WANG: Id = Id(107);
pub const DEPUTY: Id = Id(108);
pub const MA: Id = Id(109);
pub const ALL: [Id; 9] = [LIN, WU, ZHAO, HE, QIAN, SUN, WANG, DEPUTY, MA];

pub fn actor(person: Id) -> Actor {
    let hold = |function: &str, unit| Holding {
        function: function.to_owned(),
        unit,
        on_behalf_of: None,
    };
    let holdings = match person {
        LIN | MA => vec![hold("agent", SERVICE)],
        WU => vec![hold("duty_lead", SERVICE)],
        ZHAO => vec![hold("department_head", ENGINEERING)],
        HE => vec![hold("dispatcher", CRANES)],
        QIAN => vec![hold("quality_head", COMPANY)],
        SUN => vec![hold("sales_manager", COMPANY)],
        WANG => vec![hold("general_manager", COMPANY)],
        DEPUTY => vec![Holding {
            on_behalf_of: Some(WANG),
            ..hold("general_manager", COMPANY)
        }],
        _ => Vec::new(),
    };
    Actor {
        person: Some(person),
        holdings,
        certificates: Vec::new(),
    }
}

/// Local time in Shanghai: `2026-11-19 10:00`.
pub fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T"))).unwrap()
}

pub fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

pub fn time(local: &str) -> FieldValue {
    FieldValue::Number(at(local).as_millis())
}

pub fn fields(pairs: &[(&str, FieldValue)]) -> Fields {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect()
}

pub struct World {
    pub pack: Arc<Pack>,
    pub company: Company,
    pub cases: BTreeMap<Id, (Vec<Event>, Case)>,
    pub facts: BTreeMap<String, FieldValue>,
    pub now: Moment,
    pub last: Decision,
    next_id: i64,
    numbers: BTreeMap<String, i64>,
}

impl World {
    pub fn at(local: &str) -> World {
        World {
            pack: pack(),
            company: Company {
                calendar: working_week("08:30-18:00"),
            },
            cases: BTreeMap::new(),
            facts: BTreeMap::new(),
            now: at(local),
            last: Decision::default(),
            next_id: 1000,
            numbers: BTreeMap::new(),
        }
    }

    pub fn setting<'a>(&'a self, actor: &'a Actor) -> Setting<'a> {
        Setting {
            pack: &self.pack,
            organisation: &self.company,
            actor,
            now: self.now,
            seed: 7,
            mode: Mode::Live,
        }
    }

    /// Decides and, unless refused, commits; every commit is compared with a replay from scratch.
    pub fn run(&mut self, actor: &Actor, case: Option<Id>, command: &Command) -> Result<Vec<Id>, Refusal> {
        let state = case.map(|id| self.cases[&id].1.clone());
        let needs = needs(&self.setting(actor), state.as_ref(), command);
        let mut facts = Facts {
            values: self.facts.clone(),
            ..Facts::default()
        };
        for need in &needs.numbers {
            let next = self.numbers.entry(need.series.clone()).or_insert(0);
            let given = (0..need.count).map(|_| {
                *next += 1;
                *next
            });
            facts.numbers.insert(need.series.clone(), given.collect());
        }
        for _ in 0..needs.ids {
            self.next_id += 1;
            facts.ids.push(Id(self.next_id));
        }
        let listed = facts.values.values().filter_map(|value| match value {
            FieldValue::List(ids) => Some(ids.iter().filter_map(FieldValue::as_id)),
            _ => None,
        });
        let asked: Vec<Id> = needs.others.iter().copied().chain(listed.flatten()).collect();
        for other in asked {
            if let Some((_, case)) = self.cases.get(&other) {
                facts.others.insert(other, Other::of(case));
            }
        }
        let decision = decide(&self.setting(actor), state.as_ref(), &facts, command)?;
        let mut touched = Vec::new();
        for event in &decision.events {
            self.commit(event, &mut touched);
        }
        for event in decision.opened.iter().flat_map(|(_, events)| events) {
            self.commit(event, &mut touched);
        }
        self.last = decision.clone();
        for followup in &decision.followups {
            let (other, told) = followup.clone().command();
            self.run(actor, Some(other), &told)?;
        }
        Ok(touched)
    }

    fn commit(&mut self, event: &Event, touched: &mut Vec<Id>) {
        // As the store keeps it: header beside, payload as JSON.
        let json = serde_json::to_string(event).unwrap();
        let mut back: Event = serde_json::from_str(&json).unwrap();
        (back.case, back.happened, back.actor) = (event.case, event.happened, event.actor);
        assert_eq!(back, *event);
        match self.cases.get_mut(&event.case) {
            Some((events, case)) => {
                events.push(back);
                case.apply(event);
            }
            None => {
                let case = Case::begun(event).unwrap();
                self.cases.insert(event.case, (vec![back], case));
            }
        }
        let (events, case) = &self.cases[&event.case];
        assert_eq!(Case::replay(events).unwrap(), *case);
        if !touched.contains(&event.case) {
            touched.push(event.case);
        }
    }

    pub fn open(&mut self, by: Id, opened: Opened, input: Fields) -> Result<Id, Refusal> {
        let command = Command::Open {
            procedure: "complaint".to_owned(),
            opened,
            input,
        };
        self.run(&actor(by), None, &command).map(|touched| touched[0])
    }

    /// A complaint taken by Lin.
    pub fn complaint(&mut self) -> Id {
        let opened = Opened {
            channel: "phone".to_owned(),
            owning_unit: Some(SERVICE),
            ..Opened::default()
        };
        self.open(
            LIN,
            opened,
            fields(&[("matter", text("电梯停运")), ("complainant", text("张三"))]),
        )
        .unwrap()
    }

    pub fn act(
        &mut self,
        by: Id,
        case: Id,
        action: &str,
        input: &[(&str, FieldValue)],
    ) -> Result<(), Refusal> {
        let command = Command::Act {
            action: action.to_owned(),
            input: fields(input),
            seen: None,
        };
        self.run(&actor(by), Some(case), &command).map(drop)
    }

    pub fn classify(&mut self, case: Id, grade: &str) {
        let input = [
            ("class", text("liable")),
            ("grade", text(grade)),
            ("department", ENGINEERING.into()),
        ];
        self.act(LIN, case, "classify", &input).unwrap();
    }

    /// Taken, planned, replied: settled.
    pub fn settle(&mut self, case: Id, plan: &str) {
        self.act(HE, case, "take", &[]).unwrap();
        self.act(HE, case, "propose", &[("plan", text(plan))]).unwrap();
        self.act(LIN, case, "reply", &[("reply", text("已修复"))])
            .unwrap();
    }

    pub fn wait_until(&mut self, local: &str) {
        self.now = at(local);
        self.wake_all();
    }

    pub fn wake_all(&mut self) {
        for id in self.cases.keys().copied().collect::<Vec<_>>() {
            self.run(&Actor::default(), Some(id), &Command::Wake).unwrap();
        }
    }

    pub fn case(&self, id: Id) -> &Case {
        &self.cases[&id].1
    }

    pub fn events(&self, id: Id) -> &[Event] {
        &self.cases[&id].0
    }

    /// The newest clock of a deadline.
    pub fn clock(&self, id: Id, deadline: &str) -> &Clock {
        self.case(id)
            .clocks
            .iter()
            .filter(|clock| clock.deadline == deadline)
            .max_by_key(|clock| clock.no)
            .unwrap()
    }

    pub fn clocks(&self, id: Id, deadline: &str) -> Vec<ClockState> {
        self.case(id)
            .clocks
            .iter()
            .filter(|clock| clock.deadline == deadline)
            .map(|clock| clock.state)
            .collect()
    }
}
