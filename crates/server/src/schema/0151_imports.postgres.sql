-- What was brought in from files: the file, how its columns are read, each row with the record it became.
CREATE TABLE imports (
    id       BIGINT NOT NULL PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    person   BIGINT NOT NULL,
    made     BIGINT NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    headers  TEXT COLLATE "C" NOT NULL,
    rows     BIGINT NOT NULL,
    wish     TEXT COLLATE "C",
    job      BIGINT
);
CREATE TABLE import_rows (
    import BIGINT NOT NULL,
    line   BIGINT NOT NULL,
    record BIGINT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    seq    BIGINT NOT NULL,
    PRIMARY KEY (import, line)
);
CREATE TABLE import_faults (
    import BIGINT NOT NULL,
    no     BIGINT NOT NULL,
    line   BIGINT NOT NULL,
    header TEXT COLLATE "C" NOT NULL,
    value  TEXT COLLATE "C" NOT NULL,
    zh     TEXT COLLATE "C" NOT NULL,
    en     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (import, no)
);
