use std::sync::Arc;

use regulation::Id;
use serde_json::json;
use store::{Batch, Store};

use super::*;
use crate::app::App;
use crate::centre::Centre;
use crate::schema::MIGRATIONS;

async fn application() -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    (folder, App::new(centre, false))
}

async fn added(app: &App) -> Id {
    let store = &app.centre.store;
    let mut batch = Batch::new();
    let asked = json!({ "what": "accesses", "format": "csv", "reason": null, "open": null, "procedure": null,
        "pack": null, "from": null, "to": null, "language": "en" });
    let id = add(store, &mut batch, Kind::Export, Id(1), &asked).unwrap();
    store.commit(batch).await.unwrap();
    id
}

#[tokio::test]
async fn what_a_person_may_no_longer_do_fails_with_words() {
    let (_folder, app) = application().await;
    let id = added(&app).await;
    assert_eq!(run_waiting(&app).await.unwrap(), 1);
    let job = job(&app.centre.store, id).await.unwrap().unwrap();
    assert_eq!(job.state, "failed");
    assert!(job.why.unwrap().en.contains("no longer"));
    // It is done once.
    assert_eq!(run_waiting(&app).await.unwrap(), 0);
}

#[tokio::test]
async fn a_cancelled_job_is_not_begun() {
    let (_folder, app) = application().await;
    let id = added(&app).await;
    let cancel = "UPDATE jobs SET cancelled = 1 WHERE id = $1";
    app.centre.store.execute(cancel, &[id.0.into()]).await.unwrap();
    run_waiting(&app).await.unwrap();
    let job = job(&app.centre.store, id).await.unwrap().unwrap();
    assert_eq!((job.state.as_str(), job.is_over()), ("cancelled", true));
}

#[tokio::test]
async fn what_another_node_holds_is_left_alone_and_taken_when_its_time_is_up() {
    let (_folder, app) = application().await;
    let id = added(&app).await;
    let store = &app.centre.store;
    let take = "UPDATE jobs SET taken_until = $2, state = 'running' WHERE id = $1";
    store
        .execute(take, &[id.0.into(), (store.now() + 60_000).into()])
        .await
        .unwrap();
    assert_eq!(run_waiting(&app).await.unwrap(), 0);
    store
        .execute(take, &[id.0.into(), (store.now() - 1).into()])
        .await
        .unwrap();
    assert_eq!(run_waiting(&app).await.unwrap(), 1);
}

#[tokio::test]
async fn work_ends_where_it_was_cancelled_or_lost() {
    let (_folder, app) = application().await;
    let store = &app.centre.store;
    let id = added(&app).await;
    let hold = "UPDATE jobs SET taken_until = 5 WHERE id = $1";
    store.execute(hold, &[id.0.into()]).await.unwrap();
    let mut lost = Progress::new(store, id, 4);
    assert!(matches!(lost.tell(1, 2).await, Err(Stopped::Lost)));
    let mut held = Progress::new(store, id, 5);
    held.tell(1, 2).await.unwrap();
    assert_eq!(job(store, id).await.unwrap().unwrap().total, 2);
    let cancel = "UPDATE jobs SET cancelled = 1 WHERE id = $1";
    store.execute(cancel, &[id.0.into()]).await.unwrap();
    let mut cancelled = Progress::new(store, id, held.taken_until);
    assert!(matches!(cancelled.tell(2, 2).await, Err(Stopped::Cancelled)));
}

#[tokio::test]
async fn a_file_comes_back_in_the_order_of_its_portions() {
    let (_folder, app) = application().await;
    let store = &app.centre.store;
    for part in [1, 0, 2] {
        keep_part(store, Id(7), part, vec![part as u8]).await.unwrap();
    }
    assert_eq!(whole_file(store, Id(7)).await.unwrap(), [0, 1, 2]);
    assert_eq!(parts(store, Id(7), 2, 1).await.unwrap(), [[2]]);
    clear_file(store, Id(7)).await.unwrap();
    assert!(whole_file(store, Id(7)).await.unwrap().is_empty());
}
