-- Closed units, log-ins with their second factor and links, access tokens of programs, handing over a leaver's work.
-- The SQLite text beside this one differs in the integer type, and names no collation.
ALTER TABLE units ADD COLUMN closed BIGINT;
ALTER TABLE credentials ADD COLUMN must_change BIGINT NOT NULL DEFAULT 0;
-- Sessions gain what their owner is shown; whoever was logged in logs in once more.
DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    id         BIGINT NOT NULL,
    person     BIGINT NOT NULL,
    csrf       TEXT COLLATE "C" NOT NULL,
    language   TEXT COLLATE "C" NOT NULL,
    owes       TEXT COLLATE "C" NOT NULL,
    way        TEXT COLLATE "C" NOT NULL,
    address    TEXT COLLATE "C" NOT NULL,
    agent      TEXT COLLATE "C" NOT NULL,
    started    BIGINT NOT NULL,
    seen       BIGINT NOT NULL,
    ends       BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_person ON sessions (person, started);
CREATE TABLE password_links (
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person     BIGINT NOT NULL,
    made_by    BIGINT,
    made       BIGINT NOT NULL,
    ends       BIGINT NOT NULL,
    used       BIGINT
);
CREATE INDEX password_links_by_person ON password_links (person);
CREATE TABLE second_factors (
    person    BIGINT NOT NULL PRIMARY KEY,
    secret    TEXT COLLATE "C" NOT NULL,
    confirmed BIGINT,
    last_step BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    person    BIGINT NOT NULL,
    code_hash TEXT COLLATE "C" NOT NULL,
    used      BIGINT,
    PRIMARY KEY (person, code_hash)
);
CREATE TABLE access_tokens (
    id         BIGINT NOT NULL PRIMARY KEY,
    token_hash TEXT COLLATE "C" NOT NULL,
    person     BIGINT NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL,
    made_by    BIGINT NOT NULL,
    made       BIGINT NOT NULL,
    ends       BIGINT NOT NULL,
    seen       BIGINT,
    revoked    BIGINT
);
CREATE UNIQUE INDEX access_tokens_by_hash ON access_tokens (token_hash);
CREATE INDEX access_tokens_by_person ON access_tokens (person, id);
CREATE TABLE hand_overs (
    id             BIGINT NOT NULL PRIMARY KEY,
    leaver         BIGINT NOT NULL,
    successor      BIGINT NOT NULL,
    made_by        BIGINT NOT NULL,
    reason         TEXT COLLATE "C" NOT NULL,
    with_functions BIGINT NOT NULL,
    begun          BIGINT NOT NULL,
    ended          BIGINT
);
CREATE INDEX hand_overs_by_leaver ON hand_overs (leaver, id);
CREATE TABLE hand_over_cases (
    hand_over BIGINT NOT NULL,
    case_id   BIGINT NOT NULL,
    state     TEXT COLLATE "C" NOT NULL,
    said_zh   TEXT COLLATE "C" NOT NULL,
    said_en   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (hand_over, case_id)
);
CREATE INDEX hand_over_cases_waiting ON hand_over_cases (hand_over, case_id) WHERE state = 'waiting';
-- Administration gives no sight of cases.
DELETE FROM scopes WHERE function IN ('system_admin', 'security_admin', 'audit_admin');
