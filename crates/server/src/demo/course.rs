//! Simulated time: whatever happens next in any case is carried out in its order, many cases at a time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use calendar::Moment;
use futures_util::stream::{self, StreamExt};
use regulation::decide::Mode;
use regulation::{Actor, Case, Command, Id};
use store::StoreError;

use super::chance::Chance;
use super::opening::{Began, follower, open};
use super::plan::{Contact, DAY, HOUR, Temper};
use super::walk::{Walker, setting};
use super::world::World;
use super::{DemoError, plan};
use crate::cases::shell::{Order, ShellError};

/// How many cases act at once, and over how much simulated time.
const AT_ONCE: usize = 32;
const STRETCH: i64 = 2 * HOUR;

/// Cases drawn for a second look are those that ended longer ago: the timers draw the later ones.
const DRAWN_BEFORE: i64 = 8 * DAY;

const OF_OBLIGATIONS: &str = "SELECT id FROM cases WHERE channel = 'obligation' ORDER BY id";

/// What can happen.
pub(super) enum Happening {
    /// A contact reaches the centre.
    Contact(Box<Contact>),
    /// A case acts or is woken.
    Walk(Box<Walker>),
    /// Turns of obligations begin.
    Turns,
    /// An ended case is looked at a second time.
    Sample(Box<Case>),
}

/// The course of the demo's two months.
pub(super) struct Course {
    world: Arc<World>,
    seed: Chance,
    queue: BinaryHeap<Reverse<(Moment, u64)>>,
    waiting: HashMap<u64, Happening>,
    count: u64,
    walking: HashSet<Id>,
    /// How many turns of each obligation there were.
    turns: HashMap<(Arc<str>, String), u32>,
}

impl Course {
    pub fn new(world: Arc<World>, seed: Chance) -> Self {
        Course {
            world,
            seed,
            queue: BinaryHeap::new(),
            waiting: HashMap::new(),
            count: 0,
            walking: HashSet::new(),
            turns: HashMap::new(),
        }
    }

    fn put(&mut self, at: Moment, what: Happening) {
        if at <= self.world.now {
            self.count += 1;
            self.queue.push(Reverse((at, self.count)));
            self.waiting.insert(self.count, what);
        }
    }

    /// Lets everything happen up to now.
    pub async fn run(
        mut self,
        contacts: Vec<Contact>,
        since: Moment,
        progress: &mut impl FnMut(&str),
    ) -> Result<(), DemoError> {
        for contact in contacts {
            self.put(contact.at, Happening::Contact(Box::new(contact)));
        }
        self.put(since, Happening::Turns);
        let mut told = since;
        while let Some(Reverse((first, _))) = self.queue.peek().copied() {
            if first.since(told) > 10 * DAY {
                told = first;
                progress(&format!("{first}"));
            }
            let mut opening = Vec::new();
            let mut walking = Vec::new();
            while let Some(Reverse((at, number))) = self.queue.peek().copied() {
                if at.since(first) > STRETCH || opening.len() + walking.len() >= AT_ONCE {
                    break;
                }
                self.queue.pop();
                match self.waiting.remove(&number) {
                    Some(Happening::Walk(walker)) => walking.push((at, walker)),
                    Some(other) => opening.push((at, other)),
                    None => {}
                }
            }
            let world = self.world.clone();
            let walks = stream::iter(walking)
                .map(|(at, walker)| {
                    let world = world.clone();
                    async move {
                        match tokio::spawn(step(world, walker, at)).await {
                            Ok(stepped) => stepped,
                            Err(error) => Err(DemoError::Stopped(error.to_string())),
                        }
                    }
                })
                .buffer_unordered(AT_ONCE)
                .collect::<Vec<_>>();
            // Openings one after the other, so that numbers follow the time of day.
            let openings = async {
                let mut opened = Vec::new();
                for (at, what) in opening {
                    opened.push((at, open(&self.world, &self.seed, what, at).await?));
                }
                Ok::<_, DemoError>(opened)
            };
            let (walked, opened) = tokio::join!(walks, openings);
            for (at, opened) in opened? {
                self.take_opened(at, opened).await?;
            }
            for one in walked {
                let (at, walker, case) = one?;
                self.go_on(at, walker, &case);
            }
        }
        Ok(())
    }

    async fn take_opened(&mut self, at: Moment, opened: Began) -> Result<(), DemoError> {
        match opened {
            Began::Nothing => {}
            Began::Case(contact, case) => self.begin(at, *contact, &case),
            Began::Turns(next) => {
                for row in self.world.centre.store.query(OF_OBLIGATIONS, &[]).await? {
                    let id = Id(row.int(0)?);
                    if !self.walking.contains(&id) {
                        let (case, _) = self.world.centre.case(id).await?;
                        // The first turn is done early, the second late, any other shortly before its limit.
                        let turns = self
                            .turns
                            .entry((case.pack.name.clone(), case.procedure.clone()))
                            .or_default();
                        *turns += 1;
                        let temper = match *turns {
                            1 => Temper::Prompt,
                            2 => Temper::Negligent,
                            _ => Temper::Slow,
                        };
                        self.begin(at, follower(at, temper), &case);
                    }
                }
                self.put(next, Happening::Turns);
            }
        }
        Ok(())
    }

    fn begin(&mut self, at: Moment, contact: Contact, case: &Case) {
        if !self.walking.insert(case.id) {
            return;
        }
        let chance = self.seed.branch(1_000 + self.walking.len() as u64);
        let mut walker = Box::new(Walker::new(case.id, contact, chance));
        if let Some(pack) = self.world.around.packs.by_hash(&case.pack.hash) {
            walker.plan_next(&self.world, &pack, case, at);
        }
        self.go_on(at, walker, case);
    }

    /// Cases that a case opened walk by themselves; the case itself goes on when it acts or its time comes.
    fn go_on(&mut self, at: Moment, walker: Box<Walker>, case: &Case) {
        for subcase in &case.subcases {
            if subcase.ended.is_none() && !self.walking.contains(&subcase.case) {
                let temper = if self.walking.len().is_multiple_of(4) {
                    Temper::Slow
                } else {
                    Temper::Prompt
                };
                let contact = Contact {
                    customer: walker.contact.customer,
                    matter: walker.contact.matter,
                    ..follower(at, temper)
                };
                let chance = self.seed.branch(1_000 + self.walking.len() as u64);
                self.walking.insert(subcase.case);
                let mut follower = Box::new(Walker::new(subcase.case, contact, chance));
                let first = at.plus(follower.chance.between(HOUR / 10, 3 * HOUR));
                follower.next = Some(first);
                self.put(first, Happening::Walk(follower));
            }
        }
        if case.ended.is_some() {
            if case.procedure == "complaint" {
                self.world
                    .ended
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(case.id);
            }
            if self.world.now.since(at) > DRAWN_BEFORE {
                self.put(at.plus(20 * HOUR), Happening::Sample(Box::new(case.clone())));
            }
            return;
        }
        let wakes = case.wakes_at().map(|wakes| wakes.max(at.plus(1)));
        if let Some(next) = [wakes, walker.next].into_iter().flatten().min() {
            self.put(next, Happening::Walk(walker));
        }
    }
}

/// What happens to a case at its time: it is woken, or someone acts on it.
async fn step(
    world: Arc<World>,
    mut walker: Box<Walker>,
    at: Moment,
) -> Result<(Moment, Box<Walker>, Case), DemoError> {
    let (case, _) = world.centre.case(walker.case).await?;
    let Some(pack) = world.around.packs.by_hash(&case.pack.hash) else {
        return Ok((at, walker, case));
    };
    if case.ended.is_some() {
        return Ok((at, walker, case));
    }
    if walker.next.is_none_or(|next| next > at) {
        let case = carry_out(&world, walker.case, &Actor::default(), Command::Wake, at)
            .await?
            .unwrap_or(case);
        if walker.next.is_none() {
            walker.plan_next(&world, &pack, &case, at);
        }
        return Ok((at, walker, case));
    }
    let nobody = Actor::default();
    let facts = world
        .centre
        .facts_of_offers(&setting(&world, &pack, &nobody, at), &case)
        .await?;
    let Some(deed) = walker.choose(&world, &pack, &case, &facts, at) else {
        walker.idle += 1;
        walker.plan_next(&world, &pack, &case, at);
        return Ok((at, walker, case));
    };
    let done = carry_out(&world, walker.case, &deed.actor, deed.command, at).await?;
    let case = match done {
        Some(case) => {
            walker.acts += 1;
            walker.idle = 0;
            case
        }
        None => {
            walker.idle += u32::from(!deed.vain);
            world.centre.case(walker.case).await?.0
        }
    };
    walker.plan_next(&world, &pack, &case, at);
    if deed.vain {
        walker.next = Some(at.plus(plan::MINUTE * 3));
    }
    Ok((at, walker, case))
}

/// `None` when it was refused.
async fn carry_out(
    world: &World,
    case: Id,
    actor: &Actor,
    command: Command,
    at: Moment,
) -> Result<Option<Case>, DemoError> {
    let order = Order {
        case: Some(case),
        command,
        actor,
        at: Some(at),
        mode: Mode::Historic,
        pack: None,
        idempotency: None,
    };
    match world.centre.run(order).await {
        Ok(done) => Ok(done.state),
        Err(ShellError::Refused(refusal)) => {
            tracing::debug!(%case, ?refusal, "an act of the demo was refused");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Every case that is due is woken at now.
pub(super) async fn wake_all(world: &World) -> Result<(), DemoError> {
    const DUE: &str = "SELECT id FROM cases WHERE wakes IS NOT NULL AND wakes <= $1 ORDER BY wakes, id";
    let rows = world
        .centre
        .store
        .query(DUE, &[world.now.as_millis().into()])
        .await?;
    let cases = rows
        .iter()
        .map(|row| row.int(0).map(Id))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let mut waking = stream::iter(cases)
        .map(|case| async move { carry_out(world, case, &Actor::default(), Command::Wake, world.now).await })
        .buffer_unordered(AT_ONCE);
    while let Some(woken) = waking.next().await {
        woken?;
    }
    Ok(())
}
