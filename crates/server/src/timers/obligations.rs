//! Turns of obligations (定期义务, GEN-15, CMP-8): each turn of a duty becomes a case, once, whoever of several nodes
//! gets there first.

use std::sync::Arc;

use calendar::{Moment, Turn};
use regulation::decide::{Mode, Opened, duty_asks, duty_is_due};
use regulation::model::Obligation;
use regulation::{Actor, Command, Facts, FieldValue, Fields, Id, Organisation, Pack, Setting};
use store::{CommitError, Store, StoreError};

use crate::cases::shell::{Order, ShellError};
use crate::centre::{Centre, Surroundings};

/// The claim under which a turn is opened once.
const TURN: &str = "turn";

/// Turns that were missed for longer than this are not made up for.
const LONGEST_BACK_MS: i64 = 400 * 86_400_000;

// $1 the source
const STILL_OPEN: &str = "SELECT id FROM cases WHERE source = $1 AND ended IS NULL LIMIT 1";
const MEASURED_BEFORE: &str = "SELECT COUNT(*) FROM cases WHERE source = $1";
const CLAIMED: &str = "SELECT record FROM claims WHERE name = $1 AND key = $2";

/// A turn of a pack's obligation in a unit where that pack is in force.
#[derive(Clone, Debug)]
pub struct Turning {
    /// The pack.
    pub pack: Arc<Pack>,
    /// The obligation's key.
    pub obligation: String,
    /// The procedure that each turn runs.
    pub procedure: String,
    /// The unit.
    pub unit: Id,
    /// The turn.
    pub turn: Turn,
}

impl Turning {
    /// What keeps the turn from being opened twice: `obligation:<pack>:<obligation>:<unit>:<turn>`.
    pub fn key(&self) -> String {
        format!(
            "obligation:{}:{}:{}:{}",
            self.pack.name, self.obligation, self.unit, self.turn.key
        )
    }
}

/// Every turn that has begun by `now` since its pack is in force, and when the next one begins.
pub fn turnings(around: &Surroundings, now: Moment) -> (Vec<Turning>, Option<Moment>) {
    let mut turnings = Vec::new();
    let mut next: Option<Moment> = None;
    for in_force in around.packs.in_force() {
        let Some(pack) = around.packs.by_hash(&in_force.hash) else {
            continue;
        };
        let calendar = around.picture.calendar(&pack, Some(in_force.unit));
        let from = in_force.since.max(now.plus(-LONGEST_BACK_MS));
        // Turns of several days are counted from a day that stays the same for all turns of a version.
        let anchor = pack.effective.unwrap_or_else(|| calendar.date_of(in_force.since));
        for obligation in &pack.obligations {
            let mut turn =
                calendar.turn_at(&obligation.every, &obligation.due, &obligation.day, anchor, from);
            while turn.from <= now {
                let after =
                    calendar.next_turn(&obligation.every, &obligation.due, &obligation.day, anchor, &turn);
                turnings.push(Turning {
                    pack: pack.clone(),
                    obligation: obligation.key.clone(),
                    procedure: obligation.procedure.clone(),
                    unit: in_force.unit,
                    turn: std::mem::replace(&mut turn, after),
                });
            }
            next = Some(next.map_or(turn.from, |next| next.min(turn.from)));
        }
    }
    (turnings, next)
}

/// Opens every turn that has begun by `now` and was not opened yet, and says when the next one begins. Simulated time goes
/// through it in historic mode.
pub async fn open_turns(centre: &Centre, now: Moment, mode: Mode) -> Result<Moment, StoreError> {
    let around = centre.surroundings();
    let (turnings, next) = turnings(&around, now);
    for turning in turnings {
        let key = turning.key();
        if is_open(&centre.store, &key).await? {
            continue;
        }
        match open(centre, &turning, (&key, &key), now, mode).await {
            // Another node was faster.
            Ok(()) | Err(ShellError::Commit(CommitError::Claimed { .. })) => {}
            Err(ShellError::Store(error)) => return Err(error),
            Err(error) => tracing::error!(%key, %error, "a turn of an obligation could not be opened"),
        }
    }
    Ok(next.unwrap_or(Moment::from_millis(i64::MAX)))
}

/// A duty that a measured amount makes due at once (STK-9), in a unit where its pack is in force.
struct Measured<'a> {
    pack: Arc<Pack>,
    duty: &'a Obligation,
    unit: Id,
}

/// Whether any regulation in force lets a measured amount make a duty due.
pub fn measures(around: &Surroundings) -> bool {
    around.packs.in_force().iter().any(|in_force| {
        let pack = around.packs.by_hash(&in_force.hash);
        pack.is_some_and(|pack| pack.obligations.iter().any(|duty| duty.or_when.is_some()))
    })
}

/// Opens what a measured amount has made due: a turn of its own, due at once, unless one that was opened so is still open.
pub async fn open_measured(centre: &Centre, now: Moment, mode: Mode) -> Result<(), StoreError> {
    let around = centre.surroundings();
    for in_force in around.packs.in_force() {
        let Some(pack) = around.packs.by_hash(&in_force.hash) else {
            continue;
        };
        for duty in pack.obligations.iter().filter(|duty| duty.or_when.is_some()) {
            let measured = Measured {
                pack: pack.clone(),
                duty,
                unit: in_force.unit,
            };
            match measured.open(centre, &around, now, mode).await {
                Ok(()) | Err(ShellError::Commit(CommitError::Claimed { .. })) => {}
                Err(ShellError::Store(error)) => return Err(error),
                Err(error) => {
                    tracing::error!(duty = %duty.key, %error, "a duty that an amount made due could not be opened");
                }
            }
        }
    }
    Ok(())
}

impl Measured<'_> {
    async fn open(
        &self,
        centre: &Centre,
        around: &Surroundings,
        now: Moment,
        mode: Mode,
    ) -> Result<(), ShellError> {
        let engine = Actor::default();
        let setting = Setting {
            pack: &self.pack,
            organisation: &*around.picture,
            actor: &engine,
            now,
            seed: 0,
            mode,
        };
        let mut facts = Facts::default();
        for query in duty_asks(&setting, self.duty, self.unit) {
            if let Some(value) = crate::cases::facts::answer(&centre.store, &query).await? {
                facts.values.insert(query.id.clone(), value);
            }
        }
        if !duty_is_due(&setting, self.duty, self.unit, &facts) {
            return Ok(());
        }
        let source = format!("measured:{}:{}:{}", self.pack.name, self.duty.key, self.unit);
        let still = centre.store.query(STILL_OPEN, &[source.as_str().into()]).await?;
        if !still.is_empty() {
            return Ok(());
        }
        // Each is claimed under the number of those before it, so that of two nodes one opens it.
        let before = centre
            .store
            .query(MEASURED_BEFORE, &[source.as_str().into()])
            .await?;
        let before = before.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
        let calendar = around.picture.calendar(&self.pack, Some(self.unit));
        let turning = Turning {
            pack: self.pack.clone(),
            obligation: self.duty.key.clone(),
            procedure: self.duty.procedure.clone(),
            unit: self.unit,
            turn: Turn {
                key: calendar.date_of(now).to_string(),
                from: now,
                to: now,
                due: now,
                provisional: false,
            },
        };
        open(
            centre,
            &turning,
            (&source, &format!("{source}:{before}")),
            now,
            mode,
        )
        .await
    }
}

async fn is_open(store: &Store, key: &str) -> Result<bool, StoreError> {
    Ok(!store.query(CLAIMED, &[TURN.into(), key.into()]).await?.is_empty())
}

async fn open(
    centre: &Centre,
    turning: &Turning,
    (source, claim): (&str, &str),
    now: Moment,
    mode: Mode,
) -> Result<(), ShellError> {
    let mut input = Fields::new();
    let asks = |key: &str| {
        let procedure = turning.pack.procedure(&turning.procedure);
        procedure.is_some_and(|procedure| procedure.intake_fields.iter().any(|field| field.key == key))
    };
    if asks("turn") {
        input.insert("turn".to_owned(), FieldValue::Text(turning.turn.key.clone()));
    }
    if asks("due") {
        input.insert("due".to_owned(), FieldValue::Number(turning.turn.due.as_millis()));
    }
    let opened = Opened {
        channel: "obligation".to_owned(),
        owning_unit: Some(turning.unit),
        source: Some(source.to_owned()),
        ..Opened::default()
    };
    let engine = Actor::default();
    let order = Order {
        case: None,
        command: Command::Open {
            procedure: turning.procedure.clone(),
            opened,
            input,
        },
        actor: &engine,
        at: (mode == Mode::Historic).then_some(now),
        mode,
        pack: Some(turning.pack.clone()),
        idempotency: None,
    };
    centre.record(&[order], Some((TURN, claim))).await.map(|_| ())
}
