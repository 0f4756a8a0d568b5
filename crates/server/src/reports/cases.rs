//! The cases behind a figure: a page for the screen, and every clause's list with the keys of the imported file for
//! programs.

use std::collections::BTreeMap;

use calendar::Moment;
use regulation::Id;
use regulation::model::ClauseRef;
use store::{Store, StoreError};

use super::column::{self, Column, Seen, column, marks};
use super::tally::{params, reach};
use super::{Period, Reach};
use crate::http::Problem;

/// One case behind a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseCase {
    /// When the clock is due, or the refusal happened.
    pub at: Moment,
    /// The case.
    pub case: Id,
    /// The clock's number in the case; for a refusal the number of its event.
    pub no: i64,
}

impl ClauseCase {
    /// The place before the first.
    pub const START: ClauseCase = ClauseCase {
        at: Moment::from_millis(i64::MIN),
        case: Id(0),
        no: 0,
    };

    /// The place that a client sent back.
    pub fn read(text: Option<&str>) -> Result<ClauseCase, Problem> {
        let Some(text) = text else {
            return Ok(ClauseCase::START);
        };
        let mut parts = text.splitn(3, '_').map(str::parse::<i64>);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(at)), Some(Ok(case)), Some(Ok(no))) => Ok(ClauseCase {
                at: Moment::from_millis(at),
                case: Id(case),
                no,
            }),
            _ => Err(Problem::malformed(
                "翻页标记after有误。请用上一页返回的next。",
                "The paging mark `after` is wrong. Use the `next` of the page before.",
            )),
        }
    }

    /// As sent to a client.
    pub fn text(&self) -> String {
        format!("{}_{}_{}", self.at.as_millis(), self.case, self.no)
    }
}

// The shared nine, then $10 clause's pack, $11 clause, $12 marks, $13, $14 and $15 the place reached, $16 how many
const CLOCKS: &str = concat!(
    "SELECT k.due, k.case_id, k.no FROM clocks k \
     WHERE k.pack = $1 AND k.due >= $2 AND k.due < $3 AND k.start <= $4 AND k.clause_pack = $10 AND k.clause = $11 \
     AND CAST($12 AS TEXT) LIKE '%|' || k.state || ' ' || (CASE WHEN k.ended <= $4 THEN '1' ELSE '0' END) || ' ' || \
       (CASE WHEN k.due < $4 THEN '1' ELSE '0' END) || '|%' \
     AND (k.due, k.case_id, k.no) > ($13, $14, $15)",
    reach!(
        "k.unit",
        "COALESCE(k.answers, (SELECT COALESCE(c.handler, c.first_contact_owner) FROM cases c WHERE c.id = k.case_id))",
        "k.case_id"
    ),
    "ORDER BY k.due, k.case_id, k.no LIMIT $16"
);
// The same parameters; $12 is not compared with anything.
const REFUSALS: &str = concat!(
    "SELECT r.at, r.case_id, r.seq FROM refusals r \
     WHERE r.pack = $1 AND r.at >= $2 AND r.at < $3 AND r.at <= $4 AND r.clause_pack = $10 AND r.clause = $11 \
     AND CAST($12 AS TEXT) <> '' AND (r.at, r.case_id, r.seq) > ($13, $14, $15)",
    reach!("r.unit", "r.person", "r.case_id"),
    "ORDER BY r.at, r.case_id, r.seq LIMIT $16"
);

/// One page of the cases behind a column of a clause, by due time; the last of them is where the next page goes on.
#[expect(clippy::too_many_arguments, reason = "each of them restricts the same query")]
pub async fn page(
    store: &Store,
    pack: &str,
    clause: &ClauseRef,
    column: Column,
    period: Period,
    reach: Reach<'_>,
    after: ClauseCase,
    limit: i64,
) -> Result<Vec<ClauseCase>, StoreError> {
    let mut params = params(store, pack, period, reach);
    params.extend([
        clause.pack.clone().into(),
        clause.clause.clone().into(),
        marks(column).into(),
        after.at.as_millis().into(),
        after.case.0.into(),
        after.no.into(),
        limit.into(),
    ]);
    let sql = if column == Column::Refused {
        REFUSALS
    } else {
        CLOCKS
    };
    let read = |row: &store::Answer| {
        Ok(ClauseCase {
            at: Moment::from_millis(row.int(0)?),
            case: Id(row.int(1)?),
            no: row.int(2)?,
        })
    };
    store.query(sql, &params).await?.iter().map(read).collect()
}

/// The keys behind one clause, by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BehindClause {
    /// By column: the key of the imported row, or the case's number where it was not imported; by due time.
    pub columns: BTreeMap<Column, Vec<String>>,
}

const ALL_CLOCKS: &str = concat!(
    "SELECT k.clause_pack, k.clause, k.state, CASE WHEN k.start <= $4 THEN 1 ELSE 0 END, \
     CASE WHEN k.ended <= $4 THEN 1 ELSE 0 END, CASE WHEN k.due < $4 THEN 1 ELSE 0 END, COALESCE(c.source, c.number) \
     FROM clocks k JOIN cases c ON c.id = k.case_id WHERE k.pack = $1 AND k.due >= $2 AND k.due < $3",
    reach!(
        "k.unit",
        "COALESCE(k.answers, (SELECT COALESCE(c.handler, c.first_contact_owner) FROM cases c WHERE c.id = k.case_id))",
        "k.case_id"
    ),
    "ORDER BY k.due, k.case_id, k.no"
);
const ALL_REFUSALS: &str = concat!(
    "SELECT r.clause_pack, r.clause, COALESCE(c.source, c.number) \
     FROM refusals r JOIN cases c ON c.id = r.case_id WHERE r.pack = $1 AND r.at >= $2 AND r.at < $3 AND r.at <= $4",
    reach!("r.unit", "r.person", "r.case_id"),
    "ORDER BY r.at, r.case_id, r.seq"
);

/// The keys behind every figure of the report, read as a stream.
pub async fn behind_clauses(
    store: &Store,
    pack: &str,
    period: Period,
    reach: Reach<'_>,
) -> Result<BTreeMap<ClauseRef, BehindClause>, StoreError> {
    let params = params(store, pack, period, reach);
    let mut behind: BTreeMap<ClauseRef, BehindClause> = BTreeMap::new();
    let mut note = |row: &store::Answer, column: Column, key: &str| -> Result<(), StoreError> {
        let clause = ClauseRef {
            pack: row.text(0)?.into(),
            clause: row.text(1)?.into(),
        };
        behind
            .entry(clause)
            .or_default()
            .columns
            .entry(column)
            .or_default()
            .push(key.to_owned());
        Ok(())
    };
    store
        .for_each(ALL_CLOCKS, &params, |row| {
            let Some(state) = column::state(row.text(2)?) else {
                return Ok::<(), StoreError>(());
            };
            let seen = Seen {
                state,
                begun: row.flag(3)?,
                over: row.flag(4)?,
                passed: row.flag(5)?,
            };
            column(seen).map_or(Ok(()), |column| note(&row, column, row.text(6)?))
        })
        .await?;
    store
        .for_each(ALL_REFUSALS, &params, |row| {
            note(&row, Column::Refused, row.text(2)?)
        })
        .await?;
    Ok(behind)
}
