//! What several nodes share: ids, numbers, leases, due work; and the folder that only one may have.

use std::collections::HashSet;
use std::time::Duration;

use store::{Store, StoreError, Work};

use crate::both;
use crate::place::{MIGRATIONS, Place};

/// Two nodes: on SQLite there can be only one, so it stands for both.
async fn two(place: &Place) -> (Store, Store) {
    let first = place.open().await;
    let second = match place {
        Place::Folder(_) => first.clone(),
        Place::Server(_) => place.open().await,
    };
    (first, second)
}

both!(numbers_are_never_given_twice, |place| {
    let (first, second) = two(place).await;
    let mut seen = HashSet::new();
    for _ in 0..200 {
        assert!(seen.insert(first.number("complaints").await.unwrap()));
        assert!(seen.insert(second.number("complaints").await.unwrap()));
    }
    assert!(seen.contains(&1) && seen.iter().all(|number| *number > 0));
    assert_eq!(first.number("slips").await.unwrap(), 1);
    // What a graceful end leaves unused is used next.
    let highest = first.number("letters").await.unwrap();
    first.close().await;
    second.close().await;
    let again = place.open().await;
    assert_eq!(again.number("letters").await.unwrap(), highest + 1);
    assert!(seen.insert(again.number("complaints").await.unwrap()));
});

both!(a_word_reaches_the_other_node_and_is_kept_nowhere, |place| {
    let (first, second) = two(place).await;
    let mut heard = second.passed_on();
    if matches!(place, Place::Folder(_)) {
        // There is no other node.
        first.pass_on("x").await.unwrap();
        assert!(heard.try_recv().is_err());
        return;
    }
    // A node listens some time after it was opened; what nobody heard is lost, so it is said until it is heard.
    let word = async {
        loop {
            first.pass_on("看 9").await.unwrap();
            if let Ok(word) = heard.try_recv() {
                return word;
            }
            tokio::task::yield_now().await;
        }
    };
    let word = tokio::time::timeout(Duration::from_secs(20), word).await.unwrap();
    assert_eq!(&*word, "看 9");
    assert!(first.pass_on(&"x".repeat(8_000)).await.is_err());
});

both!(ids_of_two_nodes_differ, |place| {
    let (first, second) = two(place).await;
    let mut seen = HashSet::new();
    for _ in 0..5_000 {
        assert!(seen.insert(first.new_id()));
        assert!(seen.insert(second.new_id()));
    }
    assert!(seen.iter().all(|id| *id > 0));
});

both!(a_lease_has_one_holder_and_its_fence_rises, |place| {
    let (first, second) = two(place).await;
    let held = first
        .lease("timers", Duration::from_secs(60))
        .await
        .unwrap()
        .unwrap();
    let again = first
        .lease("timers", Duration::from_secs(60))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(held.fence, again.fence);
    if place.is_server() {
        assert_eq!(
            second.lease("timers", Duration::from_secs(60)).await.unwrap(),
            None
        );
    }
    first.end_lease(&again).await.unwrap();
    let next = second
        .lease("timers", Duration::from_secs(60))
        .await
        .unwrap()
        .unwrap();
    assert!(next.fence > held.fence);
});

both!(due_work_is_taken_by_one, |place| {
    let (first, second) = two(place).await;
    const TIMERS: Work = Work {
        table: "timers",
        key: "id",
        due: "due",
        taken_until: "taken_until",
        give: &["id", "due"],
    };
    for id in 0..100 {
        let due = if id < 90 {
            first.now() - 1_000 + id
        } else {
            first.now() + 1_000_000
        };
        let insert = "INSERT INTO timers (id, due, taken_until) VALUES ($1, $2, 0)";
        first.execute(insert, &[id.into(), due.into()]).await.unwrap();
    }
    let mut seen = HashSet::new();
    loop {
        let (a, b) = tokio::join!(
            first.claim_due(&TIMERS, 60_000, 7),
            second.claim_due(&TIMERS, 60_000, 7)
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        if a.is_empty() && b.is_empty() {
            break;
        }
        for row in a.iter().chain(&b) {
            assert!(seen.insert(row.int(0).unwrap()), "taken twice");
        }
    }
    assert_eq!(seen, (0..90).collect());
});

both!(two_sealers_give_each_position_once, |place| {
    let (first, second) = two(place).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let until = |mut stopped: tokio::sync::watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let sealers: Vec<_> = [first.clone(), second.clone()]
        .into_iter()
        .map(|store| {
            let stopped = stopped.clone();
            tokio::spawn(async move { store.run_sealer(until(stopped)).await })
        })
        .collect();
    let mut told = second.subscribe();
    crate::history::fill(&first, 60).await;
    let mut upto = second.sealed_position();
    while upto < 180 {
        upto = tokio::time::timeout(Duration::from_secs(20), told.recv())
            .await
            .unwrap()
            .unwrap()
            .upto;
    }
    stop.send(true).unwrap();
    for sealer in sealers {
        sealer.await.unwrap();
    }
    let report = store::history::verify::history(&second, |_| {}).await.unwrap();
    assert!(report.holds() && report.events == 180, "{report:?}");
});

both!(a_newer_schema_is_refused, |place| {
    let store = place.open().await;
    store
        .execute(
            "INSERT INTO schema_migrations (number, name, applied) VALUES (977, 'from the future', 0)",
            &[],
        )
        .await
        .unwrap();
    store.close().await;
    let refused = match place {
        Place::Folder(dir) => Store::open_sqlite(dir.path(), MIGRATIONS).await,
        Place::Server(url) => Store::open_postgres(url, MIGRATIONS).await,
    };
    assert!(
        matches!(
            refused,
            Err(StoreError::NewerSchema {
                found: 977,
                known: 100
            })
        ),
        "{refused:?}"
    );
});

#[tokio::test]
async fn a_folder_in_use_is_refused() {
    let place = Place::folder();
    let Place::Folder(dir) = &place else { return };
    let store = place.open().await;
    let second = Store::open_sqlite(dir.path(), MIGRATIONS).await;
    assert!(matches!(&second, Err(StoreError::Locked(_))), "{second:?}");
    store.close().await;
    assert!(matches!(
        store.query("SELECT 1", &[]).await,
        Err(StoreError::Closed)
    ));
    place.open().await;
}

#[tokio::test]
async fn an_address_that_cannot_be_read_says_how_to_write_it() {
    let refused = Store::open_postgres("not an address", MIGRATIONS)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("postgres://"), "{refused}");
    let refused = Store::open_postgres("postgres://x@127.0.0.1:1/none", MIGRATIONS)
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
}
