//! Finding and making customers.

use std::collections::BTreeMap;

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Head, Row, Store, StoreError, Value};

use super::phone::digits;
use crate::registry::{self, Setting};
use crate::schema::{CUSTOMER_PHONES, CUSTOMERS};

/// A customer that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id.
    pub id: Id,
    /// Name.
    pub name: String,
    /// Premises, one per line.
    pub premises: String,
    /// Numbers, not masked.
    pub phones: Vec<String>,
    /// How many of their cases have not ended.
    pub open_cases: i64,
}

/// What is known of a new customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRecord {
    /// Name.
    pub name: String,
    /// Premises, one per line.
    pub premises: String,
    /// Notes.
    pub notes: String,
    /// Numbers as typed.
    pub phones: Vec<String>,
}

// $1 name pattern or '', $2 number pattern or '', $3 and $4 the place reached, $5 how many. Names beginning with what
// was typed come first.
const SEARCH: &str = "SELECT id, name, premises, late FROM (SELECT m.id, m.name, m.premises, \
     CASE WHEN CAST($1 AS TEXT) <> '' AND m.name LIKE $1 || '%' THEN 0 ELSE 1 END AS late FROM customers m \
     WHERE (CAST($1 AS TEXT) = '' AND CAST($2 AS TEXT) = '') \
     OR (CAST($1 AS TEXT) <> '' AND m.name LIKE '%' || $1 || '%') \
     OR (CAST($2 AS TEXT) <> '' AND m.id IN (SELECT customer FROM customer_phones WHERE phone LIKE $2))) found \
     WHERE (late, id) > ($3, $4) ORDER BY late, id LIMIT $5";
const PHONES: &str = "SELECT phone FROM customer_phones WHERE customer = $1 ORDER BY phone";
const OPEN: &str = "SELECT COUNT(*) FROM cases WHERE customer = $1 AND ended IS NULL";

/// What is searched for, as the query takes it: a text that stands in a name, and the pattern of a number. Four digits
/// or more are the end of a number, a whole one is itself.
pub fn searched(text: &str) -> (String, String) {
    let name: String = text
        .trim()
        .chars()
        .filter(|letter| !matches!(letter, '%' | '_'))
        .collect();
    let number = digits(text);
    let only_number = !text.trim().is_empty()
        && text
            .trim()
            .chars()
            .all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '-' | '*'));
    let pattern = if only_number && number.trim_start_matches('+').len() >= 4 {
        format!("%{number}")
    } else {
        String::new()
    };
    (name, pattern)
}

/// Customers by a part of their name or the end of a number, names that begin so first. `after` is the rank and id of
/// the last one seen.
pub async fn search(
    store: &Store,
    text: &str,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<(Found, i64)>, StoreError> {
    let (name, number) = searched(text);
    let params: [Value; 5] = [
        name.into(),
        number.into(),
        after.0.into(),
        after.1.into(),
        limit.into(),
    ];
    let mut found = Vec::new();
    for row in store.query(SEARCH, &params).await? {
        let id: Id = Id(row.int(0)?);
        let phones = store.query(PHONES, &[id.0.into()]).await?;
        let phones = phones
            .iter()
            .map(|row| row.text(0).map(str::to_owned))
            .collect::<Result<_, _>>()?;
        let open = store.query(OPEN, &[id.0.into()]).await?;
        let customer = Found {
            id,
            name: row.text(1)?.to_owned(),
            premises: row.text(2)?.to_owned(),
            phones,
            open_cases: open.first().map_or(Ok(0), |row| row.int(0))?,
        };
        found.push((customer, row.int(3)?));
    }
    Ok(found)
}

/// Makes a customer; gives the id.
pub async fn create(
    store: &Store,
    actor: Option<Id>,
    at: Moment,
    new: &NewRecord,
) -> Result<Found, CommitError> {
    let record = Id(store.new_id());
    let mut batch = Batch::new();
    let made = create_in(&mut batch, record, actor, at, new)?;
    store.commit(batch).await?;
    Ok(made)
}

/// Adds to a batch that a customer is made under this id.
pub fn create_in(
    batch: &mut Batch,
    record: Id,
    actor: Option<Id>,
    at: Moment,
    new: &NewRecord,
) -> Result<Found, StoreError> {
    let mut rows = vec![Row {
        table: &CUSTOMERS,
        values: vec![
            record.0.into(),
            new.name.trim().into(),
            new.premises.trim().into(),
            new.notes.trim().into(),
        ],
    }];
    // By number, so that one that is given twice is kept once.
    let phones: BTreeMap<String, ()> = new
        .phones
        .iter()
        .map(|phone| (digits(phone), ()))
        .filter(|(phone, ())| !phone.is_empty())
        .collect();
    for phone in phones.keys() {
        rows.push(Row {
            table: &CUSTOMER_PHONES,
            values: vec![record.0.into(), phone.as_str().into()],
        });
    }
    let setting = Setting {
        kind: "customer",
        record,
        actor,
        at,
    };
    registry::set(batch, &mut Head::EMPTY.clone(), &setting, &[], &rows)?;
    Ok(Found {
        id: record,
        name: new.name.trim().to_owned(),
        premises: new.premises.trim().to_owned(),
        phones: phones.into_keys().collect(),
        open_cases: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_the_end_of_a_number_and_fewer_are_a_name() {
        assert_eq!(searched("6021"), ("6021".to_owned(), "%6021".to_owned()));
        assert_eq!(searched("138 0013 6021").1, "%13800136021");
        assert_eq!(searched("602").1, "");
        assert_eq!(searched("3栋1201").1, "");
    }

    #[test]
    fn wildcards_are_no_part_of_a_name() {
        assert_eq!(searched("%_王%"), ("王".to_owned(), String::new()));
    }

    #[tokio::test]
    async fn customers_are_found_by_name_and_by_the_end_of_a_number_page_by_page() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), crate::schema::MIGRATIONS)
            .await
            .unwrap();
        let at = Moment::from_millis(1);
        let make = |name: &str, phone: &str| NewRecord {
            name: name.to_owned(),
            premises: "3-1201".to_owned(),
            notes: String::new(),
            phones: vec![phone.to_owned(), phone.to_owned()],
        };
        let first = create(&store, None, at, &make("大王", "138 0000 6021"))
            .await
            .unwrap();
        let second = create(&store, None, at, &make("王小明", "13900006021"))
            .await
            .unwrap();
        let third = create(&store, None, at, &make("李", "13900001111"))
            .await
            .unwrap();
        assert_eq!(first.phones, ["13800006021"]);
        let found = |rows: Vec<(Found, i64)>| rows.into_iter().map(|(found, _)| found.id).collect::<Vec<_>>();

        // Names that begin so come first.
        let all = search(&store, "王", (i64::MIN, 0), 10).await.unwrap();
        assert_eq!(found(all.clone()), [second.id, first.id]);
        let page = search(&store, "王", (i64::MIN, 0), 1).await.unwrap();
        let next = search(&store, "王", (page[0].1, page[0].0.id.0), 1)
            .await
            .unwrap();
        assert_eq!(found([page, next].concat()), [second.id, first.id]);
        assert_eq!(all[1].0, first);

        assert_eq!(
            found(search(&store, "6021", (i64::MIN, 0), 10).await.unwrap()),
            [first.id, second.id]
        );
        assert_eq!(
            found(search(&store, "139-0000-1111", (i64::MIN, 0), 10).await.unwrap()),
            [third.id]
        );
        assert_eq!(
            found(search(&store, "", (i64::MIN, 0), 10).await.unwrap()),
            [first.id, second.id, third.id]
        );
        assert_eq!(
            found(search(&store, "%", (i64::MIN, 0), 10).await.unwrap()).len(),
            3
        );
        assert!(search(&store, "赵", (i64::MIN, 0), 10).await.unwrap().is_empty());
    }
}
