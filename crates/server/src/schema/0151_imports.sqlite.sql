-- What was brought in from files: the file, how its columns are read, each row with the record it became.
CREATE TABLE imports (
    id       INTEGER NOT NULL PRIMARY KEY,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    person   INTEGER NOT NULL,
    made     INTEGER NOT NULL,
    state    TEXT NOT NULL,
    headers  TEXT NOT NULL,
    rows     INTEGER NOT NULL,
    wish     TEXT,
    job      INTEGER
);
CREATE TABLE import_rows (
    import INTEGER NOT NULL,
    line   INTEGER NOT NULL,
    record INTEGER NOT NULL,
    source TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (import, line)
);
CREATE TABLE import_faults (
    import INTEGER NOT NULL,
    no     INTEGER NOT NULL,
    line   INTEGER NOT NULL,
    header TEXT NOT NULL,
    value  TEXT NOT NULL,
    zh     TEXT NOT NULL,
    en     TEXT NOT NULL,
    PRIMARY KEY (import, no)
);
