//! Facts that count the case itself (CMP-2): the other records answer, the case is added as it will be after the act.
//!
//! The records that a shell can ask do not know yet what is being decided: a case about to be opened is in no index, and
//! one whose values change still stands under the old ones. So the case is never looked for among the records; whether
//! it counts is worked out here, from the values it will have. It counts as open until an act has ended it.

use std::borrow::Cow;

use super::keys::{index_name, join_key, key_of};
use super::needs::query;
use super::sight::Sight;
use super::{FactQuery, Facts, Setting};
use crate::case::{Case, FieldValue};
use crate::model::{Among, Fact, Measure, Procedure};

/// Behind the key of a fact: what the other records come to.
const OTHERS: &str = "#others";
/// Behind the key of a fact over customers: whether this customer is among those of the other records.
const OWN: &str = "#own";

/// The fact that a query belongs to.
pub(super) fn fact_of(query: &FactQuery) -> &str {
    query.id.split('#').next().unwrap_or(&query.id)
}

/// The index in which the customers of such a fact are found one by one, with its fields; `None` for other facts.
pub(crate) fn index_of_customers(fact: &Fact) -> Option<(String, Vec<String>)> {
    if !fact.with_itself || fact.measure != Measure::Customers {
        return None;
    }
    let mut fields: Vec<String> = fact.same.iter().map(|(key, _)| key.clone()).collect();
    if fields.iter().any(|key| key == "customer") {
        return Some((index_name(fact), fields));
    }
    fields.push("customer".to_owned());
    Some((format!("{}:{}", fact.of, fields.join("+")), fields))
}

/// What the shell is asked for such a fact: the other records, and whether this customer is one of theirs already.
pub(super) fn asked(
    fact: &Fact,
    mut query: FactQuery,
    mut values: Vec<Option<FieldValue>>,
    case: &Case,
) -> Vec<FactQuery> {
    if !fact.with_itself {
        return vec![query];
    }
    query.id = format!("{}{OTHERS}", fact.key);
    let Some((index, fields)) = index_of_customers(fact) else {
        return vec![query];
    };
    if fields.len() > values.len() {
        values.push(case.customer.map(FieldValue::from));
    }
    let own = FactQuery {
        id: format!("{}{OWN}", fact.key),
        index,
        key: join_key(values),
        measure: Measure::Exists,
        ..query.clone()
    };
    vec![query, own]
}

/// The answers with the case itself added, as it will be after the act.
pub(super) fn counted<'f>(
    setting: &Setting<'_>,
    sight: Option<Sight<'_>>,
    facts: &'f Facts,
) -> Cow<'f, Facts> {
    let Some(sight) = sight.filter(|sight| sight.procedure.facts.iter().any(|fact| fact.with_itself)) else {
        return Cow::Borrowed(facts);
    };
    let mut counted = facts.clone();
    for fact in sight.procedure.facts.iter().filter(|fact| fact.with_itself) {
        let answer = |part: &str| facts.values.get(&format!("{}{part}", fact.key));
        let others = answer(OTHERS);
        // Not read by anything here: nobody was asked.
        let is_asked = others.is_some() || fact.measure == Measure::Latest;
        if !is_asked {
            continue;
        }
        let counts = counts(setting, &sight, fact);
        let known = matches!(answer(OWN), Some(FieldValue::Flag(true)));
        let value = if counts {
            added(fact, sight.procedure, &sight.case, others, known)
        } else {
            others.cloned()
        };
        if let Some(value) = value {
            counted.values.insert(fact.key.clone(), value);
        }
    }
    Cow::Owned(counted)
}

/// Whether the case itself is one of the records that the fact measures.
fn counts(setting: &Setting<'_>, sight: &Sight<'_>, fact: &Fact) -> bool {
    let case = &sight.case;
    if *sight.procedure.key != fact.of || case.void {
        return false;
    }
    let fields: Vec<String> = fact.same.iter().map(|(key, _)| key.clone()).collect();
    let asked = query(setting, sight, fact);
    let among = match fact.among {
        Among::All => true,
        Among::Open => case.ended.is_none(),
        Among::Ended => case.ended.is_some(),
    };
    among
        && asked.since.is_none_or(|since| case.received >= since)
        && asked.key.is_some()
        && asked.key == key_of(case, &fields)
}

fn added(
    fact: &Fact,
    procedure: &Procedure,
    case: &Case,
    others: Option<&FieldValue>,
    known: bool,
) -> Option<FieldValue> {
    let number = others.and_then(FieldValue::as_number);
    let one_more = |one: bool| Some(FieldValue::Number(number.unwrap_or(0) + i64::from(one)));
    match &fact.measure {
        Measure::Count => one_more(true),
        Measure::Customers => one_more(procedure.customer && case.customer.is_some() && !known),
        Measure::Exists => Some(FieldValue::Flag(true)),
        Measure::Latest => Some(FieldValue::Number(
            number.unwrap_or(i64::MIN).max(case.received.as_millis()),
        )),
        // Who asks which cases there are knows the case itself already.
        Measure::Cases => others.cloned(),
        Measure::Sum(field) => {
            let amount = case.fields.get(field).and_then(FieldValue::as_number);
            Some(FieldValue::Number(
                number.unwrap_or(0).saturating_add(amount.unwrap_or(0)),
            ))
        }
    }
}
