//! Counting clocks and refusals by clause: the SQL compares times, `column` says what that means.

use std::collections::BTreeMap;

use calendar::{Calendar, Date, Moment};
use regulation::Id;
use regulation::model::ClauseRef;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, Value};

use super::column::{self, Column, Columns, Seen, column};
use super::{Period, Reach};

/// What restricts every query of the report: `$5` person or 0, `$6` now, `$7` unit or 0, `$8` whoever answers for the delay, and
/// while nobody does the handler or the first-contact owner, or 0, `$9`
/// procedure or ''.
macro_rules! reach {
    ($unit:literal, $person:literal, $case:literal) => {
        concat!(
            " AND (CAST($5 AS BIGINT) = 0 OR ",
            $unit,
            " IN (SELECT unit FROM scopes WHERE person = $5 AND since <= $6 AND until > $6)) \
             AND (CAST($7 AS BIGINT) = 0 OR ",
            $unit,
            " IN (WITH RECURSIVE below (id) AS (SELECT id FROM units WHERE id = $7 \
             UNION SELECT u.id FROM units u JOIN below b ON u.parent = b.id) SELECT id FROM below)) \
             AND (CAST($8 AS BIGINT) = 0 OR ",
            $person,
            " = $8) AND (CAST($9 AS TEXT) = '' OR EXISTS (SELECT 1 FROM cases o WHERE o.id = ",
            $case,
            " AND o.procedure = $9)) "
        )
    };
}
pub(super) use reach;

// $1 pack, $2 from, $3 to, $4 as of, then as in `reach!`
const CLOCKS: &str = concat!(
    "SELECT k.clause_pack, k.clause, k.unit, k.state, \
     CASE WHEN k.start <= $4 THEN 1 ELSE 0 END, CASE WHEN k.ended <= $4 THEN 1 ELSE 0 END, \
     CASE WHEN k.due < $4 THEN 1 ELSE 0 END, COUNT(*), \
     CAST(SUM(CASE WHEN k.once_late <> 0 AND k.due < $4 THEN 1 ELSE 0 END) AS BIGINT) FROM clocks k \
     WHERE k.pack = $1 AND k.due >= $2 AND k.due < $3",
    reach!(
        "k.unit",
        "COALESCE(k.answers, (SELECT COALESCE(c.handler, c.first_contact_owner) FROM cases c WHERE c.id = k.case_id))",
        "k.case_id"
    ),
    "GROUP BY 1, 2, 3, 4, 5, 6, 7"
);
const REFUSALS: &str = concat!(
    "SELECT r.clause_pack, r.clause, r.unit, COUNT(*) FROM refusals r \
     WHERE r.pack = $1 AND r.at >= $2 AND r.at < $3 AND r.at <= $4",
    reach!("r.unit", "r.person", "r.case_id"),
    "GROUP BY 1, 2, 3"
);
// By quarters of an hour: every zone's days begin at one.
const DAYS: &str = concat!(
    "SELECT k.due / 900000, k.state, CASE WHEN k.start <= $4 THEN 1 ELSE 0 END, \
     CASE WHEN k.ended <= $4 THEN 1 ELSE 0 END, CASE WHEN k.due < $4 THEN 1 ELSE 0 END, COUNT(*) FROM clocks k \
     WHERE k.pack = $1 AND k.due >= $2 AND k.due < $3",
    reach!(
        "k.unit",
        "COALESCE(k.answers, (SELECT COALESCE(c.handler, c.first_contact_owner) FROM cases c WHERE c.id = k.case_id))",
        "k.case_id"
    ),
    "GROUP BY 1, 2, 3, 4, 5"
);

/// What was counted for one clause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// By column.
    #[serde(flatten)]
    pub columns: Columns,
    /// Clocks that were overdue at any time, whatever became of them; those of exempt and lapsed ones stay counted.
    pub once_late: i64,
}

impl Tally {
    /// Adds another count.
    pub fn join(&mut self, other: &Tally) {
        self.columns.join(&other.columns);
        self.once_late += other.once_late;
    }
}

/// The parameters that all the report's queries share.
pub(super) fn params(store: &Store, pack: &str, period: Period, reach: Reach<'_>) -> Vec<Value> {
    vec![
        pack.into(),
        period.from.as_millis().into(),
        period.to.as_millis().into(),
        period.as_of.as_millis().into(),
        reach.person.map_or(0, |person| person.0).into(),
        store.now().into(),
        reach.unit.map_or(0, |unit| unit.0).into(),
        reach.answering.map_or(0, |person| person.0).into(),
        reach.procedure.unwrap_or_default().into(),
    ]
}

/// Counts per clause; clauses with nothing counted are left out.
pub async fn tally(
    store: &Store,
    pack: &str,
    period: Period,
    reach: Reach<'_>,
) -> Result<BTreeMap<ClauseRef, Tally>, StoreError> {
    let mut tallies: BTreeMap<ClauseRef, Tally> = BTreeMap::new();
    for ((clause, _), tally) in by_unit(store, pack, period, reach).await? {
        tallies.entry(clause).or_default().join(&tally);
    }
    Ok(tallies)
}

/// Counts per clause and unit.
pub async fn by_unit(
    store: &Store,
    pack: &str,
    period: Period,
    reach: Reach<'_>,
) -> Result<BTreeMap<(ClauseRef, Id), Tally>, StoreError> {
    let params = params(store, pack, period, reach);
    let mut tallies: BTreeMap<(ClauseRef, Id), Tally> = BTreeMap::new();
    let key = |row: &store::Answer| {
        let clause = ClauseRef {
            pack: row.text(0)?.into(),
            clause: row.text(1)?.into(),
        };
        Ok::<_, StoreError>((clause, Id(row.int(2)?)))
    };
    for row in store.query(CLOCKS, &params).await? {
        let Some(state) = column::state(row.text(3)?) else {
            continue;
        };
        let seen = Seen {
            state,
            begun: row.flag(4)?,
            over: row.flag(5)?,
            passed: row.flag(6)?,
        };
        let Some(column) = column(seen) else { continue };
        let tally = tallies.entry(key(&row)?).or_default();
        tally.columns.add(column, row.int(7)?);
        tally.once_late += if column == Column::Late {
            row.int(7)?
        } else {
            row.int(8)?
        };
    }
    for row in store.query(REFUSALS, &params).await? {
        let tally = tallies.entry(key(&row)?).or_default();
        tally.columns.add(Column::Refused, row.int(3)?);
    }
    Ok(tallies)
}

/// Kept and late per day of the due time.
pub async fn days(
    store: &Store,
    calendar: &Calendar,
    pack: &str,
    period: Period,
    reach: Reach<'_>,
) -> Result<BTreeMap<Date, (i64, i64)>, StoreError> {
    let mut days: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
    for row in store.query(DAYS, &params(store, pack, period, reach)).await? {
        let Some(state) = column::state(row.text(1)?) else {
            continue;
        };
        let day = calendar.date_of(Moment::from_millis(row.int(0)? * 900_000));
        let count = row.int(5)?;
        match column(Seen {
            state,
            begun: row.flag(2)?,
            over: row.flag(3)?,
            passed: row.flag(4)?,
        }) {
            Some(Column::Kept) => days.entry(day).or_default().0 += count,
            Some(Column::Late) => days.entry(day).or_default().1 += count,
            _ => {}
        }
    }
    Ok(days)
}
