-- Tables that screens read. All but the last group are projections of events: a pure function of a record's state.
-- The SQLite text beside this one differs in the integer type, and needs no collation named.
CREATE TABLE units (
    id       BIGINT NOT NULL PRIMARY KEY,
    parent   BIGINT,
    name     TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    calendar TEXT COLLATE "C" NOT NULL
);
CREATE TABLE people (
    id       BIGINT NOT NULL PRIMARY KEY,
    login    TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    active   BIGINT NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    demo     BIGINT NOT NULL
);
CREATE UNIQUE INDEX people_by_login ON people (login);
CREATE TABLE holdings (
    person       BIGINT NOT NULL,
    no           BIGINT NOT NULL,
    function     TEXT COLLATE "C" NOT NULL,
    unit         BIGINT NOT NULL,
    since        BIGINT NOT NULL,
    until        BIGINT NOT NULL,
    on_behalf_of BIGINT,
    PRIMARY KEY (person, no)
);
CREATE TABLE certificates (
    person      BIGINT NOT NULL,
    certificate TEXT COLLATE "C" NOT NULL,
    since       BIGINT NOT NULL,
    until       BIGINT NOT NULL,
    PRIMARY KEY (person, certificate)
);
CREATE TABLE customers (
    id       BIGINT NOT NULL PRIMARY KEY,
    name     TEXT COLLATE "C" NOT NULL,
    premises TEXT COLLATE "C" NOT NULL,
    notes    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX customers_by_name ON customers (name);
CREATE TABLE customer_phones (
    customer BIGINT NOT NULL,
    phone    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer, phone)
);
CREATE INDEX customer_phones_by_phone ON customer_phones (phone);
CREATE TABLE packs (
    id      BIGINT NOT NULL PRIMARY KEY,
    hash    TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    files   TEXT COLLATE "C" NOT NULL,
    loaded  BIGINT NOT NULL
);
CREATE UNIQUE INDEX packs_by_hash ON packs (hash);
CREATE TABLE packs_in_force (
    unit  BIGINT NOT NULL,
    name  TEXT COLLATE "C" NOT NULL,
    hash  TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    id    BIGINT NOT NULL,
    PRIMARY KEY (unit, name)
);
CREATE TABLE holidays (
    year  BIGINT NOT NULL PRIMARY KEY,
    facts TEXT COLLATE "C" NOT NULL,
    id    BIGINT NOT NULL
);
CREATE TABLE cases (
    id                  BIGINT NOT NULL PRIMARY KEY,
    number              TEXT COLLATE "C" NOT NULL,
    pack                TEXT COLLATE "C" NOT NULL,
    pack_hash           TEXT COLLATE "C" NOT NULL,
    procedure           TEXT COLLATE "C" NOT NULL,
    stage               TEXT COLLATE "C" NOT NULL,
    subject             TEXT COLLATE "C" NOT NULL,
    channel             TEXT COLLATE "C" NOT NULL,
    received            BIGINT NOT NULL,
    opened              BIGINT NOT NULL,
    ended               BIGINT,
    customer            BIGINT,
    owning_unit         BIGINT NOT NULL,
    unit                BIGINT NOT NULL,
    first_contact_owner BIGINT,
    registrar           BIGINT,
    handler             BIGINT,
    parent              BIGINT,
    source              TEXT COLLATE "C",
    round               BIGINT NOT NULL,
    supervised          BIGINT NOT NULL,
    urged               BIGINT NOT NULL,
    void                BIGINT NOT NULL,
    merged_into         BIGINT,
    retained_until      BIGINT,
    due                 BIGINT NOT NULL,
    due_clock           BIGINT,
    track               TEXT COLLATE "C" NOT NULL,
    wakes               BIGINT,
    version             BIGINT NOT NULL
);
CREATE INDEX cases_by_wake ON cases (wakes) WHERE wakes IS NOT NULL;
CREATE INDEX cases_by_handler ON cases (handler, due, id) WHERE ended IS NULL;
CREATE INDEX cases_by_unit ON cases (unit, due, id) WHERE ended IS NULL;
CREATE INDEX cases_by_owner ON cases (first_contact_owner, due, id) WHERE ended IS NULL;
CREATE INDEX cases_by_received ON cases (received, id);
CREATE INDEX cases_by_customer ON cases (customer, received) WHERE customer IS NOT NULL;
CREATE INDEX cases_by_number ON cases (number);
CREATE INDEX cases_by_source ON cases (source) WHERE source IS NOT NULL;
CREATE INDEX cases_by_parent ON cases (parent) WHERE parent IS NOT NULL;
CREATE TABLE clocks (
    case_id     BIGINT NOT NULL,
    no          BIGINT NOT NULL,
    pack        TEXT COLLATE "C" NOT NULL,
    clause_pack TEXT COLLATE "C" NOT NULL,
    clause      TEXT COLLATE "C" NOT NULL,
    deadline    TEXT COLLATE "C" NOT NULL,
    round       BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    start       BIGINT NOT NULL,
    due         BIGINT NOT NULL,
    ended       BIGINT,
    once_late   BIGINT NOT NULL,
    answers     BIGINT,
    unit        BIGINT NOT NULL,
    PRIMARY KEY (case_id, no)
);
CREATE INDEX clocks_by_due ON clocks (pack, due, clause, state);
CREATE INDEX clocks_open ON clocks (deadline, due, case_id) WHERE ended IS NULL;
CREATE TABLE refusals (
    case_id     BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    pack        TEXT COLLATE "C" NOT NULL,
    clause_pack TEXT COLLATE "C" NOT NULL,
    clause      TEXT COLLATE "C" NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    person      BIGINT,
    at          BIGINT NOT NULL,
    unit        BIGINT NOT NULL,
    PRIMARY KEY (case_id, seq)
);
CREATE INDEX refusals_by_time ON refusals (pack, at, clause);
CREATE TABLE signatures_asked (
    case_id  BIGINT NOT NULL,
    approval BIGINT NOT NULL,
    step     BIGINT NOT NULL,
    slot     BIGINT NOT NULL,
    function TEXT COLLATE "C" NOT NULL,
    unit     BIGINT NOT NULL,
    person   BIGINT,
    asked    BIGINT NOT NULL,
    PRIMARY KEY (case_id, approval, step, slot)
);
CREATE INDEX signatures_asked_by_function ON signatures_asked (function, unit);
CREATE TABLE questions_asked (
    case_id  BIGINT NOT NULL,
    no       BIGINT NOT NULL,
    slot     BIGINT NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    function TEXT COLLATE "C" NOT NULL,
    about    BIGINT,
    unit     BIGINT NOT NULL,
    raised   BIGINT NOT NULL,
    PRIMARY KEY (case_id, no, slot)
);
CREATE INDEX questions_asked_by_function ON questions_asked (function, unit);
CREATE TABLE fact_entries (
    name     TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    case_id  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    amount   BIGINT,
    customer BIGINT,
    ended    BIGINT NOT NULL,
    void     BIGINT NOT NULL,
    PRIMARY KEY (name, key, case_id)
);
-- Not in history: log-ins and what follows from other tables.
CREATE TABLE credentials (
    person  BIGINT NOT NULL PRIMARY KEY,
    hash    TEXT COLLATE "C" NOT NULL,
    changed BIGINT NOT NULL
);
CREATE TABLE sessions (
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person     BIGINT NOT NULL,
    csrf       TEXT COLLATE "C" NOT NULL,
    language   TEXT COLLATE "C" NOT NULL,
    started    BIGINT NOT NULL,
    seen       BIGINT NOT NULL,
    ends       BIGINT NOT NULL
);
CREATE TABLE scopes (
    person   BIGINT NOT NULL,
    unit     BIGINT NOT NULL,
    function TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL,
    until    BIGINT NOT NULL,
    PRIMARY KEY (person, unit, function, since)
);
