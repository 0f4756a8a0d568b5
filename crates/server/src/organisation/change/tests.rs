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

fn administrator(login: &str, function: &str, unit: Id) -> PersonRecord {
    let mut record = person(login, &[(function, unit)]);
    record.held[0].since = Moment::from_millis(0);
    record.held[0].until = Moment::from_millis(separation::FOREVER);
    record
}

#[tokio::test]
async fn gen_11_two_administrators_cannot_end_each_other_at_the_same_moment() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let mut ids = Vec::new();
    for login in ["one", "two"] {
        let wanted = administrator(login, "security_admin", top);
        ids.push(set_person(&store, None, None, &wanted).await.unwrap());
    }
    let (one, two) = (person("one", &[]), person("two", &[]));
    let (first, second) = tokio::join!(
        set_person(&store, Some(ids[1]), Some(ids[0]), &one),
        set_person(&store, Some(ids[0]), Some(ids[1]), &two),
    );
    let refused = |outcome: &Result<Id, ChangeError>| {
        matches!(outcome, Err(ChangeError::LastAdministrator("security_admin")))
    };
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert!(refused(&first) || refused(&second), "{first:?} {second:?}");
}

#[tokio::test]
async fn gen_11_nobody_changes_their_own_rights_and_no_two_administrations_meet() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let lin = set_person(&store, None, None, &administrator("lin", "security_admin", top))
        .await
        .unwrap();
    let mut more = administrator("lin", "security_admin", top);
    more.held.push(person("x", &[("agent", top)]).held.remove(0));
    let refused = set_person(&store, Some(lin), Some(lin), &more).await;
    assert!(matches!(refused, Err(ChangeError::OwnRights)));
    // A name of one's own is no right.
    let mut renamed = administrator("lin", "security_admin", top);
    renamed.name = "林".to_owned();
    set_person(&store, Some(lin), Some(lin), &renamed).await.unwrap();
    more.held[1].function = "audit_admin".to_owned();
    let refused = set_person(&store, None, Some(lin), &more).await;
    assert!(matches!(
        refused,
        Err(ChangeError::Together("security_admin", "audit_admin"))
    ));
    // Administration reaches no case.
    assert!(scopes(&store, lin).await.is_empty());
}

#[tokio::test]
async fn a_unit_closes_when_nothing_is_left_in_it() {
    let (_folder, store) = empty().await;
    let top = set_unit(&store, None, None, &unit("top", None)).await.unwrap();
    let below = set_unit(&store, None, None, &unit("below", Some(top)))
        .await
        .unwrap();
    let terms = Terms::default();
    let refused = close_unit(&store, None, top, true, &terms).await;
    assert!(matches!(
        refused,
        Err(ChangeError::InUse {
            units: 1,
            people: 0,
            cases: 0
        })
    ));
    close_unit(&store, None, below, true, &terms).await.unwrap();
    let stale = Terms {
        seen: Some(1),
        access: None,
    };
    assert!(matches!(
        close_unit(&store, None, below, false, &stale).await,
        Err(ChangeError::Stale)
    ));
    close_unit(&store, None, top, true, &terms).await.unwrap();
    // Not into a unit that is closed.
    let refused = close_unit(&store, None, below, false, &terms).await;
    assert!(matches!(refused, Err(ChangeError::Closed(unit)) if unit == top));
}
