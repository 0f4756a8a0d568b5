//! Positions, roots, proofs, and what `verify` finds.

use std::time::Duration;

use store::history::verify::{self, Fault, Report};
use store::history::{Trust, check_proof};
use store::{Batch, Head, RecordId, Store};

use crate::both;
use crate::commit::{header, step};

/// Records 1 to `records`, each with three events.
pub async fn fill(store: &Store, records: i64) {
    let mut tasks = Vec::new();
    for record in 1..=records {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut head = Head::EMPTY;
            for name in ["opened", "handled", "closed"] {
                step(&store, &mut head, record, name, 3).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn check(store: &Store) -> Report {
    verify::history(store, |_| {}).await.unwrap()
}

fn faults(report: &Report) -> Vec<(Fault, Option<i64>, Option<i64>)> {
    report
        .findings
        .iter()
        .map(|f| (f.fault, f.record.map(|record| record.0), f.seq))
        .collect()
}

both!(an_honest_history_holds, |place| {
    let store = place.open().await;
    assert!(check(&store).await.holds());
    assert_eq!(store.seal_now().await.unwrap(), None);
    fill(&store, 100).await;
    let root = store.seal_now().await.unwrap().unwrap();
    assert_eq!(root.size, 300);
    fill_more(&store).await;
    let report = check(&store).await;
    assert!(report.holds(), "{report:?}");
    assert_eq!(
        (report.events, report.records, report.roots, report.unsigned),
        (301, 101, 1, 1)
    );
    assert_eq!(report.newest_root, Some(root.witness()));
    // A second root goes on where the first one ended, also after opening again.
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.seal_now().await.unwrap().unwrap().size, 301);
    let report = verify::against(&store, &[root.witness()], |_| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
    let mut other = root.witness();
    other.root[0] ^= 1;
    let report = verify::against(&store, &[other], |_| {}).await.unwrap();
    assert_eq!(faults(&report), [(Fault::Witness, None, None)]);
});

async fn fill_more(store: &Store) {
    step(store, &mut Head::EMPTY.clone(), 10_001, "opened", 3)
        .await
        .unwrap();
}

both!(
    events_have_dense_positions_in_the_order_of_their_chains,
    |place| {
        let store = place.open().await;
        let mut told = store.subscribe();
        let sealing = store.clone();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let sealer = tokio::spawn(async move { sealing.run_sealer(async { drop(stopped.await) }).await });
        fill(&store, 50).await;
        let last = store
            .sealed_at(RecordId(50), 3, Duration::from_secs(10))
            .await
            .unwrap();
        assert!(last.is_some());
        stop.send(()).unwrap();
        sealer.await.unwrap();
        let events = store.events_after(0, 1000).await.unwrap();
        let positions: Vec<i64> = events.iter().filter_map(|event| event.position).collect();
        assert_eq!(positions, (1..=150).collect::<Vec<_>>());
        for record in 1..=50 {
            let seqs: Vec<i64> = events
                .iter()
                .filter(|e| e.record.0 == record)
                .map(|e| e.seq)
                .collect();
            assert_eq!(seqs, [1, 2, 3]);
        }
        // Every position was told once, without gaps.
        let mut upto = 0;
        while upto < 150 {
            let sealed = told.recv().await.unwrap();
            assert_eq!(sealed.after, upto);
            upto = sealed.upto;
        }
        assert_eq!(store.sealed_position(), 150);
        assert_eq!(store.latest_root().await.unwrap().unwrap().size, 150);
        assert_eq!(store.events_after(148, 10).await.unwrap().len(), 2);
    }
);

both!(a_changed_payload_is_found, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    store.seal_now().await.unwrap();
    let change = "UPDATE events SET payload = $1 WHERE record = 4 AND seq = 2";
    store
        .execute(change, &[b"{\"did\":\"nothing\"}".to_vec().into()])
        .await
        .unwrap();
    assert_eq!(faults(&check(&store).await), [(Fault::Payload, Some(4), Some(2))]);
});

both!(a_changed_header_is_found, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    store.seal_now().await.unwrap();
    store
        .execute(
            "UPDATE events SET happened = happened - 1 WHERE record = 4 AND seq = 2",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(faults(&check(&store).await), [(Fault::Chain, Some(4), Some(2))]);
});

both!(a_chain_made_anew_is_found_by_the_root, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    let root = store.seal_now().await.unwrap().unwrap();
    // Whoever can write can also hash: a record's last event is made anew, all in order by itself.
    let events = store.load(RecordId(4)).await.unwrap();
    let mut forged = events[2].clone();
    forged.actor = 99;
    let hash = forged.expected_hash(&events[1].hash);
    let change = "UPDATE events SET actor = 99, hash = $1 WHERE record = 4 AND seq = 3";
    store.execute(change, &[hash.into()]).await.unwrap();
    assert_eq!(faults(&check(&store).await), [(Fault::Root, None, None)]);
    // And if the signed roots go too, the root kept outside still tells.
    store.execute("DELETE FROM roots", &[]).await.unwrap();
    assert!(check(&store).await.holds());
    let report = verify::against(&store, &[root.witness()], |_| {}).await.unwrap();
    assert_eq!(faults(&report), [(Fault::Witness, None, None)]);
});

both!(a_dropped_event_is_found, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    store.seal_now().await.unwrap();
    store
        .execute("DELETE FROM events WHERE record = 4 AND seq = 2", &[])
        .await
        .unwrap();
    let found = faults(&check(&store).await);
    assert!(found.contains(&(Fault::Dropped, Some(4), Some(3))), "{found:?}");
    assert!(
        found.iter().any(|(fault, _, _)| *fault == Fault::Gap),
        "{found:?}"
    );
});

both!(a_dropped_last_event_is_found, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    store.seal_now().await.unwrap();
    store
        .execute("DELETE FROM events WHERE record = 4 AND seq = 3", &[])
        .await
        .unwrap();
    let found = faults(&check(&store).await);
    assert!(
        found.iter().any(|(fault, _, _)| *fault == Fault::Gap),
        "{found:?}"
    );
});

both!(an_inserted_event_is_found, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    store.seal_now().await.unwrap();
    let insert = if store.engine_name() == "sqlite" {
        "INSERT INTO events (position, record, seq, record_kind, name, happened, recorded, actor, salt, payload, \
         payload_hash, hash) SELECT (SELECT max(position) + 1 FROM events), record, 4, record_kind, name, happened, \
         recorded, actor, salt, payload, payload_hash, hash FROM events WHERE record = 4 AND seq = 3"
    } else {
        "INSERT INTO events (record, seq, record_kind, name, happened, recorded, actor, salt, payload, \
         payload_hash, hash) SELECT record, 4, record_kind, name, happened, \
         recorded, actor, salt, payload, payload_hash, hash FROM events WHERE record = 4 AND seq = 3"
    };
    store.execute(insert, &[]).await.unwrap();
    let found = faults(&check(&store).await);
    assert!(
        found
            .iter()
            .any(|(_, record, seq)| *record == Some(4) && *seq == Some(4)),
        "{found:?}"
    );
});

both!(a_forged_signature_or_tile_is_found, |place| {
    let store = place.open().await;
    fill(&store, 90).await;
    store.seal_now().await.unwrap();
    store
        .execute("UPDATE roots SET signed_at = signed_at - 1", &[])
        .await
        .unwrap();
    assert_eq!(faults(&check(&store).await), [(Fault::Signature, None, None)]);
    store
        .execute("UPDATE roots SET signed_at = signed_at + 1", &[])
        .await
        .unwrap();
    store
        .execute("UPDATE tiles SET hash = $1", &[[7u8; 32].into()])
        .await
        .unwrap();
    assert_eq!(faults(&check(&store).await), [(Fault::Tile, None, None)]);
});

both!(erased_events_leave_the_proof_standing, |place| {
    let store = place.open().await;
    fill(&store, 10).await;
    let root = store.seal_now().await.unwrap().unwrap();
    let mut batch = Batch::new();
    batch.erase(RecordId(4), 1);
    batch.erase(RecordId(4), 2);
    store.commit(batch).await.unwrap();
    let report = verify::against(&store, &[root.witness()], |_| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(
        report
            .erased
            .iter()
            .map(|e| (e.record.0, e.seq))
            .collect::<Vec<_>>(),
        [(4, 1), (4, 2)]
    );
    let events = store.load(RecordId(4)).await.unwrap();
    assert!(events[0].payload.is_none() && events[0].salt.is_none() && events[2].payload.is_some());
    let proof = store.proof(RecordId(4), true).await.unwrap().unwrap();
    check_proof(
        &proof,
        &Trust {
            root: Some(root.witness()),
            public_key: None,
        },
    )
    .unwrap();
    assert!(proof.events[0].payload.is_none());
});

both!(a_proof_convinces_and_a_forged_one_does_not, |place| {
    let store = place.open().await;
    fill(&store, 300).await;
    let proof = store.proof(RecordId(77), true).await.unwrap().unwrap();
    assert_eq!((proof.size, proof.events.len()), (900, 3));
    let root = store.latest_root().await.unwrap().unwrap();
    let trust = Trust {
        root: Some(root.witness()),
        public_key: None,
    };
    check_proof(&proof, &trust).unwrap();
    // It survives the way through a file.
    let text = serde_json::to_string(&proof).unwrap();
    check_proof(&serde_json::from_str(&text).unwrap(), &trust).unwrap();

    let mut forged = proof.clone();
    forged.events[1].payload = Some("{}".into());
    assert!(check_proof(&forged, &trust).is_err());
    let mut forged = proof.clone();
    forged.events[1].actor = "4".into();
    assert!(check_proof(&forged, &trust).is_err());
    let mut forged = proof.clone();
    forged.events.remove(0);
    assert!(check_proof(&forged, &trust).is_err());
    let mut forged = proof.clone();
    forged.events[2].position += 1;
    assert!(check_proof(&forged, &trust).is_err());
    let mut forged = proof.clone();
    forged.signed_at += 1;
    assert!(check_proof(&forged, &trust).is_err());
    let mut bare = store.proof(RecordId(77), false).await.unwrap().unwrap();
    check_proof(&bare, &trust).unwrap();
    assert!(bare.events[0].payload.is_none());
    bare.record = RecordId(78);
    assert!(check_proof(&bare, &trust).is_err());
    assert!(store.proof(RecordId(5_000), true).await.unwrap().is_none());
    // One more event: the proof is of the new root, whichever part of the tree the record stands in.
    step(&store, &mut Head::EMPTY.clone(), 5_000, "opened", 3)
        .await
        .unwrap();
    for record in [5_000, 1, 150, 300] {
        let proof = store.proof(RecordId(record), true).await.unwrap().unwrap();
        assert_eq!(proof.size, 901);
        check_proof(&proof, &Trust::default()).unwrap();
    }
});

both!(two_batches_on_one_record_in_one_batch_are_told_apart, |place| {
    let store = place.open().await;
    let mut batch = Batch::new();
    let (mut one, mut two) = (Head::EMPTY, Head::EMPTY);
    batch.append(&mut one, header(1, "opened", 3), b"{}".to_vec());
    batch.append(&mut two, header(1, "opened", 3), b"{}".to_vec());
    assert!(
        store
            .commit(batch)
            .await
            .unwrap_err()
            .to_string()
            .contains("two different heads")
    );
});
