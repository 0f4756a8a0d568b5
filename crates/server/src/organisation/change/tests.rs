use calendar::Moment;
use store::Store;

use super::*;
use crate::schema::MIGRATIONS;

async fn empty() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    (folder, store)
}

fn unit(key: &str, parent: Option<Id>) -> UnitRecord {
    UnitRecord {
        key: key.to_owned(),
        name: key.to_owned(),
        parent,
        calendar: "default".to_owned(),
    }
}

fn person(login: &str, held: &[(&str, Id)]) -> PersonRecord {
    let held = held.iter().map(|(function, unit)| Held {
        function: (*function).to_owned(),
        unit: *unit,
        since: Moment::from_millis(10),
        until: Moment::from_millis(20),
        on_behalf_of: None,
    });
    PersonRecord {
        login: login.to_owned(),
        name: login.to_owned(),
        active: true,
        language: "zh".to_owned(),
        demo: false,
        held: held.collect(),
        certificates: Vec::new(),
    }
}

async fn scopes(store: &Store, person: Id) -> Vec<(i64, String)> {
    let sql = "SELECT unit, function FROM scopes WHERE person = $1 AND since = 10 AND until = 20 ORDER BY unit, function";
    let rows = store.query(sql, &[person.0.into()]).await.unwrap();
    rows.iter()
        .map(|row| (row.int(0).unwrap(), row.text(1).unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn a_function_reaches_the_units_below_and_follows_when_the_tree_changes() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let left = set_unit(&store, None, None, &unit("left", Some(top)))
        .await
        .unwrap();
    let right = set_unit(&store, None, None, &unit("right", Some(top)))
        .await
        .unwrap();
    let under = set_unit(&store, None, None, &unit("under", Some(left)))
        .await
        .unwrap();
    let agent = |unit: Id| (unit.0, "agent".to_owned());

    let lin = set_person(&store, None, None, &person("lin", &[("agent", left)]))
        .await
        .unwrap();
    assert_eq!(scopes(&store, lin).await, [agent(left), agent(under)]);

    // The unit below moves to the other side.
    set_unit(&store, None, Some(under), &unit("under", Some(right)))
        .await
        .unwrap();
    assert_eq!(scopes(&store, lin).await, [agent(left)]);

    // The person moves up.
    set_person(&store, None, Some(lin), &person("lin", &[("agent", top)]))
        .await
        .unwrap();
    let mut all = [agent(top), agent(left), agent(right), agent(under)];
    all.sort();
    assert_eq!(scopes(&store, lin).await, all);

    // Nothing is held any more.
    set_person(&store, None, Some(lin), &person("lin", &[]))
        .await
        .unwrap();
    assert!(scopes(&store, lin).await.is_empty());
}

#[tokio::test]
async fn a_unit_never_lies_below_itself() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let below = set_unit(&store, None, None, &unit("below", Some(top)))
        .await
        .unwrap();
    for parent in [top, below] {
        let refused = set_unit(&store, None, Some(top), &unit("top", Some(parent))).await;
        assert!(matches!(refused, Err(ChangeError::Circle(unit)) if unit == top));
    }
    let refused = set_unit(&store, None, None, &unit("lost", Some(Id(4)))).await;
    assert!(matches!(refused, Err(ChangeError::NoSuchUnit(Id(4)))));
}

#[tokio::test]
async fn a_log_in_name_and_a_unit_key_belong_to_one() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    assert!(matches!(
        set_unit(&store, None, None, &unit("top", None)).await,
        Err(ChangeError::KeyTaken(_))
    ));
    let lin = set_person(&store, None, None, &person("lin", &[])).await.unwrap();
    assert!(matches!(
        set_person(&store, None, None, &person("Lin", &[])).await,
        Err(ChangeError::LoginTaken(_))
    ));
    // The same person keeps the name, or gives it up for another to have.
    set_person(&store, None, Some(lin), &person("lin", &[("agent", top)]))
        .await
        .unwrap();
    set_person(&store, None, Some(lin), &person("lin2", &[]))
        .await
        .unwrap();
    set_person(&store, None, None, &person("lin", &[])).await.unwrap();
}

#[tokio::test]
async fn a_function_ends_after_it_begins() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let mut backward = person("lin", &[("agent", top)]);
    backward.held[0].until = backward.held[0].since;
    assert!(matches!(
        set_person(&store, None, None, &backward).await,
        Err(ChangeError::Backward(_))
    ));
}
