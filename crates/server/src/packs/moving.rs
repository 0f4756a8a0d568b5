//! Moving running cases to another version of their pack (QLT-2): rehearsed first, then an act on each case. A case that does
//! not map stays as it is and says every reason.

use std::sync::Arc;

use regulation::decide::Mode;
use regulation::{Actor, Case, ClockState, Command, Id, Pack, Refusal, Said};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use crate::cases::shell::{Order, ShellError};
use crate::centre::{Centre, Surroundings};
use crate::http::wire::refusal_said;

// $1 pack, $2 after this case, $3 how many
const RUNNING: &str = "SELECT id, owning_unit, pack_hash FROM cases \
     WHERE pack = $1 AND ended IS NULL AND id > $2 ORDER BY id LIMIT $3";

/// What is to be moved, and how.
#[derive(Clone, Debug)]
pub struct Moving<'a> {
    /// The pack.
    pub pack: &'a str,
    /// The version to move to; the one in force where each case was received unless said.
    pub to: Option<Arc<Pack>>,
    /// Stages that are called otherwise in it, old and new.
    pub stages: Vec<(String, String)>,
    /// Who moves them.
    pub actor: &'a Actor,
    /// Whether it is done; else it is only said what would become of each case.
    pub carry_out: bool,
}

/// What becomes of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedClock {
    /// The deadline's key.
    pub deadline: String,
    /// When it began; that stays.
    pub started_at: String,
    /// When it was due.
    pub due_before: String,
    /// When it is due by the new version; none where that does not have it run.
    pub due_after: Option<String>,
}

/// What became, or would become, of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// The case.
    pub case: Id,
    /// Its number.
    pub number: String,
    /// Its procedure.
    pub procedure: String,
    /// Its stage before.
    pub stage: String,
    /// Its stage afterwards.
    pub stage_after: Option<String>,
    /// The version it ran on.
    pub from: String,
    /// The version it is moved to.
    pub to: String,
    /// Every reason why it stays; none where it maps.
    pub reasons: Vec<Said>,
    /// Clocks whose due time changes or that end.
    pub clocks: Vec<MovedClock>,
}

impl Moved {
    /// Whether it maps.
    pub fn maps(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// The version of a pack by its name (`2026.2`) or the beginning of its hash.
///
/// # Errors
/// What to write instead, where there is none or more than one.
pub fn version(around: &Surroundings, pack: &str, named: &str) -> Result<Arc<Pack>, String> {
    let of_pack = || {
        around
            .packs
            .versions()
            .into_iter()
            .filter(|one| *one.name == *pack)
    };
    let mut found: Vec<Arc<Pack>> = of_pack()
        .filter(|one| one.version == named || (named.len() >= 8 && one.hash.starts_with(named)))
        .collect();
    if found.len() == 1
        && let Some(found) = found.pop()
    {
        return Ok(found);
    }
    let candidates = if found.is_empty() {
        of_pack().collect()
    } else {
        found
    };
    let mut names: Vec<String> = candidates
        .iter()
        .map(|one| {
            format!(
                "{} ({})",
                one.version,
                one.hash.chars().take(12).collect::<String>()
            )
        })
        .collect();
    names.sort();
    Err(names.join(", "))
}

/// Goes through the next running cases after one of them; where it stopped comes back while there are more. `within` says
/// which units' cases are meant.
pub async fn portion(
    centre: &Centre,
    moving: &Moving<'_>,
    after: Id,
    limit: i64,
    within: &(dyn Fn(Id) -> bool + Sync),
) -> Result<(Vec<Moved>, Option<Id>), ShellError> {
    let around = centre.surroundings();
    let params = [moving.pack.into(), after.0.into(), limit.into()];
    let rows = centre.store.query(RUNNING, &params).await?;
    let mut moved = Vec::new();
    let mut last = None;
    for row in &rows {
        let (case, unit) = (Id(row.int(0)?), Id(row.int(1)?));
        last = Some(case);
        if !within(unit) {
            continue;
        }
        let to = match &moving.to {
            Some(to) => Some(to.clone()),
            None => around.packs.in_force_for(&around.picture, moving.pack, unit),
        };
        let Some(to) = to.filter(|to| *to.hash != *row.text(2).unwrap_or_default()) else {
            continue;
        };
        moved.push(one(centre, &around, moving, case, to).await?);
    }
    Ok((moved, last.filter(|_| rows.len() as i64 == limit)))
}

async fn one(
    centre: &Centre,
    around: &Surroundings,
    moving: &Moving<'_>,
    case: Id,
    to: Arc<Pack>,
) -> Result<Moved, ShellError> {
    let (before, _) = centre.case(case).await?;
    let known = around.packs.by_hash(&before.pack.hash);
    let mut moved = Moved {
        case,
        number: before.number.clone(),
        procedure: before.procedure.clone(),
        stage: before.stage.clone(),
        stage_after: None,
        from: known.map(|pack| pack.version.clone()).unwrap_or_default(),
        to: to.version.clone(),
        reasons: Vec::new(),
        clocks: Vec::new(),
    };
    let order = Order {
        case: Some(case),
        command: Command::Move {
            to,
            stages: moving.stages.clone(),
        },
        actor: moving.actor,
        at: None,
        mode: Mode::Live,
        pack: None,
        idempotency: None,
    };
    let outcome = if moving.carry_out {
        match centre.run(order).await {
            Ok(done) => Ok(done.state),
            Err(ShellError::Refused(refusal)) => Err(*refusal),
            Err(error) => return Err(error),
        }
    } else {
        centre.try_out(&order).await?.map(|decision| {
            let mut after = before.clone();
            for event in &decision.events {
                after.apply(event);
            }
            Some(after)
        })
    };
    match outcome {
        Ok(Some(after)) => {
            moved.clocks = clocks(&before, &after);
            moved.stage_after = Some(after.stage);
        }
        Ok(None) => {
            return Err(ShellError::Store(StoreError::Failed(
                "a move was decided without a state".into(),
            )));
        }
        Err(Refusal::Unmovable { reasons }) => moved.reasons = reasons,
        Err(other) => moved.reasons.push(refusal_said(&other)),
    }
    Ok(moved)
}

/// The clocks that ran before and are due at another time afterwards, or no longer run.
fn clocks(before: &Case, after: &Case) -> Vec<MovedClock> {
    let running = |state: ClockState| !state.ended();
    let mut changed = Vec::new();
    for clock in before.clocks.iter().filter(|clock| running(clock.state)) {
        let next =
            after.clocks.iter().rev().find(|next| {
                next.deadline == clock.deadline && next.round == clock.round && running(next.state)
            });
        let due_after = next.map(|next| next.due);
        if due_after != Some(clock.due) {
            changed.push(MovedClock {
                deadline: clock.deadline.clone(),
                started_at: clock.start.to_string(),
                due_before: clock.due.to_string(),
                due_after: due_after.map(|due| due.to_string()),
            });
        }
    }
    changed
}
