//! Comparing the tables with what the events give.

use store::history::StoredEvent;
use store::history::verify::{self, Derived, Difference, TablesReport};
use store::{Batch, RecordId, Row, RowWrite, Store};

use crate::both;
use crate::commit::case;
use crate::history::fill;
use crate::place::CASES;

const DERIVED: &[Derived] = &[Derived {
    table: &CASES,
    record: "id",
}];

/// What [`crate::commit::step`] writes: a case's row names its newest event.
fn derive(kind: &str, events: &[StoredEvent]) -> Result<Vec<Row>, String> {
    assert_eq!(kind, "case");
    let last = events.last().ok_or("no events")?;
    Ok(vec![case(last.record.0, &last.name)])
}

async fn compare(store: &Store) -> TablesReport {
    verify::tables(store, DERIVED, derive, |_| {}).await.unwrap()
}

both!(tables_that_are_what_the_events_say_hold, |place| {
    let store = place.open().await;
    assert!(compare(&store).await.holds());
    fill(&store, 40).await;
    let report = compare(&store).await;
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.records, report.rows), (40, 40));
});

both!(missing_extra_and_different_rows_are_told_apart, |place| {
    let store = place.open().await;
    fill(&store, 40).await;
    store
        .execute("DELETE FROM cases WHERE id = 5", &[])
        .await
        .unwrap();
    store
        .execute("UPDATE cases SET due = 1 WHERE id = 6", &[])
        .await
        .unwrap();
    let mut batch = Batch::new();
    batch.write(RowWrite::Put(case(77, "nobody's")));
    store.commit(batch).await.unwrap();
    let report = compare(&store).await;
    let mut found: Vec<_> = report
        .differences
        .iter()
        .map(|d| (d.key.as_str(), d.difference))
        .collect();
    found.sort_by_key(|(key, _)| key.parse::<i64>().unwrap());
    assert_eq!(
        found,
        [
            ("5", Difference::Missing),
            ("6", Difference::Different),
            ("77", Difference::Extra)
        ]
    );
});

both!(
    records_with_erased_events_are_derived_from_what_still_stands,
    |place| {
        let store = place.open().await;
        fill(&store, 10).await;
        let mut batch = Batch::new();
        batch.erase(RecordId(4), 1);
        store.commit(batch).await.unwrap();
        let report = compare(&store).await;
        assert!(report.holds(), "{report:?}");
        assert_eq!(
            (report.records, report.rows, report.erased),
            (10, 10, vec![RecordId(4)])
        );
        store
            .execute("UPDATE cases SET due = 1 WHERE id = 4", &[])
            .await
            .unwrap();
        let report = compare(&store).await;
        assert_eq!(report.differences.len(), 1, "{report:?}");
        assert_eq!(report.differences[0].difference, Difference::Different);
    }
);

both!(records_that_cannot_be_derived_are_named, |place| {
    let store = place.open().await;
    fill(&store, 3).await;
    let strict = |kind: &str, events: &[StoredEvent]| match events[0].record {
        RecordId(2) => Err("an event of an unknown kind".to_owned()),
        _ => derive(kind, events),
    };
    let report = verify::tables(&store, DERIVED, strict, |_| {}).await.unwrap();
    assert!(!report.holds() && report.differences.is_empty(), "{report:?}");
    assert_eq!(
        report.unreadable,
        [(RecordId(2), "an event of an unknown kind".to_owned())]
    );
});
