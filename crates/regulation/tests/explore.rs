//! Bounded exploration through the engine itself: from every state of a case that a walk reaches, an end is reachable.
//! Two people who hold every function try every action with every option; states that look alike are walked once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::result_large_err)]

mod fixture;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use calendar::{Calendar, Moment};
use regulation::case::{ApprovalStatus, Case};
use regulation::decide::{
    Actor, Command, Decision, Facts, Holding, Mode, Opened, Organisation, Other, Refusal, Setting, Standing,
    decide, needs, offers, shown,
};
use regulation::load::load;
use regulation::model::{Field, FieldKind, Given, Procedure};
use regulation::{FieldValue, Fields, Id, Pack};

/// States of one procedure that are walked on from.
const STATES: usize = 150;
/// Ways of filling one form.
const FILLINGS: usize = 12;

struct World {
    pack: Pack,
    calendar: Calendar,
    people: Vec<Actor>,
}

impl Organisation for World {
    fn within(&self, _: Id, _: Id) -> bool {
        true
    }

    fn calendar(&self, _: &Pack, _: Option<Id>) -> &Calendar {
        &self.calendar
    }
}

/// What makes two states differ for what can still happen: where the case stands, what was chosen, what is waited for.
fn looks(case: &Case) -> String {
    let chosen: Vec<String> = case
        .fields
        .iter()
        .filter_map(|(key, value)| match value {
            FieldValue::Flag(flag) => Some(format!("{key}={flag}")),
            FieldValue::Text(text)
                if text.len() < 24 && !text.contains(' ') && text.parse::<i64>().is_err() =>
            {
                Some(format!("{key}={text}"))
            }
            FieldValue::Text(_) | FieldValue::Number(_) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let approvals: Vec<String> = case
        .approvals
        .iter()
        .filter(|approval| approval.round == case.round)
        .map(|approval| {
            format!(
                "{}{:?}{}",
                approval.approval,
                approval.status,
                approval.signatures.len()
            )
        })
        .collect();
    let open = case
        .subcases
        .iter()
        .filter(|subcase| subcase.gates && subcase.ended.is_none())
        .count();
    let done: BTreeSet<&str> = case.doings.iter().map(|doing| doing.action.as_str()).collect();
    format!(
        "{} {} {chosen:?} {approvals:?} {} {done:?}",
        case.stage,
        case.round.min(2),
        open.min(2)
    )
}

impl World {
    fn new(pack: Pack) -> Self {
        let holdings: Vec<Holding> = pack
            .functions
            .keys()
            .map(|function| Holding {
                function: function.clone(),
                unit: Id(1),
                on_behalf_of: None,
            })
            .collect();
        let person = |id| Actor {
            person: Some(Id(id)),
            holdings: holdings.clone(),
            certificates: ["invoice", "forklift"].map(str::to_owned).to_vec(),
        };
        World {
            pack,
            calendar: Calendar::builder().build().unwrap(),
            people: vec![person(2), person(3)],
        }
    }

    fn setting<'w>(&'w self, actor: &'w Actor, now: Moment) -> Setting<'w> {
        Setting {
            pack: &self.pack,
            organisation: self,
            actor,
            now,
            seed: 7,
            mode: Mode::Historic,
        }
    }

    fn decided(
        &self,
        actor: &Actor,
        now: Moment,
        case: Option<&Case>,
        command: &Command,
    ) -> Result<Decision, Refusal> {
        let setting = self.setting(actor, now);
        let needs = needs(&setting, case, command);
        let after = case.map_or(0, |case| case.version as i64);
        let mut facts = Facts {
            ids: (0..needs.ids)
                .map(|n| Id(1000 + after * 500 + i64::from(n)))
                .collect(),
            ..Facts::default()
        };
        for need in needs.numbers {
            facts
                .numbers
                .insert(need.series, (1..=i64::from(need.count)).collect());
        }
        // Whatever case is named is there, open, and of the same kind.
        for other in needs.others {
            let known = case.map(|case| Other {
                ended: false,
                held: false,
                retained_until: Some(Moment::from_millis(0)),
                ..Other::of(case)
            });
            facts.others.extend(known.map(|known| (other, known)));
        }
        decide(&setting, case, &facts, command)
    }

    /// Several ways of filling these fields, every option of a choice among them.
    fn fillings(
        &self,
        procedure: &Procedure,
        case: Option<&Case>,
        fields: &[Field],
        now: Moment,
    ) -> Vec<Fields> {
        let mut all = vec![Fields::new()];
        for field in fields {
            let options: Vec<FieldValue> = match &field.kind {
                FieldKind::Choice(options) => options
                    .iter()
                    .map(|(key, _)| FieldValue::Text(key.clone()))
                    .collect(),
                FieldKind::Flag => vec![FieldValue::Flag(true), FieldValue::Flag(false)],
                _ => continue,
            };
            let mut more = Vec::new();
            for filled in &all {
                for option in &options {
                    let mut filled = filled.clone();
                    filled.insert(field.key.clone(), option.clone());
                    more.push(filled);
                }
            }
            // Thinned out evenly, so that no option of a later field is lost.
            let step = more.len().div_ceil(FILLINGS);
            all = more
                .into_iter()
                .enumerate()
                .filter(|(at, _)| at % step.max(1) == at / FILLINGS % step.max(1))
                .map(|(_, filled)| filled)
                .collect();
        }
        let setting = self.setting(&self.people[0], now);
        for filled in &mut all {
            for _ in 0..3 {
                let asked: Vec<(&Field, bool)> = shown(&setting, procedure, case, fields, filled)
                    .into_iter()
                    .map(|shown| (shown.field, shown.required))
                    .collect();
                filled.retain(|key, _| asked.iter().any(|(field, _)| field.key == *key));
                for (field, _) in asked.iter().filter(|(field, _)| field.given == Given::Typed) {
                    if !filled.contains_key(&field.key) {
                        filled.insert(field.key.clone(), self.value(field, now));
                    }
                }
            }
        }
        all
    }

    fn value(&self, field: &Field, now: Moment) -> FieldValue {
        let text = |text: String| FieldValue::Text(text);
        match &field.kind {
            FieldKind::Choice(options) => text(options[0].0.clone()),
            FieldKind::Choices(options) => FieldValue::List(vec![text(options[0].0.clone())]),
            FieldKind::Number { .. } | FieldKind::Money => FieldValue::Number(5),
            FieldKind::Flag => FieldValue::Flag(true),
            FieldKind::Time { .. } => FieldValue::Number((now + 86_400_000).as_millis()),
            FieldKind::Date => text("2026-12-01".to_owned()),
            FieldKind::Phone => text("02088886666".to_owned()),
            FieldKind::Person => Id(3).into(),
            FieldKind::People => FieldValue::List(vec![Id(3).into()]),
            FieldKind::OutsideBody => Id(50).into(),
            FieldKind::Unit => Id(1).into(),
            FieldKind::Customer | FieldKind::Case | FieldKind::Signature => Id(50).into(),
            FieldKind::Files => FieldValue::List(vec![Id(50).into()]),
            FieldKind::Rows(columns) => {
                let cells = columns
                    .iter()
                    .map(|column| (column.key.clone(), self.value(column, now)));
                FieldValue::List(vec![FieldValue::Row(cells.collect())])
            }
            // Never twice the same, so that a changed plan is one.
            _ => text(format!("words of {}", now.as_millis())),
        }
    }

    /// Every state that one act leads to.
    fn next(&self, procedure: &Procedure, case: &Case) -> Vec<Case> {
        let now = Moment::from_millis(1_790_000_000_000 + case.version as i64 * 60_000);
        let mut commands: Vec<(usize, Command)> = Vec::new();
        for (who, actor) in self.people.iter().enumerate() {
            for offer in offers(&self.setting(actor, now), case, &Facts::default()) {
                // Rights stand in every stage alike and lead nowhere; the walk is about the procedure.
                if matches!(offer.standing, Standing::Refused(_)) || offer.right {
                    continue;
                }
                for input in self.fillings(procedure, Some(case), offer.ask, now) {
                    commands.push((
                        who,
                        Command::Act {
                            action: offer.key.to_owned(),
                            input,
                            seen: None,
                        },
                    ));
                }
            }
            let asked = case
                .approvals
                .iter()
                .filter(|approval| approval.status == ApprovalStatus::Asked);
            for approval in asked {
                for agree in [true, false] {
                    let reason = Some("words".to_owned());
                    commands.push((
                        who,
                        Command::Sign {
                            approval: approval.no,
                            agree,
                            reason,
                            seen: None,
                        },
                    ));
                }
            }
        }
        for subcase in case.subcases.iter().filter(|subcase| subcase.ended.is_none()) {
            commands.push((
                0,
                Command::SubcaseEnded {
                    case: subcase.case,
                    stage: "done".to_owned(),
                },
            ));
        }
        let reached = commands.into_iter().filter_map(|(who, command)| {
            let decision = self.decided(&self.people[who], now, Some(case), &command).ok()?;
            let mut case = case.clone();
            decision.events.iter().for_each(|event| case.apply(event));
            Some(case)
        });
        reached.collect()
    }

    /// Walks one procedure; gives states walked, and those from which no end was reached.
    fn walk(&self, procedure: &Procedure) -> (usize, Vec<String>) {
        let now = Moment::from_millis(1_790_000_000_000);
        let mut open: VecDeque<Case> = VecDeque::new();
        let typed: Vec<Field> = procedure
            .intake_fields
            .iter()
            .filter(|field| field.given == Given::Typed)
            .cloned()
            .collect();
        for input in self.fillings(procedure, None, &typed, now) {
            let opened = Opened {
                case: Some(Id(10)),
                owning_unit: Some(Id(1)),
                customer: Some(Id(60)),
                channel: "phone".to_owned(),
                ..Opened::default()
            };
            let command = Command::Open {
                procedure: procedure.key.clone(),
                opened,
                input,
            };
            let decision = self.decided(&self.people[0], now, None, &command);
            let decision = decision.or_else(|_| self.decided(&Actor::default(), now, None, &command));
            open.extend(decision.ok().and_then(|decision| Case::replay(&decision.events)));
        }
        assert!(!open.is_empty(), "{}: no case can be opened", procedure.key);
        // Which states each one leads to; an end, and a state beyond the bound, count as ways out.
        let mut leads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut out: BTreeSet<String> = BTreeSet::new();
        while let Some(case) = open.pop_front() {
            let key = looks(&case);
            if leads.contains_key(&key) || out.contains(&key) {
                continue;
            }
            if case.ended.is_some() || leads.len() >= STATES {
                out.insert(key);
                continue;
            }
            let next = self.next(procedure, &case);
            leads.insert(key, next.iter().map(looks).collect());
            open.extend(next);
        }
        let walked = leads.len();
        loop {
            let found: Vec<String> = leads
                .iter()
                .filter(|(key, to)| !out.contains(*key) && to.iter().any(|to| out.contains(to)))
                .map(|(key, _)| key.clone())
                .collect();
            if found.is_empty() {
                break;
            }
            out.extend(found);
        }
        (
            walked,
            leads.into_keys().filter(|key| !out.contains(key)).collect(),
        )
    }
}

fn explored(packs: BTreeMap<String, regulation::source::Files>, names: &[&str]) -> usize {
    let (mut walked, mut stuck) = (0, Vec::new());
    for name in names {
        let pack = load(&packs[*name], &packs)
            .map_err(|mistakes| mistakes.into_sorted())
            .unwrap();
        let world = World::new(pack);
        for procedure in world
            .pack
            .procedures
            .values()
            .filter(|procedure| *procedure.stated_in == *world.pack.name)
        {
            let (states, lost) = world.walk(procedure);
            if !lost.is_empty() {
                stuck.push(format!(
                    "{name}.{}: {} of {states}, such as {:#?}",
                    procedure.key,
                    lost.len(),
                    lost.first()
                ));
            }
            walked += states;
        }
    }
    assert!(stuck.is_empty(), "no end from: {stuck:#?}");
    walked
}

#[test]
fn from_every_state_of_the_hard_cases_an_end_is_reached() {
    let states = explored(fixture::library(&fixture::fixtures()), &["hard-cases"]);
    assert!(states > 100, "{states} states were walked");
}

#[test]
fn from_every_state_of_the_shipped_packs_an_end_is_reached() {
    let states = explored(
        fixture::library(&fixture::packs()),
        &["house", "general", "complaints", "manufacturer", "hotline"],
    );
    assert!(states > 100, "{states} states were walked");
}
