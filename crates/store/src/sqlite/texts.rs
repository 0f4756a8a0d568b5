//! Statements in SQLite's words; the same set stands in `postgres/texts.rs`.

use crate::engine::Texts;

pub(crate) static TEXTS: Texts = Texts {
    load: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, hash, \
           NULL FROM events WHERE record = $1 ORDER BY seq",
    after: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, hash, \
            position FROM events WHERE position > $1 ORDER BY position LIMIT $2",
    range: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, hash, \
            position FROM events WHERE position > $1 AND position <= $2 ORDER BY position",
    by_record: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, payload_hash, \
                hash, NULL FROM events ORDER BY record, seq",
    with_positions: "SELECT record, seq, record_kind, name, happened, recorded, actor, salt, payload, \
                     payload_hash, hash, position FROM events WHERE record = $1 ORDER BY seq",
    hashes: "SELECT position, hash FROM events WHERE position > $1 AND position <= $2 ORDER BY position",
    give_positions: None,
    strays: None,
    waiting: None,
    catalogue: "SELECT t.name, c.name, CASE WHEN upper(c.type) LIKE '%INT%' THEN 'int' \
                WHEN upper(c.type) LIKE '%BLOB%' THEN 'blob' ELSE 'text' END \
                FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c \
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.sql NOT LIKE 'CREATE VIRTUAL%' \
                ORDER BY t.name, c.cid",
};
