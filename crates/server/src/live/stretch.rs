//! One stretch of history: which cases changed in it, with what decides who may know.

use std::collections::HashSet;

use regulation::Id;
use store::{Store, StoreError};

/// How many cases one message names at most; of a longer absence a screen reads everything again.
const MOST: i64 = 500;

// $1 and $2: after the first position, up to the second
const NOTICED: &str = "SELECT DISTINCT n.person FROM positions p JOIN notices n ON n.case_id = p.record AND n.seq = p.seq \
     WHERE p.position > $1 AND p.position <= $2";

// $1 and $2: after the first position, up to the second; $3 how many
const CHANGED: &str = "SELECT c.id, c.unit, c.owning_unit, c.handler, c.first_contact_owner, p.position, c.version \
     FROM (SELECT record, MAX(position) AS position FROM positions WHERE position > $1 AND position <= $2 \
       GROUP BY record) p JOIN cases c ON c.id = p.record ORDER BY p.position DESC LIMIT $3";

/// A case that changed, with what decides who may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) case: Id,
    /// As the tables show it now.
    pub(super) version: i64,
    pub(super) units: [Id; 2],
    pub(super) people: [Option<Id>; 2],
}

/// One stretch of history.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretch {
    /// After this position,
    pub(super) after: i64,
    /// up to this one.
    pub(super) upto: i64,
    pub(super) cases: Vec<Touched>,
    /// Who has a new notice.
    pub(super) noticed: HashSet<Id>,
}

/// Reads a stretch.
pub(super) async fn stretch(store: &Store, after: i64, upto: i64) -> Result<Stretch, StoreError> {
    let rows = store
        .query(CHANGED, &[after.into(), upto.into(), MOST.into()])
        .await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        cases.push(Touched {
            case: Id(row.int(0)?),
            version: row.int(6)?,
            units: [Id(row.int(1)?), Id(row.int(2)?)],
            people: [row.opt_int(3)?.map(Id), row.opt_int(4)?.map(Id)],
        });
    }
    let noticed = store.query(NOTICED, &[after.into(), upto.into()]).await?;
    let noticed = noticed
        .iter()
        .map(|row| row.int(0).map(Id))
        .collect::<Result<_, _>>()?;
    Ok(Stretch {
        after,
        upto,
        cases,
        noticed,
    })
}
