//! Statements in PostgreSQL's words; the same set stands in `sqlite/texts.rs`.

use crate::engine::Texts;

/// Where the sealer tells all nodes how far it is.
pub(crate) const SEALED_CHANNEL: &str = "shouwen_sealed";

/// What nodes tell each other and nobody keeps.
pub(crate) const WORDS_CHANNEL: &str = "shouwen_words";

/// $1 the word
pub(crate) const PASS_ON: &str =
    "SELECT count(told) FROM (SELECT pg_notify('shouwen_words', CAST($1 AS TEXT)) AS told OFFSET 0) AS n";

pub(crate) static TEXTS: Texts = Texts {
    load: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, hash, \
           CAST(NULL AS BIGINT) FROM events WHERE record = $1 ORDER BY seq",
    after: "SELECT e.record, e.seq, e.record_kind, e.name, e.happened, e.recorded, e.actor, e.salt, e.payload, \
            e.payload_hash, e.hash, p.position \
            FROM (SELECT position, record, seq FROM positions WHERE position > $1 ORDER BY position LIMIT $2) AS p \
            JOIN events AS e ON e.record = p.record AND e.seq = p.seq ORDER BY p.position",
    range: "SELECT e.record, e.seq, e.record_kind, e.name, e.happened, e.recorded, e.actor, e.salt, e.payload, \
            e.payload_hash, e.hash, p.position FROM positions AS p \
            JOIN events AS e ON e.record = p.record AND e.seq = p.seq \
            WHERE p.position > $1 AND p.position <= $2 ORDER BY p.position",
    by_record: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, \
                hash, CAST(NULL AS BIGINT) FROM events ORDER BY record, seq",
    with_positions: "SELECT e.record, e.seq, e.record_kind, e.name, e.happened, e.recorded, e.actor, e.salt, \
                     e.payload, e.payload_hash, e.hash, p.position FROM events AS e \
                     LEFT JOIN positions AS p ON e.record = p.record AND e.seq = p.seq \
                     WHERE e.record = $1 ORDER BY e.seq",
    hashes: "SELECT p.position, e.hash FROM positions AS p \
             JOIN events AS e ON e.record = p.record AND e.seq = p.seq \
             WHERE p.position > $1 AND p.position <= $2 ORDER BY p.position",
    give_positions: Some(
        "WITH gone AS (DELETE FROM unsealed WHERE (SELECT fence FROM leases WHERE name = 'sealer') = $1 \
         RETURNING record, seq), \
         base AS (SELECT coalesce(max(position), 0) AS highest FROM positions), \
         placed AS (INSERT INTO positions (position, record, seq) \
         SELECT base.highest + row_number() OVER (ORDER BY gone.record, gone.seq), gone.record, gone.seq \
         FROM gone CROSS JOIN base RETURNING position) \
         SELECT upto FROM (SELECT max(position) AS upto, \
         pg_notify('shouwen_sealed', CAST(max(position) AS TEXT)) AS told FROM placed HAVING count(*) > 0) AS n",
    ),
    strays: Some([
        "SELECT record, seq FROM events \
         EXCEPT (SELECT record, seq FROM positions UNION ALL SELECT record, seq FROM unsealed) \
         ORDER BY record, seq LIMIT 1000",
        "SELECT record, seq FROM positions EXCEPT SELECT record, seq FROM events ORDER BY record, seq LIMIT 1000",
    ]),
    waiting: Some(
        "SELECT e.record, e.seq, e.record_kind, e.name, e.happened, e.recorded, e.actor, e.salt, e.payload, \
         e.payload_hash, e.hash, CAST(NULL AS BIGINT) FROM unsealed AS u \
         JOIN events AS e ON e.record = u.record AND e.seq = u.seq ORDER BY e.record, e.seq",
    ),
    catalogue: "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), \
                CASE WHEN c.data_type IN ('bigint', 'integer', 'smallint', 'boolean') THEN 'int' \
                WHEN c.data_type = 'bytea' THEN 'blob' ELSE 'text' END \
                FROM information_schema.columns AS c JOIN information_schema.tables AS t \
                ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
                WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
                AND c.is_generated = 'NEVER' \
                ORDER BY c.table_name COLLATE \"C\", c.ordinal_position",
};
