//! The pack's own figures over the cases received in the period, each replayed up to the time of the report.

use regulation::decide::{FigureValue, figure};
use regulation::model::ClauseRef;
use regulation::{Case, Pack, Said};
use store::{RecordId, Store, StoreError, StoredEvent};

use super::tally::{params, reach};
use super::{Period, Reach};
use crate::cases::payload;
use crate::centre::Surroundings;

/// How many cases are replayed for one report at most; figures over more are left out, since nobody waits so long.
const MOST: usize = 20_000;

/// How many cases are in memory at once.
pub(super) const PORTION: usize = 200;

/// A figure worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: Said,
    /// The clause it proves.
    pub clause: ClauseRef,
    /// Achieved.
    pub part: i64,
    /// Counted.
    pub of: i64,
    /// The goal in tenths of a percent.
    pub target: Option<u32>,
}

// The report's nine parameters, then $10 how many
const RECEIVED: &str = concat!(
    "SELECT c.id FROM cases c WHERE c.pack = $1 AND c.received >= $2 AND c.received < $3 AND c.received <= $4",
    reach!("c.unit", "c.handler", "c.id"),
    "ORDER BY c.received, c.id LIMIT $10"
);

/// The cases received in the period. None when there are more than one report replays.
pub(super) async fn received(
    store: &Store,
    pack: &str,
    period: Period,
    reach: Reach<'_>,
) -> Result<Option<Vec<RecordId>>, StoreError> {
    let mut params = params(store, pack, period, reach);
    params.push((MOST as i64 + 1).into());
    let mut records = Vec::new();
    for row in store.query(RECEIVED, &params).await? {
        records.push(RecordId(row.int(0)?));
    }
    Ok((records.len() <= MOST).then_some(records))
}

// The report's nine parameters
const BACK_DATED: &str = concat!(
    "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN c.received < c.opened THEN 1 ELSE 0 END), 0) AS BIGINT) FROM cases c \
     WHERE c.pack = $1 AND c.received >= $2 AND c.received < $3 AND c.received <= $4 AND c.opened <= $4",
    reach!("c.unit", "c.handler", "c.id")
);

/// How many of the cases received in the period were registered later than they reached us: back-dating is a right, and
/// it is counted. None where no clause speaks of it.
pub async fn back_dated(
    store: &Store,
    pack: &Pack,
    period: Period,
    reach: Reach<'_>,
) -> Result<Option<Counted>, StoreError> {
    let Some(right) = &pack.back_dating else {
        return Ok(None);
    };
    let rows = store
        .query(BACK_DATED, &params(store, &pack.name, period, reach))
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(Counted {
        key: "back_dated".to_owned(),
        title: Said::new("补录来访时间的登记", "Registrations with a back-dated time"),
        clause: right.clause.clone(),
        part: row.int(1)?,
        of: row.int(0)?,
        target: None,
    }))
}

/// Every figure of the pack. None when there are more cases than one report replays.
pub async fn figures(
    store: &Store,
    around: &Surroundings,
    pack: &Pack,
    period: Period,
    reach: Reach<'_>,
) -> Result<Vec<Counted>, StoreError> {
    if pack.figures.is_empty() {
        return Ok(Vec::new());
    }
    let Some(records) = received(store, &pack.name, period, reach).await? else {
        return Ok(Vec::new());
    };
    let mut values = vec![FigureValue::default(); pack.figures.len()];
    for portion in records.chunks(PORTION) {
        let cases = as_it_stood(store, portion, period).await?;
        for (one, value) in pack.figures.iter().zip(&mut values) {
            let more = figure(pack, &*around.picture, period.as_of, one, &cases);
            value.part += more.part;
            value.of += more.of;
        }
    }
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let counted = pack.figures.iter().zip(values).map(|(figure, value)| Counted {
        key: figure.key.clone(),
        title: figure.title.clone(),
        clause: figure.clause.clone(),
        part: count(value.part),
        of: count(value.of),
        target: figure.target,
    });
    Ok(counted.collect())
}

/// Cases with what had happened to them by the time of the report.
pub(super) async fn as_it_stood(
    store: &Store,
    records: &[RecordId],
    period: Period,
) -> Result<Vec<Case>, StoreError> {
    let mut cases = Vec::with_capacity(records.len());
    for history in store.load_many(records).await? {
        let upto: Vec<StoredEvent> = history
            .into_iter()
            .filter(|event| event.happened <= period.as_of.as_millis())
            .collect();
        if let Some((case, _)) = payload::replay(&upto)? {
            cases.push(case);
        }
    }
    Ok(cases)
}
