-- Customers in full, contacts, attachments, marks, outside bodies, erasures: projections of events.
CREATE TABLE customer_profiles (
    id          INTEGER NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL,
    unit        INTEGER,
    registrar   INTEGER,
    registered  INTEGER,
    merged_into INTEGER,
    needs       TEXT   NOT NULL,
    preferences TEXT   NOT NULL
);
CREATE INDEX customer_profiles_by_unit ON customer_profiles (unit) WHERE unit IS NOT NULL;
CREATE INDEX customer_profiles_by_merge ON customer_profiles (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE customer_numbers (
    customer  INTEGER NOT NULL,
    no        INTEGER NOT NULL,
    kind      TEXT   NOT NULL,
    number    TEXT   NOT NULL,
    extension TEXT   NOT NULL,
    label     TEXT   NOT NULL,
    PRIMARY KEY (customer, no)
);
CREATE TABLE customer_places (
    customer  INTEGER NOT NULL,
    no        INTEGER NOT NULL,
    label     TEXT   NOT NULL,
    area      TEXT   NOT NULL,
    building  TEXT   NOT NULL,
    unit      TEXT   NOT NULL,
    room      TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    place_key TEXT   NOT NULL,
    PRIMARY KEY (customer, no)
);
CREATE INDEX customer_places_by_key ON customer_places (place_key);
CREATE TABLE customer_relations (
    customer INTEGER NOT NULL,
    other    INTEGER NOT NULL,
    kind     TEXT   NOT NULL,
    note     TEXT   NOT NULL,
    PRIMARY KEY (customer, other, kind)
);
CREATE INDEX customer_relations_by_other ON customer_relations (other);
CREATE TABLE customer_tags (
    customer INTEGER NOT NULL,
    tag      TEXT   NOT NULL,
    PRIMARY KEY (customer, tag)
);
CREATE INDEX customer_tags_by_tag ON customer_tags (tag, customer);
CREATE TABLE customer_services (
    customer INTEGER NOT NULL,
    no       INTEGER NOT NULL,
    kind     TEXT   NOT NULL,
    what     TEXT   NOT NULL,
    at       INTEGER NOT NULL,
    until    INTEGER,
    amount   INTEGER,
    note     TEXT   NOT NULL,
    PRIMARY KEY (customer, no)
);
CREATE TABLE customer_sounds (
    customer INTEGER NOT NULL PRIMARY KEY,
    sound    TEXT   NOT NULL
);
CREATE INDEX customer_sounds_by_sound ON customer_sounds (sound);
CREATE TABLE customer_merges (
    id         INTEGER NOT NULL PRIMARY KEY,
    kept       INTEGER NOT NULL,
    merged     INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    person     INTEGER,
    kept_seq   INTEGER NOT NULL,
    merged_seq INTEGER NOT NULL,
    reason     TEXT   NOT NULL,
    undone     INTEGER
);
CREATE INDEX customer_merges_by_kept ON customer_merges (kept);
CREATE INDEX customer_merges_by_merged ON customer_merges (merged);
CREATE TABLE customer_marks (
    case_id  INTEGER NOT NULL,
    mark     TEXT   NOT NULL,
    customer INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    person   INTEGER,
    PRIMARY KEY (case_id, mark)
);
CREATE INDEX customer_marks_by_customer ON customer_marks (customer);
CREATE TABLE contacts (
    id        INTEGER NOT NULL PRIMARY KEY,
    channel   TEXT   NOT NULL,
    direction TEXT   NOT NULL,
    at        INTEGER NOT NULL,
    person    INTEGER,
    customer  INTEGER,
    unit      INTEGER NOT NULL,
    number    TEXT   NOT NULL,
    summary   TEXT   NOT NULL,
    answer    TEXT   NOT NULL
);
CREATE INDEX contacts_by_customer ON contacts (customer, at) WHERE customer IS NOT NULL;
CREATE INDEX contacts_by_unit ON contacts (unit, at);
CREATE INDEX contacts_by_time ON contacts (at, id);
CREATE TABLE contact_cases (
    contact INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    PRIMARY KEY (contact, case_id)
);
CREATE INDEX contact_cases_by_case ON contact_cases (case_id);
CREATE TABLE attachments (
    id      INTEGER NOT NULL PRIMARY KEY,
    file    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    size    INTEGER NOT NULL,
    case_id INTEGER,
    contact INTEGER,
    person  INTEGER,
    at      INTEGER NOT NULL,
    checked TEXT   NOT NULL
);
CREATE INDEX attachments_by_case ON attachments (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX attachments_by_contact ON attachments (contact) WHERE contact IS NOT NULL;
CREATE INDEX attachments_by_file ON attachments (file);
CREATE INDEX attachments_by_size ON attachments (size);
CREATE INDEX attachments_unbound ON attachments (at) WHERE case_id IS NULL AND contact IS NULL;
-- Numbers of outside bodies, and what was erased on a person's request.
CREATE TABLE outside_bodies (
    id      INTEGER NOT NULL PRIMARY KEY,
    kind    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    number  TEXT   NOT NULL,
    area    TEXT   NOT NULL,
    hours   TEXT   NOT NULL,
    note    TEXT   NOT NULL,
    active  INTEGER NOT NULL
);
CREATE INDEX outside_bodies_by_kind ON outside_bodies (kind, id);
CREATE TABLE erasures (
    id       INTEGER NOT NULL PRIMARY KEY,
    customer INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    person   INTEGER,
    reason   TEXT   NOT NULL,
    records  TEXT   NOT NULL,
    kept     TEXT   NOT NULL
);
CREATE INDEX erasures_by_customer ON erasures (customer);
