-- Tables that screens read. All but the last group are projections of events: a pure function of a record's state.
-- The PostgreSQL text beside this one differs in the integer type, and names the collation.
CREATE TABLE units (
    id       INTEGER NOT NULL PRIMARY KEY,
    parent   INTEGER,
    name     TEXT   NOT NULL,
    key      TEXT   NOT NULL,
    calendar TEXT   NOT NULL
);
CREATE TABLE people (
    id       INTEGER NOT NULL PRIMARY KEY,
    login    TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    active   INTEGER NOT NULL,
    language TEXT   NOT NULL,
    demo     INTEGER NOT NULL
);
CREATE UNIQUE INDEX people_by_login ON people (login);
CREATE TABLE holdings (
    person       INTEGER NOT NULL,
    no           INTEGER NOT NULL,
    function     TEXT   NOT NULL,
    unit         INTEGER NOT NULL,
    since        INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    on_behalf_of INTEGER,
    PRIMARY KEY (person, no)
);
CREATE TABLE certificates (
    person      INTEGER NOT NULL,
    certificate TEXT   NOT NULL,
    since       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    PRIMARY KEY (person, certificate)
);
CREATE TABLE customers (
    id       INTEGER NOT NULL PRIMARY KEY,
    name     TEXT   NOT NULL,
    premises TEXT   NOT NULL,
    notes    TEXT   NOT NULL
);
CREATE INDEX customers_by_name ON customers (name);
CREATE TABLE customer_phones (
    customer INTEGER NOT NULL,
    phone    TEXT   NOT NULL,
    PRIMARY KEY (customer, phone)
);
CREATE INDEX customer_phones_by_phone ON customer_phones (phone);
CREATE TABLE packs (
    id      INTEGER NOT NULL PRIMARY KEY,
    hash    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    version TEXT   NOT NULL,
    files   TEXT   NOT NULL,
    loaded  INTEGER NOT NULL
);
CREATE UNIQUE INDEX packs_by_hash ON packs (hash);
CREATE TABLE packs_in_force (
    unit  INTEGER NOT NULL,
    name  TEXT   NOT NULL,
    hash  TEXT   NOT NULL,
    since INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    PRIMARY KEY (unit, name)
);
CREATE TABLE holidays (
    year  INTEGER NOT NULL PRIMARY KEY,
    facts TEXT   NOT NULL,
    id    INTEGER NOT NULL
);
CREATE TABLE cases (
    id                  INTEGER NOT NULL PRIMARY KEY,
    number              TEXT   NOT NULL,
    pack                TEXT   NOT NULL,
    pack_hash           TEXT   NOT NULL,
    procedure           TEXT   NOT NULL,
    stage               TEXT   NOT NULL,
    subject             TEXT   NOT NULL,
    channel             TEXT   NOT NULL,
    received            INTEGER NOT NULL,
    opened              INTEGER NOT NULL,
    ended               INTEGER,
    customer            INTEGER,
    owning_unit         INTEGER NOT NULL,
    unit                INTEGER NOT NULL,
    first_contact_owner INTEGER,
    registrar           INTEGER,
    handler             INTEGER,
    parent              INTEGER,
    source              TEXT,
    round               INTEGER NOT NULL,
    supervised          INTEGER NOT NULL,
    urged               INTEGER NOT NULL,
    void                INTEGER NOT NULL,
    merged_into         INTEGER,
    retained_until      INTEGER,
    due                 INTEGER NOT NULL,
    due_clock           INTEGER,
    track               TEXT   NOT NULL,
    wakes               INTEGER,
    version             INTEGER NOT NULL
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
    case_id     INTEGER NOT NULL,
    no          INTEGER NOT NULL,
    pack        TEXT   NOT NULL,
    clause_pack TEXT   NOT NULL,
    clause      TEXT   NOT NULL,
    deadline    TEXT   NOT NULL,
    round       INTEGER NOT NULL,
    state       TEXT   NOT NULL,
    start       INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    ended       INTEGER,
    once_late   INTEGER NOT NULL,
    answers     INTEGER,
    unit        INTEGER NOT NULL,
    PRIMARY KEY (case_id, no)
);
CREATE INDEX clocks_by_due ON clocks (pack, due, clause, state);
CREATE INDEX clocks_open ON clocks (deadline, due, case_id) WHERE ended IS NULL;
CREATE TABLE refusals (
    case_id     INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    pack        TEXT   NOT NULL,
    clause_pack TEXT   NOT NULL,
    clause      TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    person      INTEGER,
    at          INTEGER NOT NULL,
    unit        INTEGER NOT NULL,
    PRIMARY KEY (case_id, seq)
);
CREATE INDEX refusals_by_time ON refusals (pack, at, clause);
CREATE TABLE signatures_asked (
    case_id  INTEGER NOT NULL,
    approval INTEGER NOT NULL,
    step     INTEGER NOT NULL,
    slot     INTEGER NOT NULL,
    function TEXT   NOT NULL,
    unit     INTEGER NOT NULL,
    person   INTEGER,
    asked    INTEGER NOT NULL,
    PRIMARY KEY (case_id, approval, step, slot)
);
CREATE INDEX signatures_asked_by_function ON signatures_asked (function, unit);
CREATE TABLE questions_asked (
    case_id  INTEGER NOT NULL,
    no       INTEGER NOT NULL,
    slot     INTEGER NOT NULL,
    question TEXT   NOT NULL,
    function TEXT   NOT NULL,
    about    INTEGER,
    unit     INTEGER NOT NULL,
    raised   INTEGER NOT NULL,
    PRIMARY KEY (case_id, no, slot)
);
CREATE INDEX questions_asked_by_function ON questions_asked (function, unit);
CREATE TABLE fact_entries (
    name     TEXT   NOT NULL,
    key      TEXT   NOT NULL,
    case_id  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    amount   INTEGER,
    customer INTEGER,
    ended    INTEGER NOT NULL,
    void     INTEGER NOT NULL,
    PRIMARY KEY (name, key, case_id)
);
-- Not in history: log-ins and what follows from other tables.
CREATE TABLE credentials (
    person  INTEGER NOT NULL PRIMARY KEY,
    hash    TEXT   NOT NULL,
    changed INTEGER NOT NULL
);
CREATE TABLE sessions (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    person     INTEGER NOT NULL,
    csrf       TEXT   NOT NULL,
    language   TEXT   NOT NULL,
    started    INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    ends       INTEGER NOT NULL
);
CREATE TABLE scopes (
    person   INTEGER NOT NULL,
    unit     INTEGER NOT NULL,
    function TEXT   NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    PRIMARY KEY (person, unit, function, since)
);
