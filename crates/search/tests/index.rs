//! Index and tail as one, beside a plain scan of the same texts.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use search::{Ask, Document, Found, Index, Order, Query, terms};

fn document(id: i64, body: &str) -> Document {
    Document {
        id,
        body: body.to_owned(),
        keys: Vec::new(),
    }
}

fn ask(index: &Index, text: &str, order: Order, after: Option<(i64, i64)>, limit: usize) -> Found {
    let query = Query::read(text, |word| vec![format!("py:{word}")]);
    let ask = Ask {
        query: &query,
        order,
        limit,
        after,
    };
    index.search(&ask, |_| true, i64::from).unwrap()
}

fn ids(found: &Found) -> Vec<i64> {
    found.hits.iter().map(|hit| hit.id).collect()
}

fn sorted(found: &Found) -> Vec<i64> {
    let mut ids = ids(found);
    ids.sort_unstable();
    ids
}

#[test]
fn qlt_5_what_people_mean_is_found_before_and_after_the_commit() {
    let index = Index::in_memory(vec![]).unwrap();
    index
        .put(document(1, "TS20261120-0037\n锦云花园地下车库B2积水"))
        .unwrap();
    index
        .put(document(2, "TS20261120-0038\n3栋2单元電梯壞了"))
        .unwrap();
    index.put(document(3, "TS20261121-0037\n13栋2单元停水")).unwrap();
    index
        .put(Document {
            id: 4,
            body: "王小明".to_owned(),
            keys: vec!["py:wxm".to_owned()],
        })
        .unwrap();
    let cases: [(&str, &[i64]); 10] = [
        ("积水", &[1]),
        ("Ｂ２積水", &[1]),
        ("地下车库积水", &[1]),
        ("电梯", &[2]),
        ("3栋2单元", &[2]),
        ("0037", &[1, 3]),
        ("ts20261120-0037", &[1]),
        ("20261121", &[3]),
        ("wxm", &[4]),
        ("积水 电梯", &[]),
    ];
    for committed in [false, true] {
        if committed {
            assert!(index.commit().unwrap());
            assert_eq!(index.waiting(), 0);
        }
        for (text, wanted) in cases {
            let found = ask(&index, text, Order::Relevance, None, 10);
            assert_eq!(sorted(&found), wanted, "{text}, committed: {committed}");
            assert_eq!(found.total, wanted.len() as u64, "{text}");
        }
    }
}

#[test]
fn what_changed_hides_what_the_index_still_says() {
    let index = Index::in_memory(vec![]).unwrap();
    index.put(document(1, "积水")).unwrap();
    index.put(document(2, "积水")).unwrap();
    index.commit().unwrap();
    index.put(document(1, "停电")).unwrap();
    index.remove(2).unwrap();
    for committed in [false, true] {
        assert_eq!(
            ask(&index, "积水", Order::Relevance, None, 10).total,
            0,
            "{committed}"
        );
        assert_eq!(ids(&ask(&index, "停电", Order::Relevance, None, 10)), [1]);
        index.commit().unwrap();
    }
}

#[test]
fn what_was_committed_is_there_again_with_its_mark_and_other_rules_begin_anew() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path(), vec![]).unwrap();
    assert_eq!(index.mark(), None);
    index.feed(document(7, "积水")).unwrap();
    index.set_mark("12".to_owned()).unwrap();
    index.close();
    drop(index);
    let index = Index::open(folder.path(), vec![7]).unwrap();
    assert_eq!(index.mark().as_deref(), Some("12"));
    assert_eq!(ids(&ask(&index, "积水", Order::Relevance, None, 10)), [7]);
    drop(index);
    // A record that is no more is not counted, though the index still has it.
    let index = Index::open(folder.path(), vec![]).unwrap();
    assert_eq!(ask(&index, "积水", Order::Relevance, None, 10).total, 0);
    drop(index);
    std::fs::write(folder.path().join("meta.json"), "{").unwrap();
    let index = Index::open(folder.path(), vec![7]).unwrap();
    assert_eq!(index.mark(), None);
}

#[test]
fn only_what_may_be_seen_is_counted() {
    let index = Index::in_memory(vec![]).unwrap();
    for id in 0..100 {
        index.put(document(id, "积水")).unwrap();
        if id == 50 {
            index.commit().unwrap();
        }
    }
    let query = Query::read("积水", |_| Vec::new());
    let ask = Ask {
        query: &query,
        order: Order::Relevance,
        limit: 5,
        after: None,
    };
    // Ordinals are ids here, given in order.
    let found = index.search(&ask, |ordinal| ordinal % 2 == 0, i64::from).unwrap();
    assert_eq!((found.total, found.hits.len(), found.more), (50, 5, true));
    assert!(found.hits.iter().all(|hit| hit.ordinal % 2 == 0));
}

const LETTERS: &str = "[水电梯坏漏b23 ]{0,12}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever was put, changed, removed and committed in between: hits and totals are those of a scan.
    #[test]
    fn hits_and_totals_are_those_of_a_scan(
        steps in proptest::collection::vec((0i64..12, proptest::option::weighted(0.85, LETTERS), proptest::bool::weighted(0.1)), 1..40),
        text in "[水电梯坏漏b23 ]{1,7}",
    ) {
        let index = Index::in_memory(vec![]).unwrap();
        let mut known: BTreeMap<i64, String> = BTreeMap::new();
        for (id, body, commit) in steps {
            match body {
                Some(body) => {
                    index.put(document(id, &body)).unwrap();
                    known.insert(id, body);
                }
                None => {
                    index.remove(id).unwrap();
                    known.remove(&id);
                }
            }
            if commit {
                index.commit().unwrap();
            }
        }
        let query = Query::read(&text, |_| Vec::new());
        let wanted: Vec<i64> = known
            .iter()
            .filter(|(_, body)| {
                let terms: BTreeSet<String> = terms(body).into_iter().collect();
                query.clauses.iter().all(|clause| {
                    clause.terms.iter().filter(|term| terms.contains(*term)).count() >= clause.need
                })
            })
            .map(|(id, _)| *id)
            .collect();
        for order in [Order::Relevance, Order::Time] {
            let whole = ask(&index, &text, order, None, 100);
            prop_assert_eq!(&sorted(&whole), &wanted);
            prop_assert_eq!(whole.total, wanted.len() as u64);
            // Page by page nothing is missed or shown twice.
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = ask(&index, &text, order, after, 2);
                prop_assert_eq!(page.total, wanted.len() as u64);
                paged.extend(ids(&page));
                after = page.hits.last().map(|hit| (hit.rank, hit.id));
                if !page.more {
                    break;
                }
            }
            prop_assert_eq!(paged, ids(&whole));
        }
    }
}
