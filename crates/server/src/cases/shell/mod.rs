//! The shell around decisions: read, ask the facts, decide, commit as one batch; on a conflict read and decide again.

mod asking;
mod once;
mod others;
mod refused;
mod together;
mod work;

use std::collections::hash_map::Entry;

use calendar::Moment;
use regulation::decide::{Followup, Mode};
use regulation::{Actor, Case, Command, Decision, Id, Pack, Refusal, Setting, decide};
use store::{CommitError, Head, RecordId, StoreError, StoredEvent};

pub use self::once::Once;
use self::once::answered_before;
use self::refused::taken;
use self::work::{Loaded, Work};
use super::{payload, projection};
use crate::attachments;
use crate::centre::{Centre, Surroundings};
use crate::messages::{Addresses, Announcer};

/// How often a decision is made anew when others were faster, before the caller is told to try again.
const ATTEMPTS: usize = 12;

/// A command with who gives it and when.
pub struct Order<'a> {
    /// The case; `None` opens one.
    pub case: Option<Id>,
    /// What is wanted.
    pub command: Command,
    /// Who.
    pub actor: &'a Actor,
    /// When it happened; `None` is now.
    pub at: Option<Moment>,
    /// Live or historic.
    pub mode: Mode,
    /// The pack of an opening.
    pub pack: Option<std::sync::Arc<Pack>>,
    /// Key under which the result is remembered, so that a repeated request does nothing twice.
    pub idempotency: Option<Once>,
}

/// A command that was carried out.
#[derive(Debug)]
pub struct Done {
    /// The case.
    pub case: Id,
    /// Its state afterwards; `None` when an earlier request with the same key had done it.
    pub state: Option<Case>,
    /// Its position where the store knows it at once.
    pub position: Option<i64>,
}

/// Why a case cannot be made of this history.
fn gone(case: Id, history: &[StoredEvent]) -> ShellError {
    match history.first() {
        Some(first) if &*first.kind == payload::CASE => ShellError::Erased(case),
        _ => ShellError::NoSuchCase(case),
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// There is no such case.
    #[error("there is no case {0}")]
    NoSuchCase(Id),
    /// Its contents were erased by an approved disposal, or on a person's request.
    #[error("the contents of case {0} were erased")]
    Erased(Id),
    /// The pack or procedure is not in force.
    #[error("pack version {0} is not known to this database")]
    NoSuchPack(String),
    /// The engine said no.
    #[error("refused: {0:?}")]
    Refused(Box<Refusal>),
    /// The key of the request was given to another request before.
    #[error("the idempotency key was used for another request")]
    KeyOfAnother,
    /// Too many others were faster.
    #[error("others changed the same records at the same time; try again")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store refused or failed the commit.
    #[error(transparent)]
    Commit(CommitError),
}

impl Centre {
    /// Carries out a command.
    pub async fn run(&self, order: Order<'_>) -> Result<Done, ShellError> {
        self.carry_out(&order).await
    }

    async fn carry_out(&self, order: &Order<'_>) -> Result<Done, ShellError> {
        for _ in 0..ATTEMPTS {
            let loaded = self.load(order.case).await?;
            match self.attempt_on(order, loaded).await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => {}
                Err(ShellError::Refused(refusal)) => {
                    // What was done by the same request changes what is possible now.
                    if let Some(done) = self.done_before(order).await? {
                        return Ok(done);
                    }
                    self.record_refusal(order, &refusal).await;
                    return Err(ShellError::Refused(refusal));
                }
                Err(error) => return Err(error),
            }
        }
        Err(ShellError::Busy)
    }

    /// A case as its history makes it now.
    pub async fn case(&self, case: Id) -> Result<(Case, Head), ShellError> {
        let history = self.store.load(RecordId(case.0)).await?;
        payload::replay(&history)?.ok_or_else(|| gone(case, &history))
    }

    /// Carries out several commands on one new or known case as one batch: what an import knows of a case already. Each
    /// is decided on the state that the one before leaves.
    pub async fn record(&self, steps: &[Order<'_>], claim: Option<(&str, &str)>) -> Result<Done, ShellError> {
        for _ in 0..ATTEMPTS {
            if let Some(done) = self.attempt_steps(steps, claim).await? {
                return Ok(done);
            }
        }
        Err(ShellError::Busy)
    }

    async fn attempt_steps(
        &self,
        steps: &[Order<'_>],
        claim: Option<(&str, &str)>,
    ) -> Result<Option<Done>, ShellError> {
        let surroundings = self.surroundings();
        let mut work = Work::new(Moment::from_millis(self.store.now()));
        let mut case = steps.first().and_then(|step| step.case);
        if let Some(case) = case {
            let loaded = self.load(Some(case)).await?;
            work.records.insert(case, loaded);
        }
        for step in steps {
            let state = case
                .and_then(|case| work.records.get(&case))
                .and_then(|loaded| loaded.case.clone());
            let pack = self.pack_for(&surroundings, step, state.as_ref())?;
            let setting = self.setting(&surroundings, &pack, step);
            let facts = self.facts(&setting, state.as_ref(), &step.command).await?;
            let decision = decide(&setting, state.as_ref(), &facts, &step.command)
                .map_err(|refusal| ShellError::Refused(Box::new(refusal)))?;
            self.take(&mut work, &surroundings, &setting, &decision).await?;
            case = case.or_else(|| decision.events.first().map(|event| event.case));
        }
        let Some(case) = case else {
            return Err(ShellError::Store(StoreError::Failed(
                "there was nothing to record".into(),
            )));
        };
        if work.events == 0 {
            let state = work.records.remove(&case).and_then(|loaded| loaded.case);
            return Ok(Some(Done {
                case,
                state,
                position: None,
            }));
        }
        if let Some((name, key)) = claim {
            work.batch.claim(name, key, RecordId(case.0));
        }
        let (batch, mut records) = work.finish();
        match self.store.commit(batch).await {
            Ok(committed) => {
                let state = records.remove(&case).and_then(|loaded| loaded.case);
                Ok(Some(Done {
                    case,
                    state,
                    position: committed.position,
                }))
            }
            Err(CommitError::Stale { .. } | CommitError::GuardChanged { .. }) => Ok(None),
            Err(error) => Err(ShellError::Commit(error)),
        }
    }

    /// Decides on a case as it was read, and commits; nothing where others were faster.
    async fn attempt_on(&self, order: &Order<'_>, loaded: Loaded) -> Result<Option<Done>, ShellError> {
        let surroundings = self.surroundings();
        let pack = self.pack_for(&surroundings, order, loaded.case.as_ref())?;
        let setting = self.setting(&surroundings, &pack, order);
        let facts = self.facts(&setting, loaded.case.as_ref(), &order.command).await?;
        let decision = decide(&setting, loaded.case.as_ref(), &facts, &order.command)
            .map_err(|refusal| ShellError::Refused(Box::new(refusal)))?;
        let Some(case) = order
            .case
            .or_else(|| decision.events.first().map(|event| event.case))
        else {
            return Err(ShellError::Store(StoreError::Failed(
                "an opening was decided without an event".into(),
            )));
        };
        let recorded = match order.mode {
            Mode::Live => setting.now,
            Mode::Historic => Moment::from_millis(self.store.now()),
        };
        let mut work = Work::new(recorded);
        work.records.insert(case, loaded);
        self.take(&mut work, &surroundings, &setting, &decision).await?;
        if order.mode == Mode::Live
            && let Some(state) = work.records.get(&case).and_then(|loaded| loaded.case.as_ref())
        {
            let procedure = state.procedure.clone();
            attachments::bind(&self.store, &mut work.batch, &pack, &decision.events, &procedure).await?;
        }
        let mut followups = decision.followups;
        while let Some(followup) = followups.pop() {
            let (other, command) = followup.command();
            let next = self
                .follow(&surroundings, &mut work, order, other, command)
                .await?;
            followups.extend(next);
        }
        let erased = (decision.erasures.as_slice(), &facts);
        if !self
            .dispose(&mut work, erased, case, setting.now, order.actor)
            .await?
        {
            return Ok(None);
        }
        if work.events == 0 {
            let state = work.records.remove(&case).and_then(|loaded| loaded.case);
            return Ok(Some(Done {
                case,
                state,
                position: None,
            }));
        }
        if let (Some(once), Some(person)) = (&order.idempotency, order.actor.person) {
            let result = format!("{case} {}", once.asked).into_bytes();
            work.batch.idempotency(once.key.clone(), person.0, result);
        }
        let (batch, mut records) = work.finish();
        match self.store.commit(batch).await {
            Ok(committed) => {
                let state = records.remove(&case).and_then(|loaded| loaded.case);
                Ok(Some(Done {
                    case,
                    state,
                    position: committed.position,
                }))
            }
            Err(CommitError::Stale { .. } | CommitError::GuardChanged { .. }) => Ok(None),
            Err(CommitError::AlreadyDone(result)) => answered_before(order, &result).map(Some),
            Err(CommitError::Claimed { name, record, .. }) => Err(ShellError::Refused(Box::new(taken(
                &pack,
                &decision.claims,
                &name,
                Id(record.0),
            )))),
            Err(error) => Err(ShellError::Commit(error)),
        }
    }

    /// Decides what follows for another case inside the same batch.
    async fn follow(
        &self,
        surroundings: &Surroundings,
        work: &mut Work,
        order: &Order<'_>,
        case: Id,
        command: Command,
    ) -> Result<Vec<Followup>, ShellError> {
        if let Entry::Vacant(place) = work.records.entry(case) {
            place.insert(self.load(Some(case)).await?);
        }
        let engine = Actor::default();
        let follow = Order {
            case: Some(case),
            command,
            actor: &engine,
            at: order.at,
            mode: order.mode,
            pack: None,
            idempotency: None,
        };
        let state = work.records.get(&case).and_then(|loaded| loaded.case.clone());
        let pack = self.pack_for(surroundings, &follow, state.as_ref())?;
        let setting = self.setting(surroundings, &pack, &follow);
        let facts = self.facts(&setting, state.as_ref(), &follow.command).await?;
        let decision = decide(&setting, state.as_ref(), &facts, &follow.command)
            .map_err(|refusal| ShellError::Refused(Box::new(refusal)))?;
        self.take(work, surroundings, &setting, &decision).await?;
        Ok(decision.followups)
    }

    /// Adds a decision to a batch, and what people are told of it; of the past nobody is told.
    async fn take(
        &self,
        work: &mut Work,
        surroundings: &Surroundings,
        setting: &Setting<'_>,
        decision: &Decision,
    ) -> Result<(), ShellError> {
        let live = setting.mode == Mode::Live;
        let addresses = match live {
            true => Addresses::read(&self.store, decision).await?,
            false => Addresses::default(),
        };
        let announcer = live.then(|| Announcer::new(self, surroundings, &addresses, setting.now));
        work.take(setting, decision, announcer.as_ref())
    }

    async fn load(&self, case: Option<Id>) -> Result<Loaded, ShellError> {
        let Some(case) = case else {
            return Ok(Loaded::empty());
        };
        let (case, head) = self.case(case).await?;
        Ok(Loaded {
            before: projection::rows(&case),
            case: Some(case),
            head,
            erased: false,
        })
    }

    fn pack_for(
        &self,
        surroundings: &Surroundings,
        order: &Order<'_>,
        case: Option<&Case>,
    ) -> Result<std::sync::Arc<Pack>, ShellError> {
        let known = match case {
            Some(case) => surroundings.packs.by_hash(&case.pack.hash),
            None => order.pack.clone(),
        };
        known.ok_or_else(|| {
            ShellError::NoSuchPack(case.map_or(String::new(), |case| case.pack.hash.to_string()))
        })
    }
}
