//! Batches and their preconditions.

use store::{Batch, CommitError, EventHeader, Guard, Head, RecordId, Row, RowWrite, Store, Value};

use crate::both;
use crate::place::{CASES, TAGS};

pub fn header(record: i64, name: &str, actor: i64) -> EventHeader<'_> {
    EventHeader {
        record: RecordId(record),
        record_kind: "case",
        name,
        happened: 1_000,
        recorded: 2_000,
        actor,
    }
}

pub fn case(id: i64, title: &str) -> Row {
    let values = vec![
        id.into(),
        title.into(),
        Value::Null,
        1.into(),
        Value::from([1u8, 2].as_slice()),
    ];
    Row {
        table: &CASES,
        values,
    }
}

async fn titles(store: &Store) -> Vec<(i64, String)> {
    let rows = store
        .query("SELECT id, title FROM cases ORDER BY id", &[])
        .await
        .unwrap();
    rows.iter()
        .map(|row| (row.int(0).unwrap(), row.text(1).unwrap().to_owned()))
        .collect()
}

/// One event and one row for a record whose head is given.
pub async fn step(
    store: &Store,
    head: &mut Head,
    record: i64,
    name: &str,
    actor: i64,
) -> Result<(), CommitError> {
    let mut batch = Batch::new();
    let mut moved = *head;
    batch.append(
        &mut moved,
        header(record, name, actor),
        format!("{{\"did\":\"{name}\"}}").into_bytes(),
    );
    batch.write(RowWrite::Put(case(record, name)));
    store.commit(batch).await?;
    *head = moved;
    Ok(())
}

both!(a_batch_stands_as_a_whole, |place| {
    let store = place.open().await;
    let mut head = Head::EMPTY;
    let mut batch = Batch::new();
    batch.append(&mut head, header(7, "opened", 3), b"{}".to_vec());
    batch.append(
        &mut head,
        header(7, "classified", 0),
        b"{\"as\":\"general\"}".to_vec(),
    );
    batch.write(RowWrite::Put(case(7, "leak")));
    batch.write(RowWrite::Put(Row {
        table: &TAGS,
        values: vec![7.into(), "water".into()],
    }));
    batch.statement(
        "INSERT INTO sessions (token, person) VALUES ($2, $1)",
        vec![9.into(), "t".into()],
    );
    store.commit(batch).await.unwrap();

    let events = store.load(RecordId(7)).await.unwrap();
    assert_eq!(
        events.iter().map(|event| &*event.name).collect::<Vec<_>>(),
        ["opened", "classified"]
    );
    assert_eq!(Head::of(&events), head);
    assert_eq!(store.head(RecordId(7)).await.unwrap(), head);
    assert_eq!(
        events[1].payload.as_deref(),
        Some(b"{\"as\":\"general\"}".as_slice())
    );
    assert_eq!(titles(&store).await, [(7, "leak".to_owned())]);
    let person = store
        .query("SELECT person FROM sessions WHERE token = $1", &["t".into()])
        .await
        .unwrap();
    assert_eq!(person[0].int(0).unwrap(), 9);

    let mut again = Batch::new();
    again.write(RowWrite::Delete {
        table: &CASES,
        key: vec![7.into()],
    });
    again.write(RowWrite::Delete {
        table: &TAGS,
        key: vec![7.into(), "water".into()],
    });
    store.commit(again).await.unwrap();
    assert!(titles(&store).await.is_empty());
    let many = store.load_many(&[RecordId(8), RecordId(7)]).await.unwrap();
    assert_eq!((many[0].len(), many[1].len()), (0, 2));
});

both!(a_stale_batch_is_refused_and_told_who_did_what, |place| {
    let store = place.open().await;
    let mut head = Head::EMPTY;
    step(&store, &mut head, 7, "opened", 3).await.unwrap();
    let mut seen = head;
    step(&store, &mut head, 7, "reminded", 0).await.unwrap();
    let lost = step(&store, &mut seen.clone(), 7, "closed", 5).await.unwrap_err();
    assert!(matches!(&lost, CommitError::Stale { seq: 2, by: Some((0, name)), .. } if name == "reminded"));

    step(&store, &mut head, 7, "answered", 4).await.unwrap();
    step(&store, &mut head, 7, "reminded", 0).await.unwrap();
    let lost = step(&store, &mut seen, 7, "closed", 5).await.unwrap_err();
    assert!(matches!(&lost, CommitError::Stale { by: Some((4, name)), .. } if name == "answered"));
    assert_eq!(titles(&store).await, [(7, "reminded".to_owned())]);

    let mut invented = Head {
        seq: 40,
        hash: [1; 32],
    };
    let lost = step(&store, &mut invented, 7, "closed", 5).await.unwrap_err();
    assert!(matches!(
        lost,
        CommitError::Stale {
            seq: 41,
            by: None,
            ..
        }
    ));
});

both!(claims_are_held_by_one_and_released, |place| {
    let store = place.open().await;
    let claim = |record: i64| {
        let mut batch = Batch::new();
        batch.claim("receipt", "A-1", RecordId(record));
        batch.write(RowWrite::Put(case(record, "gift")));
        batch
    };
    store.commit(claim(1)).await.unwrap();
    let lost = store.commit(claim(2)).await.unwrap_err();
    assert!(
        matches!(&lost, CommitError::Claimed { name, key, record } if name == "receipt" && key == "A-1" && record.0 == 1)
    );
    assert_eq!(titles(&store).await.len(), 1);

    let mut handover = claim(2);
    handover.release("receipt", "A-1");
    store.commit(handover).await.unwrap();
    let lost = store.commit(claim(3)).await.unwrap_err();
    assert!(matches!(
        lost,
        CommitError::Claimed {
            record: RecordId(2),
            ..
        }
    ));
    let mut twice = Batch::new();
    twice.claim("receipt", "B", RecordId(4));
    twice.claim("receipt", "B", RecordId(5));
    assert!(matches!(
        store.commit(twice).await,
        Err(CommitError::Claimed {
            record: RecordId(4),
            ..
        })
    ));
});

both!(an_idempotency_key_is_done_once, |place| {
    let store = place.open().await;
    let batch = |result: &[u8]| {
        let mut batch = Batch::new();
        batch.append(&mut Head::EMPTY.clone(), header(7, "opened", 3), b"{}".to_vec());
        batch.idempotency("key", 3, result.to_vec());
        batch
    };
    store.commit(batch(b"first")).await.unwrap();
    let again = store.commit(batch(b"second")).await.unwrap_err();
    assert!(matches!(again, CommitError::AlreadyDone(result) if result == b"first"));
    assert_eq!(store.outcome("key", 3).await.unwrap(), Some(b"first".to_vec()));
    assert_eq!(store.outcome("key", 4).await.unwrap(), None);
    assert_eq!(store.load(RecordId(7)).await.unwrap().len(), 1);
});

both!(two_at_once_never_both_pass_a_guarding_fact, |place| {
    let store = place.open().await;
    // At most three open cases; twelve try at once, each having seen none.
    let mut tasks = Vec::new();
    for id in 0..12 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut expected = 0;
            loop {
                if expected >= 3 {
                    return false;
                }
                let mut batch = Batch::new();
                batch.guard(Guard {
                    name: "open_cases".into(),
                    lock_key: "all".into(),
                    sql: "SELECT COUNT(*) FROM cases WHERE open = $1",
                    params: vec![1.into()],
                    expected: vec![expected.into()],
                });
                batch.append(&mut Head::EMPTY.clone(), header(id, "opened", 3), b"{}".to_vec());
                batch.write(RowWrite::Put(case(id, "one of three")));
                match store.commit(batch).await {
                    Ok(_) => return true,
                    Err(CommitError::GuardChanged { now, .. }) => expected = now[0].as_int().unwrap(),
                    Err(other) => panic!("{other}"),
                }
            }
        }));
    }
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.unwrap());
    }
    assert_eq!(passed, 3);
    assert_eq!(titles(&store).await.len(), 3);
});

both!(a_broken_statement_fails_alone, |place| {
    let store = place.open().await;
    let mut tasks = Vec::new();
    for id in 0..40 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut batch = Batch::new();
            batch.append(&mut Head::EMPTY.clone(), header(id, "opened", 3), b"{}".to_vec());
            if id % 10 == 3 {
                // NULL where a title must be.
                let values = vec![id.into(), Value::Null, Value::Null, 1.into(), Value::Null];
                batch.write(RowWrite::Put(Row {
                    table: &CASES,
                    values,
                }));
            } else {
                batch.write(RowWrite::Put(case(id, "fine")));
            }
            (id, store.commit(batch).await)
        }));
    }
    for task in tasks {
        let (id, result) = task.await.unwrap();
        let events = store.load(RecordId(id)).await.unwrap().len();
        if id % 10 == 3 {
            assert!(matches!(result, Err(CommitError::Failed(_))), "{result:?}");
            assert_eq!(events, 0);
        } else {
            result.unwrap();
            assert_eq!(events, 1);
        }
    }
    assert_eq!(titles(&store).await.len(), 36);
});

both!(what_was_committed_is_there_after_opening_again, |place| {
    let store = place.open().await;
    let mut head = Head::EMPTY;
    step(&store, &mut head, 7, "opened", 3).await.unwrap();
    let first = store.new_id();
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.head(RecordId(7)).await.unwrap(), head);
    assert!(store.new_id() != first);
    step(&store, &mut head, 7, "closed", 3).await.unwrap();
});

both!(a_batch_of_the_wrong_shape_is_refused, |place| {
    let store = place.open().await;
    let mut batch = Batch::new();
    batch.write(RowWrite::Put(Row {
        table: &CASES,
        values: vec![1.into()],
    }));
    let refused = store.commit(batch).await.unwrap_err();
    assert!(refused.to_string().contains("cases has 1 values"), "{refused}");
});
