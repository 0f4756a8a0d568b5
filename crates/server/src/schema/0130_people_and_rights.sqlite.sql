-- Closed units, log-ins with their second factor and links, access tokens of programs, handing over a leaver's work.
-- The PostgreSQL text beside this one differs in the integer type, and names the collation.
ALTER TABLE units ADD COLUMN closed INTEGER;
ALTER TABLE credentials ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
-- Sessions gain what their owner is shown; whoever was logged in logs in once more.
DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash TEXT    NOT NULL PRIMARY KEY,
    id         INTEGER NOT NULL,
    person     INTEGER NOT NULL,
    csrf       TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    owes       TEXT    NOT NULL,
    way        TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    agent      TEXT    NOT NULL,
    started    INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    ends       INTEGER NOT NULL
);
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_person ON sessions (person, started);
CREATE TABLE password_links (
    token_hash TEXT    NOT NULL PRIMARY KEY,
    person     INTEGER NOT NULL,
    made_by    INTEGER,
    made       INTEGER NOT NULL,
    ends       INTEGER NOT NULL,
    used       INTEGER
);
CREATE INDEX password_links_by_person ON password_links (person);
CREATE TABLE second_factors (
    person    INTEGER NOT NULL PRIMARY KEY,
    secret    TEXT    NOT NULL,
    confirmed INTEGER,
    last_step INTEGER NOT NULL
);
CREATE TABLE recovery_codes (
    person    INTEGER NOT NULL,
    code_hash TEXT    NOT NULL,
    used      INTEGER,
    PRIMARY KEY (person, code_hash)
);
CREATE TABLE access_tokens (
    id         INTEGER NOT NULL PRIMARY KEY,
    token_hash TEXT    NOT NULL,
    person     INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    made_by    INTEGER NOT NULL,
    made       INTEGER NOT NULL,
    ends       INTEGER NOT NULL,
    seen       INTEGER,
    revoked    INTEGER
);
CREATE UNIQUE INDEX access_tokens_by_hash ON access_tokens (token_hash);
CREATE INDEX access_tokens_by_person ON access_tokens (person, id);
CREATE TABLE hand_overs (
    id             INTEGER NOT NULL PRIMARY KEY,
    leaver         INTEGER NOT NULL,
    successor      INTEGER NOT NULL,
    made_by        INTEGER NOT NULL,
    reason         TEXT    NOT NULL,
    with_functions INTEGER NOT NULL,
    begun          INTEGER NOT NULL,
    ended          INTEGER
);
CREATE INDEX hand_overs_by_leaver ON hand_overs (leaver, id);
CREATE TABLE hand_over_cases (
    hand_over INTEGER NOT NULL,
    case_id   INTEGER NOT NULL,
    state     TEXT    NOT NULL,
    said_zh   TEXT    NOT NULL,
    said_en   TEXT    NOT NULL,
    PRIMARY KEY (hand_over, case_id)
);
CREATE INDEX hand_over_cases_waiting ON hand_over_cases (hand_over, case_id) WHERE state = 'waiting';
-- Administration gives no sight of cases.
DELETE FROM scopes WHERE function IN ('system_admin', 'security_admin', 'audit_admin');
