-- Work that takes longer than a request: imports, exports. A row is due while there is something to do, and taken while
-- a node does it.
CREATE TABLE jobs (
    id          INTEGER NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    person      INTEGER NOT NULL,
    asked       TEXT NOT NULL,
    state       TEXT NOT NULL,
    done        INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    result      TEXT,
    why_zh      TEXT,
    why_en      TEXT,
    made        INTEGER NOT NULL,
    ended       INTEGER,
    attempts    INTEGER NOT NULL,
    cancelled   INTEGER NOT NULL,
    due         INTEGER,
    taken_until INTEGER NOT NULL
);
CREATE INDEX jobs_by_person ON jobs (person, id);
CREATE INDEX jobs_due ON jobs (due, id);
CREATE INDEX jobs_ended ON jobs (ended);

-- What a job made, in portions.
CREATE TABLE job_files (
    job  INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (job, part)
);
