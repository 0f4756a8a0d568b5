//! Answering the facts a decision asks for, and putting them to the store once more as guards.

use regulation::decide::FactQuery;
use regulation::model::{Among, Measure};
use regulation::{FieldValue, Id};
use store::{Guard, Store, StoreError, Value};

// $1 index, $2 key, $3 earliest time, $4 the case itself or 0, $5 0 all · 1 open · 2 ended
macro_rules! over_entries {
    ($what:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM fact_entries WHERE name = $1 AND key = $2 AND at >= $3 AND case_id <> $4 AND void = 0 \
             AND (CAST($5 AS BIGINT) = 0 OR (CAST($5 AS BIGINT) = 1 AND ended = 0) \
             OR (CAST($5 AS BIGINT) = 2 AND ended = 1))"
        )
    };
}

const COUNT: &str = over_entries!("COUNT(*)");
const EXISTS: &str = over_entries!("CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END");
const CUSTOMERS: &str = over_entries!("COUNT(DISTINCT customer)");
const LATEST: &str = over_entries!("MAX(at)");
const CASES: &str = concat!(over_entries!("case_id"), " ORDER BY case_id LIMIT 500");
const SUM: &str = over_entries!("CAST(COALESCE(SUM(amount), 0) AS BIGINT)");

fn text(measure: &Measure) -> &'static str {
    match measure {
        Measure::Count => COUNT,
        Measure::Exists => EXISTS,
        Measure::Customers => CUSTOMERS,
        Measure::Latest => LATEST,
        Measure::Sum(_) => SUM,
        Measure::Cases => CASES,
    }
}

fn params(query: &FactQuery, key: &str) -> Vec<Value> {
    let among: i64 = match query.among {
        Among::All => 0,
        Among::Open => 1,
        Among::Ended => 2,
    };
    vec![
        query.index.as_str().into(),
        key.into(),
        query.since.map_or(i64::MIN, |since| since.as_millis()).into(),
        query.except.map_or(0, |case| case.0).into(),
        among.into(),
    ]
}

fn value(measure: &Measure, answer: Option<i64>) -> Option<FieldValue> {
    match measure {
        Measure::Exists => Some(FieldValue::Flag(answer.unwrap_or(0) > 0)),
        Measure::Latest => answer.map(FieldValue::Number),
        Measure::Cases => None,
        Measure::Count | Measure::Customers | Measure::Sum(_) => {
            Some(FieldValue::Number(answer.unwrap_or(0)))
        }
    }
}

/// What the records say now. A query whose key is missing finds nothing.
pub async fn answer(store: &Store, query: &FactQuery) -> Result<Option<FieldValue>, StoreError> {
    let Some(key) = &query.key else {
        return Ok(value(&query.measure, None));
    };
    let rows = store.query(text(&query.measure), &params(query, key)).await?;
    if query.measure == Measure::Cases {
        let ids: Result<Vec<FieldValue>, StoreError> =
            rows.iter().map(|row| Ok(Id(row.int(0)?).into())).collect();
        return Ok(Some(FieldValue::List(ids?)));
    }
    let found = rows.first().map(|row| row.opt_int(0)).transpose()?.flatten();
    Ok(value(&query.measure, found))
}

/// The same question as a condition of the commit: one at a time for each fact and key, compared with what was
/// answered.
pub fn guard(query: &FactQuery, answered: Option<&FieldValue>) -> Option<Guard> {
    let key = query.key.as_ref()?;
    let expected = match answered {
        Some(FieldValue::Number(number)) => Value::Int(*number),
        Some(FieldValue::Flag(flag)) => Value::from(*flag),
        _ => Value::Null,
    };
    Some(Guard {
        name: query.id.clone(),
        lock_key: format!("{}\u{1f}{key}", query.index),
        sql: text(&query.measure),
        params: params(query, key),
        expected: vec![expected],
    })
}

// $1 the case
const TAKES_IN: &str = "SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM cases WHERE id = $1 AND ended IS NULL \
     AND merged_into IS NULL";

/// That a case still takes in the one that is merged into it. Merges are written one at a time: two that go in opposite
/// directions cannot both stand, and no longer circle closes.
pub fn still_takes_in(case: Id) -> Guard {
    Guard {
        name: "merging".to_owned(),
        lock_key: "merging".to_owned(),
        sql: TAKES_IN,
        params: vec![case.0.into()],
        expected: vec![Value::Int(1)],
    }
}
