//! From an entry that somebody chose to what a case keeps of it: name and number as they stand now, so that the record says
//! which number was given whatever becomes of the phone book.

use std::collections::BTreeMap;

use regulation::case::{BODY, ENTRY};
use regulation::model::{Field, FieldKind};
use regulation::{FieldValue, Fields, Said};
use store::{Store, StoreError};

use crate::http::Problem;

const ONE: &str = "SELECT name, number FROM outside_bodies WHERE id = $1 AND active = 1";

/// Every entry that is named, also in rows.
fn named(fields: &[Field], input: &Fields, found: &mut BTreeMap<i64, Option<FieldValue>>) {
    for field in fields {
        match (&field.kind, input.get(&field.key)) {
            (FieldKind::OutsideBody, Some(value)) => {
                found.extend(value.as_id().map(|id| (id.0, None)));
            }
            (FieldKind::Rows(columns), Some(FieldValue::List(rows))) => {
                for row in rows {
                    if let FieldValue::Row(cells) = row {
                        named(columns, cells, found);
                    }
                }
            }
            _ => {}
        }
    }
}

fn put(
    fields: &[Field],
    input: &mut Fields,
    entries: &BTreeMap<i64, Option<FieldValue>>,
    path: &str,
    problems: &mut Vec<(String, Said)>,
) {
    for field in fields {
        match (&field.kind, input.get_mut(&field.key)) {
            (FieldKind::OutsideBody, Some(value)) => {
                // What is no id at all is told by the form.
                let Some(id) = value.as_id() else { continue };
                match entries.get(&id.0).cloned().flatten() {
                    Some(entry) => *value = entry,
                    None => problems.push((
                        format!("{path}{}", field.key),
                        Said::new(
                            "外部单位电话簿中没有这一条。请从电话簿中选择；没有的，请先由有权人员登记",
                            "The phone book of outside bodies has no such entry. Choose one of those listed; one that is missing is entered first by whoever keeps the book",
                        ),
                    )),
                }
            }
            (FieldKind::Rows(columns), Some(FieldValue::List(rows))) => {
                for (index, row) in rows.iter_mut().enumerate() {
                    if let FieldValue::Row(cells) = row {
                        let path = format!("{path}{}[{index}].", field.key);
                        put(columns, cells, entries, &path, problems);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What a case keeps of an entry.
pub fn entry(body: i64, name: &str, number: &str) -> FieldValue {
    let [_, named, numbered] = ENTRY;
    let text = |text: &str| FieldValue::Text(text.to_owned());
    FieldValue::Row(BTreeMap::from([
        (BODY.to_owned(), text(&body.to_string())),
        (named.to_owned(), text(name)),
        (numbered.to_owned(), text(number)),
    ]))
}

/// Puts the entries in the place of the ids that were chosen; refuses what the phone book does not hold.
pub async fn chosen(store: &Store, fields: &[Field], input: &mut Fields) -> Result<(), Problem> {
    let mut entries = BTreeMap::new();
    named(fields, input, &mut entries);
    for (id, found) in &mut entries {
        let rows = store.query(ONE, &[(*id).into()]).await?;
        *found = rows
            .first()
            .map(|row| Ok::<_, StoreError>(entry(*id, row.text(0)?, row.text(1)?)))
            .transpose()?;
    }
    let mut problems = Vec::new();
    put(fields, input, &entries, "", &mut problems);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::input(problems))
    }
}
