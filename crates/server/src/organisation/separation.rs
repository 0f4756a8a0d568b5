//! Keeping the three administrations apart (security administrator, system administrator, audit administrator): who
//! hands out rights changes none of their own, nobody holds two of them, and the last one of each is never lost.
//!
//! Pure: rows and times in, a verdict out.

use store::Row;

use super::Held;
use crate::schema::{CERTIFICATES, HOLDINGS, PEOPLE};

/// The functions that administer and give no sight of cases or customers.
pub const ADMINISTRATIONS: [&str; 3] = ["system_admin", "security_admin", "audit_admin"];

/// A function without an end is held until then: the year 2100.
pub const FOREVER: i64 = 4_102_444_800_000;

/// Whether a function is one of the three.
pub fn administers(function: &str) -> bool {
    ADMINISTRATIONS.contains(&function)
}

/// Whether someone holds administrations and nothing else.
pub fn only_administers<'a>(functions: impl IntoIterator<Item = &'a str>) -> bool {
    let mut functions = functions.into_iter().peekable();
    functions.peek().is_some() && functions.all(administers)
}

/// Two administrations that would be held at the same time, if any.
pub fn together(held: &[Held]) -> Option<(&'static str, &'static str)> {
    let known = |held: &Held| ADMINISTRATIONS.into_iter().find(|known| *known == held.function);
    held.iter().enumerate().find_map(|(at, one)| {
        let first = known(one)?;
        held.iter().skip(at + 1).find_map(|other| {
            let second = known(other)?;
            let overlap = one.since < other.until && other.since < one.until;
            (second != first && overlap).then_some((first, second))
        })
    })
}

/// Until when a person's rows let them administer, if they do now: of their own, not for someone absent.
pub fn lasts(rows: &[Row], function: &str, now: i64) -> i64 {
    let column = |row: &Row, name: &str| {
        row.table
            .all_columns()
            .position(|column| column.name == name)
            .and_then(|at| row.values.get(at))
            .cloned()
    };
    let int = |row: &Row, name: &str| column(row, name).and_then(|value| value.as_int());
    let active = rows
        .iter()
        .any(|row| row.table == &PEOPLE && int(row, "active") == Some(1));
    if !active {
        return 0;
    }
    rows.iter()
        .filter(|row| row.table == &HOLDINGS && int(row, "on_behalf_of").is_none())
        .filter(|row| column(row, "function").is_some_and(|value| value.as_text() == Some(function)))
        .filter(|row| int(row, "since").is_some_and(|since| since <= now))
        .filter_map(|row| int(row, "until"))
        .map(|until| until.min(FOREVER))
        .max()
        .unwrap_or(0)
}

/// Whether a kind of administrator is lost, now or by an earlier end, when one person's time goes from `had` to `has` and
/// everybody else's lasts until `others`.
pub fn loses(had: i64, has: i64, others: i64, now: i64) -> bool {
    let others = others.min(FOREVER);
    let (before, after) = (had.max(others), has.max(others));
    before > now && after < before
}

/// Whether two sets of a person's rows differ in what they may do: functions, certificates, standing.
pub fn rights_differ(before: &[Row], after: &[Row]) -> bool {
    let rights = |rows: &[Row]| {
        let mut rights: Vec<String> = rows
            .iter()
            .filter(|row| row.table == &HOLDINGS || row.table == &CERTIFICATES)
            .map(|row| format!("{} {:?}", row.table.name, row.values))
            .collect();
        rights.extend(rows.iter().filter(|row| row.table == &PEOPLE).map(|row| {
            // Id, log-in name, name, standing, language, demo: only the standing is a right.
            format!("standing {:?}", row.values.get(3))
        }));
        rights.sort();
        rights
    };
    rights(before) != rights(after)
}

#[cfg(test)]
mod tests {
    use calendar::Moment;
    use proptest::prelude::*;
    use regulation::Id;

    use super::*;

    fn held(function: &str, since: i64, until: i64) -> Held {
        Held {
            function: function.to_owned(),
            unit: Id(1),
            since: Moment::from_millis(since),
            until: Moment::from_millis(until),
            on_behalf_of: None,
        }
    }

    #[test]
    fn two_administrations_overlap_or_follow() {
        let apart = [held("system_admin", 0, 10), held("audit_admin", 10, 20)];
        assert_eq!(together(&apart), None);
        let overlapping = [
            held("agent", 0, 50),
            held("system_admin", 0, 11),
            held("audit_admin", 10, 20),
        ];
        assert_eq!(together(&overlapping), Some(("system_admin", "audit_admin")));
        assert_eq!(
            together(&[held("system_admin", 0, 9), held("system_admin", 3, 20)]),
            None
        );
    }

    proptest! {
        #[test]
        fn after_any_permitted_change_somebody_administers_as_long_as_before(
            had in 0_i64..100, has in 0_i64..100, others in 0_i64..100, now in 0_i64..100,
        ) {
            let before = had.max(others);
            if !loses(had, has, others, now) && before > now {
                prop_assert!(has.max(others) >= before);
            }
            // Who lasts no shorter is never refused.
            prop_assert!(has < had || !loses(had, has, others, now));
        }
    }
}
