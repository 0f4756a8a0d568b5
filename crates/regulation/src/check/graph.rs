//! The stages of a procedure as a graph, conditions taken as possibly true.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Procedure, Start, Trigger, Who};

/// Rounds that a walk goes through; what a third round can reach, the second can.
const ROUNDS: u32 = 3;

/// What a bounded walk through a procedure's stages and rounds found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// States reached: stage and round.
    pub states: usize,
    /// Stages that no way leads to.
    pub unreached: Vec<String>,
    /// Stages reached that are no end and that no action leaves.
    pub stuck: Vec<String>,
    /// Stages reached and left, from which no end is reached all the same.
    pub hopeless: Vec<String>,
}

impl Exploration {
    /// From every state an end can be reached, and every stage is reached.
    pub fn is_sound(&self) -> bool {
        self.unreached.is_empty() && self.stuck.is_empty() && self.hopeless.is_empty()
    }
}

/// Where an action may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    to: String,
    next_round: bool,
}

/// A procedure's graph. Voiding and merging are left out: they end a case without settling it, and a procedure that
/// can end in no other way is wrong.
pub(super) struct Graph<'p> {
    procedure: &'p Procedure,
    ways: BTreeMap<&'p str, Vec<Way>>,
}

/// Whether the engine does this action by itself.
pub(super) fn done_by_engine(procedure: &Procedure, action: &str) -> bool {
    procedure
        .deadlines
        .iter()
        .flat_map(|deadline| &deadline.steps)
        .any(|step| step.act.as_deref() == Some(action))
}

/// Whether there is anyone who may take the action.
pub(super) fn takeable(procedure: &Procedure, action: &Action) -> bool {
    action.by.iter().any(|who| *who != Who::Engine) || done_by_engine(procedure, &action.key)
}

impl<'p> Graph<'p> {
    pub(super) fn of(procedure: &'p Procedure) -> Self {
        Self::built(procedure, None)
    }

    fn built(procedure: &'p Procedure, barred: Option<&str>) -> Self {
        let mut ways: BTreeMap<&str, Vec<Way>> = BTreeMap::new();
        for stage in &procedure.stages {
            let out = ways.entry(&stage.key).or_default();
            for action in procedure
                .actions
                .iter()
                .filter(|action| takeable(procedure, action))
            {
                if !open_in(action, &stage.key, stage.end) || barred == Some(&action.key) {
                    continue;
                }
                for way in &action.to {
                    if let Some(to) = &way.stage {
                        out.push(Way {
                            to: to.clone(),
                            next_round: way.next_round,
                        });
                    }
                }
                let refusals = procedure
                    .approvals
                    .iter()
                    .filter(|approval| approval.gates == action.key);
                out.extend(refusals.filter_map(|approval| {
                    Some(Way {
                        to: approval.refused_to.clone()?,
                        next_round: approval.refused_next_round,
                    })
                }));
            }
        }
        Graph { procedure, ways }
    }

    /// The graph as it is while an action is barred.
    pub(super) fn without(procedure: &'p Procedure, barred: &str) -> Self {
        Self::built(procedure, Some(barred))
    }

    /// Stages reached from this one in one step or more.
    pub(super) fn after(&self, stage: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![stage];
        while let Some(stage) = open.pop() {
            for way in self.ways.get(stage).into_iter().flatten() {
                if reached.insert(way.to.as_str()) {
                    open.push(&way.to);
                }
            }
        }
        reached
    }

    /// Stages that a case can ever stand in.
    pub(super) fn reached(&self) -> BTreeSet<&str> {
        let Some(first) = self.procedure.stages.first() else {
            return BTreeSet::new();
        };
        let mut reached = self.after(&first.key);
        reached.insert(&first.key);
        reached
    }

    /// Whether an action is open in one of these stages.
    pub(super) fn open_in_any(&self, action: &str, stages: &BTreeSet<&str>) -> bool {
        let Some(action) = self.procedure.action(action) else {
            return false;
        };
        takeable(self.procedure, action)
            && self
                .procedure
                .stages
                .iter()
                .any(|stage| stages.contains(stage.key.as_str()) && open_in(action, &stage.key, stage.end))
    }

    /// Stages in which something that starts a clock can happen; `None`: any time, for it hangs on a field.
    pub(super) fn starting_stages(&self, trigger: &Trigger) -> Option<BTreeSet<&str>> {
        let reached = self.reached();
        let gated = |approval: &str| {
            let action = self
                .procedure
                .approvals
                .iter()
                .find(|known| known.key == approval)
                .map(|known| known.gates.as_str());
            action
                .map(|action| self.where_open(action, &reached))
                .unwrap_or_default()
        };
        Some(match trigger {
            Trigger::Received => self
                .procedure
                .stages
                .first()
                .map(|stage| stage.key.as_str())
                .into_iter()
                .collect(),
            Trigger::Stage(stage) => reached.iter().copied().filter(|known| known == stage).collect(),
            Trigger::Action(action) => self.where_open(action, &reached),
            Trigger::ApprovalAsked(approval) | Trigger::ApprovalGranted(approval) => gated(approval),
            Trigger::Field(_) => return None,
            Trigger::SubcasesEnded | Trigger::Ended => reached,
        })
    }

    fn where_open<'g>(&'g self, action: &str, among: &BTreeSet<&'g str>) -> BTreeSet<&'g str> {
        among
            .iter()
            .copied()
            .filter(|stage| self.open_in_any(action, &BTreeSet::from([*stage])))
            .collect()
    }

    /// Walks through stages and rounds.
    pub(super) fn explore(&self) -> Exploration {
        let mut found = Exploration::default();
        let Some(first) = self.procedure.stages.first() else {
            return found;
        };
        let mut states: BTreeSet<(&str, u32)> = BTreeSet::new();
        let mut open = vec![(first.key.as_str(), 1)];
        while let Some((stage, round)) = open.pop() {
            if !states.insert((stage, round)) {
                continue;
            }
            for way in self.ways.get(stage).into_iter().flatten() {
                let round = (round + u32::from(way.next_round)).min(ROUNDS);
                open.push((&way.to, round));
            }
        }
        found.states = states.len();
        let is_end = |stage: &str| self.procedure.stage(stage).is_some_and(|stage| stage.end);
        for stage in &self.procedure.stages {
            let key = stage.key.as_str();
            if !states.iter().any(|(reached, _)| *reached == key) {
                found.unreached.push(stage.key.clone());
            } else if !stage.end {
                let after = self.after(key);
                if after.iter().all(|other| *other == key) {
                    found.stuck.push(stage.key.clone());
                } else if !after.into_iter().any(is_end) {
                    found.hopeless.push(stage.key.clone());
                }
            }
        }
        found
    }
}

fn open_in(action: &Action, stage: &str, end: bool) -> bool {
    match &action.from {
        Start::Stages(stages) => stages.iter().any(|known| known == stage),
        Start::AnyOpen => !end,
        Start::Always => true,
    }
}

/// Walks through a procedure's stages and rounds, conditions taken as possibly true.
pub fn explore(procedure: &Procedure) -> Exploration {
    Graph::of(procedure).explore()
}
