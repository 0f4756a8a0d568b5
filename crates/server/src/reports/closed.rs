//! Closed months: the report of a month as it stood at its end, frozen as a record of the history. What is corrected
//! later is shown beside it, never in it.
//!
//! The centre closes the month before by itself, soon after it has ended; a month from before that can be closed by an
//! act. Either happens once.

use std::collections::BTreeMap;

use calendar::Moment;
use regulation::model::ClauseRef;
use regulation::{Id, Organisation, Pack};
use serde::{Deserialize, Serialize};
use store::{Answer, Batch, CommitError, Head, RecordId, Row, Store, StoreError};

use super::{Columns, Counted, Month, Period, Reach, Tally, by_unit, figures};
use crate::centre::{Centre, Surroundings};
use crate::registry;
use crate::schema::CLOSED_MONTHS;

/// The claim under which a month of a pack is closed once.
const CLOSED: &str = "closed_month";

/// How long after a month's end it is closed: acts of its last moment are committed by then.
const GRACE_MS: i64 = 60_000;

const STANDING: &str =
    "SELECT counts, as_of, closed, closed_by FROM closed_months WHERE pack = $1 AND month = $2";

/// One clause in one unit.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    pack: String,
    clause: String,
    unit: i64,
    #[serde(flatten)]
    tally: Tally,
}

/// One figure of the pack, over the whole centre.
#[derive(Debug, Serialize, Deserialize)]
struct Figured {
    key: String,
    part: i64,
    of: i64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Frozen {
    clauses: Vec<Line>,
    figures: Vec<Figured>,
}

/// A month as it was closed.
#[derive(Debug)]
pub struct Closed {
    /// As it stood then.
    pub as_of: Moment,
    /// When it was closed.
    pub at: Moment,
    /// By whom; none is the centre itself.
    pub by: Option<Id>,
    frozen: Frozen,
}

impl Closed {
    /// The clauses' counts over the units that `within` lets through.
    pub fn tallies(&self, within: impl Fn(Id) -> bool) -> BTreeMap<ClauseRef, Tally> {
        let mut tallies: BTreeMap<ClauseRef, Tally> = BTreeMap::new();
        for line in self.frozen.clauses.iter().filter(|line| within(Id(line.unit))) {
            let clause = ClauseRef {
                pack: line.pack.as_str().into(),
                clause: line.clause.as_str().into(),
            };
            tallies.entry(clause).or_default().join(&line.tally);
        }
        tallies
    }

    /// The pack's figures over the whole centre, with the goals that the pack states now.
    pub fn figures(&self, pack: &Pack) -> Vec<Counted> {
        let known = |figured: &Figured| {
            let stated = pack.figures.iter().find(|one| one.key == figured.key)?;
            Some(Counted {
                key: stated.key.clone(),
                title: stated.title.clone(),
                clause: stated.clause.clone(),
                part: figured.part,
                of: figured.of,
                target: stated.target,
            })
        };
        self.frozen.figures.iter().filter_map(known).collect()
    }
}

/// The month as it was closed, if it was.
pub async fn closed(store: &Store, pack: &str, month: Month) -> Result<Option<Closed>, StoreError> {
    let rows = store
        .query(STANDING, &[pack.into(), month.to_string().into()])
        .await?;
    rows.first().map(read).transpose()
}

fn read(row: &Answer) -> Result<Closed, StoreError> {
    let frozen = serde_json::from_str(row.text(0)?)
        .map_err(|error| StoreError::Damaged(format!("a closed month cannot be read: {error}")))?;
    Ok(Closed {
        as_of: Moment::from_millis(row.int(1)?),
        at: Moment::from_millis(row.int(2)?),
        by: row.opt_int(3)?.map(Id),
        frozen,
    })
}

/// Why a month was not closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// It has not ended.
    #[error("{0} has not ended yet: a month is closed after its last day")]
    NotOver(Month),
    /// It is closed already.
    #[error("{0} is closed already: what is corrected since stands beside it in the report")]
    Already(Month),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store refused or failed the commit.
    #[error(transparent)]
    Commit(CommitError),
}

/// Closes a month of a pack as it stood at its end.
pub async fn close(centre: &Centre, pack: &Pack, month: Month, by: Option<Id>) -> Result<(), CloseError> {
    let (store, around) = (&centre.store, centre.surroundings());
    let period = month.period(around.picture.calendar(pack, None));
    let now = Moment::from_millis(store.now());
    if now < period.to {
        return Err(CloseError::NotOver(month));
    }
    if closed(store, &pack.name, month).await?.is_some() {
        return Err(CloseError::Already(month));
    }
    let frozen = freeze(store, &around, pack, period).await?;
    let counts = serde_json::to_string(&frozen).map_err(|error| StoreError::Failed(error.to_string()))?;
    let record = Id(store.new_id());
    let row = Row {
        table: &CLOSED_MONTHS,
        values: vec![
            (&*pack.name).into(),
            month.to_string().into(),
            record.0.into(),
            pack.hash.clone().into(),
            period.as_of.as_millis().into(),
            now.as_millis().into(),
            by.map(|person| person.0).into(),
            counts.into(),
        ],
    };
    let setting = registry::Setting {
        kind: "closed_month",
        record,
        actor: by,
        at: now,
    };
    let (mut batch, mut head) = (Batch::new(), Head::EMPTY);
    registry::set(&mut batch, &mut head, &setting, &[], &[row])?;
    batch.claim(CLOSED, format!("{} {month}", pack.name), RecordId(record.0));
    match store.commit(batch).await {
        Ok(_) => Ok(()),
        Err(CommitError::Claimed { .. }) => Err(CloseError::Already(month)),
        Err(error) => Err(CloseError::Commit(error)),
    }
}

async fn freeze(
    store: &Store,
    around: &Surroundings,
    pack: &Pack,
    period: Period,
) -> Result<Frozen, StoreError> {
    let everything = Reach::default();
    let tallies = by_unit(store, &pack.name, period, everything).await?;
    let counted = figures(store, around, pack, period, everything).await?;
    let clauses = tallies
        .into_iter()
        .filter(|(_, tally)| tally.columns != Columns::default() || tally.once_late > 0)
        .map(|((clause, unit), tally)| Line {
            pack: clause.pack.to_string(),
            clause: clause.clause.to_string(),
            unit: unit.0,
            tally,
        });
    Ok(Frozen {
        clauses: clauses.collect(),
        figures: counted
            .into_iter()
            .map(|one| Figured {
                key: one.key,
                part: one.part,
                of: one.of,
            })
            .collect(),
    })
}

/// Closes the month before for every pack that was in force before it ended, and says when the next month will be.
pub async fn close_due(centre: &Centre, now: Moment) -> Result<Moment, StoreError> {
    let around = centre.surroundings();
    let mut next: Option<Moment> = None;
    let mut names: Vec<&str> = around
        .packs
        .in_force()
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let Some(pack) = around.packs.in_force_anywhere(name) else {
            continue;
        };
        let calendar = around.picture.calendar(&pack, None);
        // Seen from a little earlier, a month that has just ended still runs.
        let seen = now.plus(-GRACE_MS);
        let running = Month::of(calendar, seen);
        let ends = running.period(calendar).to.plus(GRACE_MS);
        next = Some(next.map_or(ends, |next| next.min(ends)));
        let Some(month) = running.before() else { continue };
        let end = month.period(calendar).to;
        let stood = around
            .packs
            .in_force()
            .iter()
            .any(|one| one.name == name && one.since < end);
        if !stood || closed(&centre.store, name, month).await?.is_some() {
            continue;
        }
        match close(centre, &pack, month, None).await {
            Ok(()) => tracing::info!(pack = name, %month, "the month is closed"),
            // Another node, or an act, was faster.
            Err(CloseError::Already(_)) => {}
            Err(CloseError::Store(error)) => return Err(error),
            Err(error) => tracing::warn!(pack = name, %month, %error, "the month could not be closed"),
        }
    }
    Ok(next.unwrap_or_else(|| now.plus(86_400_000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organisation::{UnitRecord, change_unit};
    use crate::packs::{Bundle, activate, built_in};
    use crate::schema::MIGRATIONS;

    #[tokio::test]
    async fn the_month_before_is_closed_once_for_every_pack_that_stood_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
        let centre = Centre::open(store).await.unwrap();
        let record = UnitRecord {
            key: "top".into(),
            name: "总部".into(),
            parent: None,
            calendar: "default".into(),
        };
        let unit = change_unit(&centre, None, None, &record).await.unwrap();
        let now = Moment::from_millis(centre.store.now());
        // One that stood for long, and one put in force just now
        for (name, since) in [("hotline", Moment::from_millis(0)), ("general", now)] {
            let bundle = Bundle::of(&built_in(name).unwrap());
            let pack = bundle.link().unwrap();
            activate(&centre.store, &bundle, &pack, unit, None, since)
                .await
                .unwrap();
        }
        centre.refresh().await.unwrap();
        let around = centre.surroundings();
        let pack = around.packs.in_force_anywhere("hotline").unwrap();
        let calendar = around.picture.calendar(&pack, None);
        let running = Month::of(calendar, now.plus(-GRACE_MS));
        let before = running.before().unwrap();
        for _ in 0..2 {
            let next = close_due(&centre, now).await.unwrap();
            assert_eq!(next, running.period(calendar).to.plus(GRACE_MS));
            let found = closed(&centre.store, "hotline", before).await.unwrap().unwrap();
            assert_eq!((found.as_of, found.by), (before.period(calendar).to, None));
            assert!(
                closed(&centre.store, "hotline", before.before().unwrap())
                    .await
                    .unwrap()
                    .is_none()
            );
            assert!(closed(&centre.store, "general", before).await.unwrap().is_none());
            let rows = centre
                .store
                .query("SELECT COUNT(*) FROM closed_months", &[])
                .await
                .unwrap();
            assert_eq!(rows[0].int(0).unwrap(), 1);
        }
        assert!(matches!(
            close(&centre, &pack, running, None).await,
            Err(CloseError::NotOver(_))
        ));
    }
}
