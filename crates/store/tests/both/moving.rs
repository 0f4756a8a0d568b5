//! Backup, restore, export and import.

use std::path::Path;

use store::backup::{self, SENDING_HELD, Target};
use store::history::verify;
use store::{Files, FolderFiles, Head, RecordId, Store, StoreError, export};

use crate::both;
use crate::commit::step;
use crate::history::fill;
use crate::place::{MIGRATIONS, Place};

async fn content(store: &Store) -> Vec<Vec<store::Value>> {
    let mut rows = Vec::new();
    for sql in [
        "SELECT id, title, due, open, mark FROM cases ORDER BY id",
        "SELECT record, seq, name, happened, recorded, actor, salt, payload, payload_hash, hash FROM events \
         ORDER BY record, seq",
        "SELECT name, key, record FROM claims ORDER BY name, key",
        "SELECT person, key, result FROM idempotency ORDER BY person, key",
        "SELECT size, root, signature FROM roots ORDER BY size",
        "SELECT record, seq, position FROM positions ORDER BY position",
    ] {
        rows.extend(
            store
                .query(sql, &[])
                .await
                .unwrap()
                .into_iter()
                .map(|row| row.into_values()),
        );
    }
    rows
}

async fn busy(store: &Store) {
    fill(store, 100).await;
    store.seal_now().await.unwrap();
    let mut batch = store::Batch::new();
    batch.claim("receipt", "A-1", RecordId(3));
    batch.idempotency("key", 9, vec![0, 255, 10]);
    batch.erase(RecordId(3), 1);
    store.commit(batch).await.unwrap();
    store.number("cases").await.unwrap();
}

async fn holds(store: &Store) {
    let report = verify::history(store, |_| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
}

async fn move_over(from: &Store, to: &Store, folder: &Path) {
    let manifest = export::export(from, folder, |_| {}).await.unwrap();
    let taken = export::import(to, folder, |_| {}).await.unwrap();
    assert_eq!(manifest, taken);
}

both!(a_centre_moves_to_the_other_engine_and_back, |place| {
    let other = match place {
        Place::Folder(_) => Place::server().await.unwrap_or_else(Place::folder),
        Place::Server(_) => Place::folder(),
    };
    let there = match place {
        Place::Folder(_) => Place::folder(),
        Place::Server(_) => Place::server().await.unwrap(),
    };
    let (store, second, third) = (place.open().await, other.open().await, there.open().await);
    let folder = tempfile::tempdir().unwrap();
    busy(&store).await;
    let before = content(&store).await;
    move_over(&store, &second, &folder.path().join("1")).await;
    holds(&second).await;
    assert_eq!(content(&second).await, before);
    move_over(&second, &third, &folder.path().join("2")).await;
    holds(&third).await;
    assert_eq!(content(&third).await, before);

    // It runs on where it was: chains, claims, numbers, the tree, under the same key.
    let mut head = third.head(RecordId(7)).await.unwrap();
    step(&third, &mut head, 7, "reopened", 3).await.unwrap();
    assert_eq!(third.seal_now().await.unwrap().unwrap().size, 301);
    holds(&third).await;
    assert!(third.number("cases").await.unwrap() > 1);
    assert!(matches!(
        export::import(&third, &folder.path().join("1"), |_| {}).await,
        Err(StoreError::NotEmpty { events: 301 })
    ));
    other.remove().await;
    there.remove().await;
});

both!(a_backup_made_while_others_write_restores_whole, |place| {
    let store = place.open().await;
    busy(&store).await;
    let (dir, writing) = (tempfile::tempdir().unwrap(), store.clone());
    let files = FolderFiles::open(dir.path().join("files")).unwrap();
    let id = files.put_bytes(b"a recording").unwrap();
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let writer = tokio::spawn(async move {
        let mut record = 10_000;
        while stopped.try_recv().is_err() {
            record += 1;
            step(&writing, &mut Head::EMPTY.clone(), record, "opened", 3)
                .await
                .unwrap();
        }
        record - 10_000
    });
    let to = dir.path().join("backup");
    let manifest = backup::backup(&store, Some(&files), &to, |_| {}).await.unwrap();
    stop.send(()).unwrap();
    assert!(writer.await.unwrap() > 0);
    assert_eq!(manifest.files, 1);

    let empty = match place {
        Place::Folder(_) => Place::folder(),
        Place::Server(_) => Place::server().await.unwrap(),
    };
    let target = match &empty {
        Place::Folder(dir) => Target::Folder(dir.path()),
        Place::Server(url) => Target::Server(url),
    };
    let new_files = FolderFiles::open(dir.path().join("new")).unwrap();
    let restored = backup::restore(&to, target, Some(&new_files), MIGRATIONS, |_| {})
        .await
        .unwrap();
    holds(&restored).await;
    assert!(restored.load(RecordId(100)).await.unwrap().len() == 3);
    assert!(restored.mark(SENDING_HELD).await.unwrap().is_some());
    assert_eq!(new_files.read(&id).unwrap(), b"a recording");
    empty.remove().await;
});

#[tokio::test]
async fn a_changed_backup_is_refused_and_leaves_nothing() {
    let place = Place::folder();
    let store = place.open().await;
    fill(&store, 3).await;
    let dir = tempfile::tempdir().unwrap();
    let (to, new) = (dir.path().join("backup"), dir.path().join("new"));
    backup::backup(&store, None, &to, |_| {}).await.unwrap();
    let copy = to.join("shouwen.db");
    let mut bytes = std::fs::read(&copy).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    let refused = backup::restore(&to, Target::Folder(&new), None, MIGRATIONS, |_| {}).await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert!(!new.join("shouwen.db").exists());
}

both!(a_changed_export_is_refused, |place| {
    let store = place.open().await;
    fill(&store, 3).await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    export::export(&store, &to, |_| {}).await.unwrap();
    let again = export::export(&store, &to, |_| {}).await.unwrap_err();
    assert!(again.to_string().contains("is not empty"), "{again}");
    let cases = to.join("tables/cases.ndjson");
    let text = std::fs::read_to_string(&cases)
        .unwrap()
        .replace("closed", "opened");
    std::fs::write(&cases, text).unwrap();
    let empty = Place::folder();
    let target = empty.open().await;
    let refused = export::import(&target, &to, |_| {}).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("cases.ndjson is not as it was exported"),
        "{refused}"
    );
    assert_eq!(target.mark("import_unfinished").await.unwrap(), None);
});
