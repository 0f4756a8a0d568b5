//! One case on its way: what is done next, by whom, and when.

use std::collections::BTreeMap;

use calendar::Moment;
use regulation::case::ApprovalStatus;
use regulation::decide::{Mode, Standing, offers};
use regulation::model::{Action, Procedure};
use regulation::{Actor, Case, Command, Facts, Id, Pack, Refusal, Setting, decide, needs};

use super::chance::Chance;
use super::forms::{Bearer, Filling};
use super::likelihood::{open_in, weight};
use super::matters::{ANSWERS, OBJECTIONS};
use super::plan::{Contact, DAY, HOUR, Halt, MINUTE, Temper};
use super::world::World;
use crate::cases::rights::{may_answer, may_sign};

/// So many forms are tried for one action before another action is thought of.
const FORMS: usize = 5;

/// A case on its way.
pub(super) struct Walker {
    pub case: Id,
    pub contact: Contact,
    pub chance: Chance,
    pub acts: u32,
    /// How often nothing could be done in a row.
    pub idle: u32,
    pub tried_bare: bool,
    /// When somebody acts next.
    pub next: Option<Moment>,
}

/// A deed: who does what.
pub(super) struct Deed {
    pub actor: Actor,
    pub command: Command,
    /// Expected to be refused by a clause.
    pub vain: bool,
}

impl Walker {
    pub fn new(case: Id, contact: Contact, chance: Chance) -> Self {
        Walker {
            case,
            contact,
            chance,
            acts: 0,
            idle: 0,
            tried_bare: false,
            next: None,
        }
    }

    fn halted(&self, case: &Case) -> bool {
        match self.contact.halt {
            Halt::Never => false,
            Halt::Stage(stage) => case.stage == stage,
            Halt::Paused => case.clocks.iter().any(|clock| clock.paused.is_some()),
            Halt::Acts(most) => self.acts >= most,
            Halt::Signature(function) => case.approvals.iter().any(|approval| {
                let waiting = approval
                    .waiting_step()
                    .and_then(|step| approval.steps.get(step as usize));
                waiting.is_some_and(|(_, slots)| slots.iter().any(|slot| slot.who.starts_with(function)))
            }),
        }
    }

    /// When somebody acts next: in good time before the nearest limit, or after it, as is this case's way.
    pub fn plan_next(&mut self, world: &World, pack: &Pack, case: &Case, now: Moment) {
        self.next = None;
        if case.ended.is_some() || self.idle > 3 || self.halted(case) {
            return;
        }
        let chance = &mut self.chance;
        let temper = self.contact.temper;
        let late = match temper {
            Temper::Prompt => 6,
            Temper::Slow => 26,
            Temper::Negligent => 62,
            Temper::Swift => 0,
        };
        let running = case
            .clocks
            .iter()
            .filter(|clock| !clock.state.ended() && clock.paused.is_none());
        let due = running
            .filter(|clock| clock.due > now)
            .map(|clock| clock.due)
            .min();
        let delay = match due.map(|due| due.since(now)) {
            _ if temper == Temper::Swift => chance.between(MINUTE, 7 * MINUTE),
            Some(left) if case.channel == "obligation" => match (temper, self.acts) {
                (Temper::Negligent, _) => left + chance.between(HOUR, 20 * HOUR),
                (Temper::Slow, 0) => left * chance.between(92, 96) / 100,
                (_, 0) => left * chance.between(45, 62) / 100,
                _ => (left / 3).min(chance.between(HOUR, DAY)),
            },
            Some(left) if chance.percent(late) => {
                left + left.clamp(5 * MINUTE, 2 * DAY) * chance.between(5, 160) / 100
            }
            Some(left) => left.min(2 * DAY) * chance.between(8, 62) / 100,
            None => {
                let longest = if chance.percent(70) { 5 * HOUR } else { 2 * DAY };
                chance.between(10 * MINUTE, longest)
            }
        };
        let at = now.plus(delay.max(20_000));
        let soon = delay < 20 * MINUTE;
        let at = if temper == Temper::Swift || soon {
            at
        } else {
            world.in_hours(pack, case.unit, at, chance)
        };
        self.next = Some(at);
    }

    fn bearer<'a>(&'a self, world: &'a World, bare: bool) -> Bearer<'a> {
        Bearer {
            patron: world.patrons.get(self.contact.customer),
            matter: self.contact.matter,
            area: self.contact.area,
            wants: &self.contact.wants,
            bare,
        }
    }

    /// What is done now, if anything can be.
    pub fn choose(
        &mut self,
        world: &World,
        pack: &Pack,
        case: &Case,
        facts: &Facts,
        now: Moment,
    ) -> Option<Deed> {
        let procedure = pack.procedure(&case.procedure)?;
        let scripted = self.scripted(procedure, case);
        if scripted.is_none() {
            if let Some(deed) = self.sign(world, pack, case, now) {
                return Some(deed);
            }
            if let Some(deed) = self.answer(world, pack, case, now) {
                return Some(deed);
            }
        }
        let right = |key: &str| pack.rights.iter().any(|right| right.key == key);
        let mut open: Vec<(&Action, u32)> = procedure
            .actions
            .iter()
            .filter(|action| open_in(action, case))
            .map(|action| (action, weight(action, case, right(&action.key))))
            .filter(|(_, weight)| *weight > 0)
            .collect();
        if let Some(action) = scripted {
            if let Some(deed) = self.try_action(world, pack, procedure, case, facts, now, action) {
                return Some(deed);
            }
            // What cannot be done in its stage is not tried again there.
            self.contact.script.retain(|(_, key)| *key != action.key);
        }
        while !open.is_empty() {
            let weights: Vec<u32> = open.iter().map(|(_, weight)| *weight).collect();
            let (action, _) = open.swap_remove(self.chance.weighted(&weights)?);
            if let Some(deed) = self.try_action(world, pack, procedure, case, facts, now, action) {
                return Some(deed);
            }
        }
        None
    }

    fn scripted<'p>(&self, procedure: &'p Procedure, case: &Case) -> Option<&'p Action> {
        let done = |key: &str| case.doings.iter().any(|doing| doing.action == key);
        let (_, key) = self
            .contact
            .script
            .iter()
            .find(|(stage, key)| case.stage == *stage && !done(key))?;
        procedure.action(key)
    }

    /// Those who come into question, the nearest to the case first.
    fn people(&mut self, world: &World, case: &Case) -> Vec<Id> {
        let mut others: Vec<Id> = world.staff.iter().map(|(_, id)| *id).collect();
        self.chance.shuffle(&mut others);
        let near = [case.handler, case.first_contact_owner, case.registrar];
        let mut people: Vec<Id> = near.into_iter().flatten().collect();
        people.extend(world.members(case.unit));
        people.extend(others);
        let mut seen = BTreeMap::new();
        people.retain(|id| seen.insert(*id, ()).is_none());
        people
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "a step looks at everything around a case"
    )]
    fn try_action(
        &mut self,
        world: &World,
        pack: &Pack,
        procedure: &Procedure,
        case: &Case,
        facts: &Facts,
        now: Moment,
        action: &Action,
    ) -> Option<Deed> {
        for person in self.people(world, case) {
            let actor = world.actor(person, now);
            let setting = setting(world, pack, &actor, now);
            let offered = offers(&setting, case, facts);
            let offer = offered.iter().find(|offer| offer.key == action.key)?;
            match &offer.standing {
                Standing::Refused(Refusal::Forbidden { .. }) => continue,
                Standing::Refused(_) => return None,
                Standing::Possible | Standing::HangsOnInput => {}
            }
            if self.contact.hasty && !self.tried_bare && (offer.ends || action.key == "reply") {
                self.tried_bare = true;
                if let Some(deed) = self.form(world, procedure, case, &setting, action, true)
                    && let Err(refusal) = dry(&setting, case, facts, &deed)
                    && refusal.clause().is_some()
                {
                    return Some(Deed {
                        actor,
                        command: deed,
                        vain: true,
                    });
                }
            }
            for _ in 0..FORMS {
                let Some(command) = self.form(world, procedure, case, &setting, action, false) else {
                    break;
                };
                if dry(&setting, case, facts, &command).is_ok() {
                    return Some(Deed {
                        actor,
                        command,
                        vain: false,
                    });
                }
                if action.ask.is_empty() {
                    break;
                }
            }
        }
        None
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "a form looks at everything around a case"
    )]
    fn form(
        &mut self,
        world: &World,
        procedure: &Procedure,
        case: &Case,
        setting: &Setting<'_>,
        action: &Action,
        bare: bool,
    ) -> Option<Command> {
        let mut chance = self.chance.clone();
        let mut filling = Filling {
            world,
            setting: *setting,
            procedure,
            case: Some(case),
            bearer: self.bearer(world, bare),
            chance: &mut chance,
        };
        let input = filling.fill(&action.ask);
        self.chance = chance;
        Some(Command::Act {
            action: action.key.clone(),
            input: input?,
            seen: None,
        })
    }

    fn sign(&mut self, world: &World, pack: &Pack, case: &Case, now: Moment) -> Option<Deed> {
        let approval = case
            .approvals
            .iter()
            .find(|approval| approval.status == ApprovalStatus::Asked)?
            .no;
        for person in self.people(world, case) {
            let actor = world.actor(person, now);
            if may_sign(&setting(world, pack, &actor, now), case, approval) {
                let routine = self.contact.temper == Temper::Swift || case.channel == "obligation";
                let agree = routine || self.chance.percent(88);
                let reason = (!agree).then(|| {
                    self.chance
                        .pick(OBJECTIONS)
                        .copied()
                        .unwrap_or("请补充")
                        .to_owned()
                });
                return Some(Deed {
                    actor,
                    command: Command::Sign {
                        approval,
                        agree,
                        reason,
                        seen: None,
                    },
                    vain: false,
                });
            }
        }
        None
    }

    fn answer(&mut self, world: &World, pack: &Pack, case: &Case, now: Moment) -> Option<Deed> {
        let question = case
            .questions
            .iter()
            .find(|question| question.answer.is_none())?
            .no;
        if !self.chance.percent(45) {
            return None;
        }
        for person in self.people(world, case) {
            let actor = world.actor(person, now);
            if may_answer(&setting(world, pack, &actor, now), case, question) {
                let yes = self.chance.percent(45);
                let of = if yes { ANSWERS.0 } else { ANSWERS.1 };
                let reason = self.chance.pick(of).copied().unwrap_or("已核实").to_owned();
                return Some(Deed {
                    actor,
                    command: Command::Answer {
                        question,
                        yes,
                        reason,
                    },
                    vain: false,
                });
            }
        }
        None
    }
}

/// What surrounds a decision at a simulated moment.
pub(super) fn setting<'a>(world: &'a World, pack: &'a Pack, actor: &'a Actor, now: Moment) -> Setting<'a> {
    Setting {
        pack,
        organisation: &*world.around.picture,
        actor,
        now,
        seed: 0,
        mode: Mode::Historic,
    }
}

/// Whether a command would be carried out, with numbers and ids made up.
fn dry(setting: &Setting<'_>, case: &Case, facts: &Facts, command: &Command) -> Result<(), Refusal> {
    let wanted = needs(setting, Some(case), command);
    let mut answers = facts.clone();
    for number in &wanted.numbers {
        answers
            .numbers
            .insert(number.series.clone(), vec![0; number.count as usize]);
    }
    answers.ids = (1..=i64::from(wanted.ids)).map(Id).collect();
    decide(setting, Some(case), &answers, command).map(|_| ())
}
