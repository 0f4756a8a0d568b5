-- Work that takes longer than a request: imports, exports. A row is due while there is something to do, and taken while
-- a node does it.
CREATE TABLE jobs (
    id          BIGINT NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    person      BIGINT NOT NULL,
    asked       TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    done        BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    result      TEXT COLLATE "C",
    why_zh      TEXT COLLATE "C",
    why_en      TEXT COLLATE "C",
    made        BIGINT NOT NULL,
    ended       BIGINT,
    attempts    BIGINT NOT NULL,
    cancelled   BIGINT NOT NULL,
    due         BIGINT,
    taken_until BIGINT NOT NULL
);
CREATE INDEX jobs_by_person ON jobs (person, id);
CREATE INDEX jobs_due ON jobs (due, id);
CREATE INDEX jobs_ended ON jobs (ended);

-- What a job made, in portions.
CREATE TABLE job_files (
    job  BIGINT NOT NULL,
    part BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (job, part)
);
