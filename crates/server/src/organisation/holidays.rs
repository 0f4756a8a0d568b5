//! Holiday notices of years beyond the built-in ones, kept year by year.

use std::collections::BTreeMap;

use calendar::{HolidayError, Holidays, Moment};
use regulation::Id;
use store::{CommitError, Row, StoreError};

use crate::centre::Centre;
use crate::registry;
use crate::schema::HOLIDAYS;

const KNOWN: &str = "SELECT id FROM holidays WHERE year = $1";

/// Why a notice was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The file.
    #[error(transparent)]
    Holidays(#[from] HolidayError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Takes a notice (CSV: date, kind, name) in; gives the years it speaks of. Open deadlines are computed again by the
/// running server.
pub async fn set_holidays(centre: &Centre, text: &str, actor: Option<Id>) -> Result<Vec<i16>, NoticeError> {
    let notice = Holidays::parse_csv(text)?;
    let mut years: BTreeMap<i16, String> = BTreeMap::new();
    for (date, kind) in notice.days() {
        let facts = years
            .entry(date.year())
            .or_insert_with(|| "date,kind,name\n".to_owned());
        let name = notice.name(date).unwrap_or("holiday").replace(['"', '\n'], " ");
        facts.push_str(&format!("{date},{},\"{name}\"\n", kind.word()));
    }
    let at = Moment::from_millis(centre.store.now());
    for (year, facts) in &years {
        let known = centre.store.query(KNOWN, &[i64::from(*year).into()]).await?;
        let record = match known.first() {
            Some(row) => Id(row.int(0)?),
            None => Id(centre.store.new_id()),
        };
        let row = Row {
            table: &HOLIDAYS,
            values: vec![i64::from(*year).into(), facts.as_str().into(), record.0.into()],
        };
        registry::put(
            &centre.store,
            &registry::Setting {
                kind: "holidays",
                record,
                actor,
                at,
            },
            &[row],
        )
        .await?;
    }
    centre.refresh().await?;
    Ok(years.into_keys().collect())
}
