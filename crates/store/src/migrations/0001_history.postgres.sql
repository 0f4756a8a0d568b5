-- Events are only ever inserted; their positions stand apart, given by the sealer.
CREATE TABLE events (
    record       BIGINT NOT NULL,
    seq          BIGINT NOT NULL,
    record_kind  TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    happened     BIGINT NOT NULL,
    recorded     BIGINT NOT NULL,
    actor        BIGINT NOT NULL,
    salt         BYTEA,
    payload      BYTEA,
    payload_hash BYTEA  NOT NULL,
    hash         BYTEA  NOT NULL,
    PRIMARY KEY (record, seq)
);
CREATE TABLE positions (
    position BIGINT NOT NULL PRIMARY KEY,
    record   BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    UNIQUE (record, seq)
);
-- What was committed and has no position yet; the sealer empties it.
CREATE TABLE unsealed (
    record BIGINT NOT NULL,
    seq    BIGINT NOT NULL
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.0);
CREATE TABLE claims (
    name   TEXT COLLATE "C" NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    PRIMARY KEY (name, key)
);
CREATE TABLE idempotency (
    person BIGINT NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    result BYTEA  NOT NULL,
    made   BIGINT NOT NULL,
    PRIMARY KEY (person, key)
);
CREATE INDEX idempotency_by_time ON idempotency (made);
CREATE TABLE number_blocks (
    series TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    next   BIGINT NOT NULL
);
CREATE TABLE leases (
    name   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    fence  BIGINT NOT NULL,
    until  BIGINT NOT NULL
);
CREATE TABLE nodes (
    node    BIGINT NOT NULL PRIMARY KEY,
    holder  TEXT COLLATE "C" NOT NULL,
    until   BIGINT NOT NULL,
    highest BIGINT NOT NULL
);
-- Hashes of complete subtrees of 256 leaves (level 0), of 256 of those (level 1), and so on.
CREATE TABLE tiles (
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    hash  BYTEA  NOT NULL,
    PRIMARY KEY (level, place)
);
CREATE TABLE roots (
    size      BIGINT NOT NULL PRIMARY KEY,
    root      BYTEA  NOT NULL,
    signed_at BIGINT NOT NULL,
    key_name  TEXT COLLATE "C" NOT NULL,
    signature BYTEA  NOT NULL,
    fence     BIGINT NOT NULL
);
CREATE TABLE keys (
    name   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    secret BYTEA  NOT NULL,
    public BYTEA  NOT NULL,
    made   BIGINT NOT NULL
);
CREATE TABLE marks (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
