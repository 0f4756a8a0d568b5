//! What facts find among the contacts rehearsed so far, as the table of facts would.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use calendar::Moment;
use regulation::decide::FactQuery;
use regulation::model::{Among, Measure};
use regulation::{Case, FieldValue, Id};

/// A fact's name and the key it is asked under.
type Key = (Arc<str>, String);
/// Where an entry stands under its key: by time, case, and its number in the case.
type Place = (Moment, Id, usize);

struct Entry {
    amount: Option<i64>,
    customer: Option<Id>,
    ended: bool,
}

/// Entries by fact and key, in the order of their time.
#[derive(Default)]
pub(super) struct Found {
    entries: HashMap<Key, BTreeMap<Place, Entry>>,
    /// Where the entries of a case stand.
    of_case: HashMap<Id, Vec<(Key, Place)>>,
}

impl Found {
    /// Takes a case as it stands now; what stood there of it before is gone.
    pub(super) fn note(&mut self, case: &Case) {
        for (key, place) in self.of_case.remove(&case.id).unwrap_or_default() {
            if let Some(entries) = self.entries.get_mut(&key) {
                entries.remove(&place);
            }
        }
        if case.void || case.indexed.is_empty() {
            return;
        }
        let mut places = Vec::with_capacity(case.indexed.len());
        for (no, (name, key, amount)) in case.indexed.iter().enumerate() {
            let (key, place) = ((name.clone(), key.clone()), (case.received, case.id, no));
            let entry = Entry {
                amount: *amount,
                customer: case.customer,
                ended: case.ended.is_some(),
            };
            self.entries.entry(key.clone()).or_default().insert(place, entry);
            places.push((key, place));
        }
        self.of_case.insert(case.id, places);
    }

    /// What the contacts say at a moment.
    pub(super) fn answer(&self, query: &FactQuery, now: Moment) -> Option<FieldValue> {
        let key = query
            .key
            .as_ref()
            .map(|key| (Arc::from(query.index.as_str()), key.clone()));
        let since = query.since.unwrap_or(Moment::from_millis(i64::MIN));
        let entries = key.and_then(|key| self.entries.get(&key));
        let found: Vec<(Moment, &Entry)> = entries
            .into_iter()
            .flat_map(|entries| entries.range((since, Id(i64::MIN), 0)..))
            .take_while(|((at, ..), _)| *at <= now)
            .filter(|((_, case, _), _)| query.except != Some(*case))
            .filter(|(_, entry)| match query.among {
                Among::All => true,
                Among::Open => !entry.ended,
                Among::Ended => entry.ended,
            })
            .map(|((at, ..), entry)| (*at, entry))
            .collect();
        match &query.measure {
            Measure::Count => Some(FieldValue::Number(found.len() as i64)),
            Measure::Exists => Some(FieldValue::Flag(!found.is_empty())),
            Measure::Customers => {
                let customers: BTreeSet<Id> = found.iter().filter_map(|(_, entry)| entry.customer).collect();
                Some(FieldValue::Number(customers.len() as i64))
            }
            // Cases of a rehearsal are decided each by itself and not linked.
            Measure::Cases => None,
            Measure::Latest => found.last().map(|(at, _)| FieldValue::Number(at.as_millis())),
            Measure::Sum(_) => Some(FieldValue::Number(
                found.iter().filter_map(|(_, entry)| entry.amount).sum(),
            )),
        }
    }
}
