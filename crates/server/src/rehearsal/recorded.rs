//! What people did, as the history keeps it, and the commands behind it.

use calendar::Moment;
use regulation::case::{Change, Event, EventKind};
use regulation::decide::Opened;
use regulation::{Case, Command, Fields, Id};
use serde::Deserialize;
use store::{Answer, StoreError};

// Events of people. The engine's own follow anew.
macro_rules! recorded {
    ($order:literal) => {
        concat!(
            "SELECT e.record, e.name, e.happened, e.actor, e.payload FROM cases c \
             JOIN events e ON e.record = c.id WHERE c.pack = $1 \
             AND e.name IN ('opened', 'acted', 'signed', 'answered') ORDER BY ",
            $order
        )
    };
}

/// Contact by contact, the oldest first.
pub(super) const BY_CONTACT: &str = recorded!("c.received, c.id, e.seq");
/// In one line of time over all contacts.
pub(super) const BY_TIME: &str = recorded!("e.happened, e.recorded, e.record, e.seq");

/// What a person did, without its results.
#[derive(Deserialize)]
struct Did {
    kind: EventKind,
    #[serde(default)]
    input: Fields,
}

/// What was done once.
pub(super) struct Recorded {
    pub(super) case: Id,
    pub(super) happened: Moment,
    pub(super) actor: Option<Id>,
    opening: bool,
    payload: Vec<u8>,
}

/// One row; none where the payload was erased.
pub(super) fn read(row: &Answer) -> Result<Option<Recorded>, StoreError> {
    let Some(payload) = row.opt_blob(4)? else {
        return Ok(None);
    };
    Ok(Some(Recorded {
        case: Id(row.int(0)?),
        happened: Moment::from_millis(row.int(2)?),
        actor: Some(row.int(3)?).filter(|actor| *actor != 0).map(Id),
        opening: row.text(1)? == "opened",
        payload: payload.to_vec(),
    }))
}

/// The command behind a recorded event.
pub(super) fn command(recorded: &Recorded, case: Option<&Case>) -> Option<Command> {
    if recorded.opening {
        let event: Event = serde_json::from_slice(&recorded.payload).ok()?;
        let Some(Change::Began {
            procedure,
            received,
            channel,
            customer,
            owning_unit,
            unit,
            first_contact_owner,
            parent,
            source,
            ..
        }) = event.changes.into_iter().next()
        else {
            return None;
        };
        let opened = Opened {
            case: Some(recorded.case),
            received: Some(received),
            channel,
            customer,
            owning_unit: Some(owning_unit),
            unit: Some(unit),
            first_contact_owner,
            parent,
            source,
        };
        return Some(Command::Open {
            procedure,
            opened,
            input: event.input,
        });
    }
    let did: Did = serde_json::from_slice(&recorded.payload).ok()?;
    let case = case?;
    match did.kind {
        EventKind::Acted { action, .. } => Some(Command::Act {
            action,
            input: did.input,
            seen: None,
        }),
        EventKind::Signed {
            approval,
            agreed,
            reason,
            ..
        } => {
            let asked = case
                .approvals
                .iter()
                .rev()
                .find(|asked| asked.approval == approval)?;
            Some(Command::Sign {
                approval: asked.no,
                agree: agreed,
                reason,
                seen: None,
            })
        }
        EventKind::Answered {
            question,
            yes,
            reason,
        } => Some(Command::Answer {
            question,
            yes,
            reason,
        }),
        _ => None,
    }
}
