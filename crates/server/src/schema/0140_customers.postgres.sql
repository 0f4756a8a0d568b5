-- Customers in full, contacts, attachments, marks, outside bodies, erasures: projections of events.
CREATE TABLE customer_profiles (
    id          BIGINT NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    unit        BIGINT,
    registrar   BIGINT,
    registered  BIGINT,
    merged_into BIGINT,
    needs       TEXT COLLATE "C" NOT NULL,
    preferences TEXT COLLATE "C" NOT NULL
);
CREATE INDEX customer_profiles_by_unit ON customer_profiles (unit) WHERE unit IS NOT NULL;
CREATE INDEX customer_profiles_by_merge ON customer_profiles (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE customer_numbers (
    customer  BIGINT NOT NULL,
    no        BIGINT NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    number    TEXT COLLATE "C" NOT NULL,
    extension TEXT COLLATE "C" NOT NULL,
    label     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer, no)
);
CREATE TABLE customer_places (
    customer  BIGINT NOT NULL,
    no        BIGINT NOT NULL,
    label     TEXT COLLATE "C" NOT NULL,
    area      TEXT COLLATE "C" NOT NULL,
    building  TEXT COLLATE "C" NOT NULL,
    unit      TEXT COLLATE "C" NOT NULL,
    room      TEXT COLLATE "C" NOT NULL,
    text      TEXT COLLATE "C" NOT NULL,
    place_key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer, no)
);
CREATE INDEX customer_places_by_key ON customer_places (place_key);
CREATE TABLE customer_relations (
    customer BIGINT NOT NULL,
    other    BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    note     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer, other, kind)
);
CREATE INDEX customer_relations_by_other ON customer_relations (other);
CREATE TABLE customer_tags (
    customer BIGINT NOT NULL,
    tag      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer, tag)
);
CREATE INDEX customer_tags_by_tag ON customer_tags (tag, customer);
CREATE TABLE customer_services (
    customer BIGINT NOT NULL,
    no       BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    what     TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    until    BIGINT,
    amount   BIGINT,
    note     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer, no)
);
CREATE TABLE customer_sounds (
    customer BIGINT NOT NULL PRIMARY KEY,
    sound    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX customer_sounds_by_sound ON customer_sounds (sound);
CREATE TABLE customer_merges (
    id         BIGINT NOT NULL PRIMARY KEY,
    kept       BIGINT NOT NULL,
    merged     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    person     BIGINT,
    kept_seq   BIGINT NOT NULL,
    merged_seq BIGINT NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    undone     BIGINT
);
CREATE INDEX customer_merges_by_kept ON customer_merges (kept);
CREATE INDEX customer_merges_by_merged ON customer_merges (merged);
CREATE TABLE customer_marks (
    case_id  BIGINT NOT NULL,
    mark     TEXT COLLATE "C" NOT NULL,
    customer BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    person   BIGINT,
    PRIMARY KEY (case_id, mark)
);
CREATE INDEX customer_marks_by_customer ON customer_marks (customer);
CREATE TABLE contacts (
    id        BIGINT NOT NULL PRIMARY KEY,
    channel   TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL,
    person    BIGINT,
    customer  BIGINT,
    unit      BIGINT NOT NULL,
    number    TEXT COLLATE "C" NOT NULL,
    summary   TEXT COLLATE "C" NOT NULL,
    answer    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX contacts_by_customer ON contacts (customer, at) WHERE customer IS NOT NULL;
CREATE INDEX contacts_by_unit ON contacts (unit, at);
CREATE INDEX contacts_by_time ON contacts (at, id);
CREATE TABLE contact_cases (
    contact BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    PRIMARY KEY (contact, case_id)
);
CREATE INDEX contact_cases_by_case ON contact_cases (case_id);
CREATE TABLE attachments (
    id      BIGINT NOT NULL PRIMARY KEY,
    file    TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    size    BIGINT NOT NULL,
    case_id BIGINT,
    contact BIGINT,
    person  BIGINT,
    at      BIGINT NOT NULL,
    checked TEXT COLLATE "C" NOT NULL
);
CREATE INDEX attachments_by_case ON attachments (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX attachments_by_contact ON attachments (contact) WHERE contact IS NOT NULL;
CREATE INDEX attachments_by_file ON attachments (file);
CREATE INDEX attachments_by_size ON attachments (size);
CREATE INDEX attachments_unbound ON attachments (at) WHERE case_id IS NULL AND contact IS NULL;
-- Numbers of outside bodies, and what was erased on a person's request.
CREATE TABLE outside_bodies (
    id      BIGINT NOT NULL PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    number  TEXT COLLATE "C" NOT NULL,
    area    TEXT COLLATE "C" NOT NULL,
    hours   TEXT COLLATE "C" NOT NULL,
    note    TEXT COLLATE "C" NOT NULL,
    active  BIGINT NOT NULL
);
CREATE INDEX outside_bodies_by_kind ON outside_bodies (kind, id);
CREATE TABLE erasures (
    id       BIGINT NOT NULL PRIMARY KEY,
    customer BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    person   BIGINT,
    reason   TEXT COLLATE "C" NOT NULL,
    records  TEXT COLLATE "C" NOT NULL,
    kept     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX erasures_by_customer ON erasures (customer);
