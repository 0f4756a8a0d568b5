-- The position is the row's own number: dense, given by the single writer at commit.
CREATE TABLE events (
    position     INTEGER PRIMARY KEY,
    record       INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    record_kind  TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    happened     INTEGER NOT NULL,
    recorded     INTEGER NOT NULL,
    actor        INTEGER NOT NULL,
    salt         BLOB,
    payload      BLOB,
    payload_hash BLOB    NOT NULL,
    hash         BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_record ON events (record, seq);
CREATE VIEW positions AS SELECT position, record, seq FROM events;
CREATE TABLE claims (
    name   TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (
    person INTEGER NOT NULL,
    key    TEXT    NOT NULL,
    result BLOB    NOT NULL,
    made   INTEGER NOT NULL,
    PRIMARY KEY (person, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (made);
CREATE TABLE number_blocks (
    series TEXT    NOT NULL PRIMARY KEY,
    next   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    fence  INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE nodes (
    node    INTEGER NOT NULL PRIMARY KEY,
    holder  TEXT    NOT NULL,
    until   INTEGER NOT NULL,
    highest INTEGER NOT NULL
) STRICT;
-- Hashes of complete subtrees of 256 leaves (level 0), of 256 of those (level 1), and so on.
CREATE TABLE tiles (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash  BLOB    NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE roots (
    size      INTEGER NOT NULL PRIMARY KEY,
    root      BLOB    NOT NULL,
    signed_at INTEGER NOT NULL,
    key_name  TEXT    NOT NULL,
    signature BLOB    NOT NULL,
    fence     INTEGER NOT NULL
) STRICT;
CREATE TABLE keys (
    name   TEXT    NOT NULL PRIMARY KEY,
    secret BLOB    NOT NULL,
    public BLOB    NOT NULL,
    made   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE marks (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
