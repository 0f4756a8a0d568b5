//! Finding and making customers.

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Store, StoreError, Value};

use super::change;
use super::phone::digits;
use super::record::{Customer, Number, Place};
use super::sight::seen;

/// A customer that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id.
    pub id: Id,
    /// Name.
    pub name: String,
    /// Premises, one per line.
    pub premises: String,
    /// Whether it is an organisation.
    pub organisation: bool,
    /// Numbers, not masked.
    pub phones: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether the outcome of a case set a mark.
    pub marked: bool,
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

// $1 to $3 as in `seen!`, $4 name pattern or '', $5 number pattern or '', $6 and $7 the place reached, $8 how many. Names
// beginning with what was typed come first. Records that were merged into another are found by that one.
const SEARCH: &str = concat!(
    "SELECT id, name, premises, late, organisation, \
     (SELECT string_agg(n.phone, ',') FROM customer_phones n WHERE n.customer = found.id), \
     (SELECT COUNT(*) FROM cases c WHERE c.customer = found.id AND c.ended IS NULL), \
     (SELECT string_agg(t.tag, ',') FROM customer_tags t WHERE t.customer = found.id), \
     (SELECT COUNT(*) FROM customer_marks k WHERE k.customer = found.id) FROM (SELECT m.id, m.name, m.premises, \
     CASE WHEN p.kind = 'organisation' THEN 1 ELSE 0 END AS organisation, \
     CASE WHEN CAST($4 AS TEXT) <> '' AND m.name LIKE $4 || '%' THEN 0 ELSE 1 END AS late \
     FROM customers m LEFT JOIN customer_profiles p ON p.id = m.id WHERE p.merged_into IS NULL AND ",
    seen!(),
    " AND ((CAST($4 AS TEXT) = '' AND CAST($5 AS TEXT) = '') \
     OR (CAST($4 AS TEXT) <> '' AND m.name LIKE '%' || $4 || '%') \
     OR (CAST($5 AS TEXT) <> '' AND m.id IN (SELECT customer FROM customer_phones WHERE phone LIKE $5)))) found \
     WHERE (late, id) > ($6, $7) ORDER BY late, id LIMIT $8"
);

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

/// Customers by a part of their name or the end of a number, names that begin so first: those seen by whom `sight` is for
/// (see [`super::sight`]). `after` is the rank and id of the last one read.
pub async fn search(
    store: &Store,
    sight: [Value; 3],
    text: &str,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<(Found, i64)>, StoreError> {
    let (name, number) = searched(text);
    let rest: [Value; 5] = [
        name.into(),
        number.into(),
        after.0.into(),
        after.1.into(),
        limit.into(),
    ];
    let params: Vec<Value> = sight.into_iter().chain(rest).collect();
    let parts = |text: Option<&str>| {
        let mut parts: Vec<String> = text.unwrap_or("").split(',').map(str::to_owned).collect();
        parts.retain(|part| !part.is_empty());
        parts.sort();
        parts
    };
    let mut found = Vec::new();
    for row in store.query(SEARCH, &params).await? {
        let customer = Found {
            id: Id(row.int(0)?),
            name: row.text(1)?.to_owned(),
            premises: row.text(2)?.to_owned(),
            organisation: row.flag(4)?,
            phones: parts(row.opt_text(5)?),
            open_cases: row.int(6)?,
            tags: parts(row.opt_text(7)?),
            marked: row.int(8)? > 0,
        };
        found.push((customer, row.int(3)?));
    }
    Ok(found)
}

/// Makes a customer out of what an import or the demo knows; gives what lists show.
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
    let mut customer = Customer {
        name: new.name.trim().to_owned(),
        notes: new.notes.trim().to_owned(),
        registrar: actor,
        registered: Some(at),
        ..Customer::default()
    };
    let lines = new.premises.lines().filter(|line| !line.trim().is_empty());
    customer.places = lines
        .map(|line| Place {
            text: line.trim().to_owned(),
            ..Place::default()
        })
        .collect();
    for phone in &new.phones {
        customer.add_number(Number {
            kind: "phone".to_owned(),
            number: phone.clone(),
            ..Number::default()
        });
    }
    change::write(batch, record, None, &customer, actor, at)?;
    Ok(Found::new(record, &customer))
}

impl Found {
    /// A record that was just made, which has no case yet.
    pub fn new(id: Id, customer: &Customer) -> Found {
        let lines: Vec<String> = customer.places.iter().map(Place::line).collect();
        Found {
            id,
            name: customer.name.clone(),
            premises: lines.join("\n"),
            organisation: customer.organisation,
            phones: customer.phones().into_iter().map(str::to_owned).collect(),
            tags: customer.tags.iter().cloned().collect(),
            open_cases: 0,
            marked: false,
        }
    }
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

    /// The sight of somebody who sees all.
    fn all() -> [Value; 3] {
        [1.into(), 1.into(), true.into()]
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
        let every = search(&store, all(), "王", (i64::MIN, 0), 10).await.unwrap();
        assert_eq!(found(every.clone()), [second.id, first.id]);
        let page = search(&store, all(), "王", (i64::MIN, 0), 1).await.unwrap();
        let next = search(&store, all(), "王", (page[0].1, page[0].0.id.0), 1)
            .await
            .unwrap();
        assert_eq!(found([page, next].concat()), [second.id, first.id]);
        assert_eq!(every[1].0, first);

        assert_eq!(
            found(search(&store, all(), "6021", (i64::MIN, 0), 10).await.unwrap()),
            [first.id, second.id]
        );
        assert_eq!(
            found(
                search(&store, all(), "139-0000-1111", (i64::MIN, 0), 10)
                    .await
                    .unwrap()
            ),
            [third.id]
        );
        assert_eq!(
            found(search(&store, all(), "", (i64::MIN, 0), 10).await.unwrap()),
            [first.id, second.id, third.id]
        );
        assert_eq!(
            found(search(&store, all(), "%", (i64::MIN, 0), 10).await.unwrap()).len(),
            3
        );
        assert!(
            search(&store, all(), "赵", (i64::MIN, 0), 10)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
