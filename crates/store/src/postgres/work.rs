//! Taking due work on PostgreSQL, where another node's rows are passed over instead of waited for; see
//! `sqlite/work.rs`.

use crate::work::Work;

/// `$1` now, `$2` taken until, `$3` at most.
pub(crate) fn due_sql(work: &Work) -> String {
    let Work {
        table,
        key,
        due,
        taken_until,
        give,
    } = work;
    let give = give.join(", ");
    format!(
        "UPDATE {table} SET {taken_until} = $2 WHERE {key} IN (SELECT {key} FROM {table} \
         WHERE {due} <= $1 AND {taken_until} <= $1 ORDER BY {due}, {key} LIMIT $3 FOR UPDATE SKIP LOCKED) \
         RETURNING {give}"
    )
}
