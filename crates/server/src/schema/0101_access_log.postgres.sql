-- Who looked at, took out or changed what no event of a case tells.
CREATE TABLE access_log (
    id      BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    person  BIGINT,
    address TEXT COLLATE "C",
    deed    TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    reason  TEXT COLLATE "C",
    detail  TEXT COLLATE "C"
);
CREATE INDEX access_log_by_time ON access_log (at, id);
CREATE INDEX access_log_by_person ON access_log (person, at);
CREATE INDEX access_log_by_subject ON access_log (subject, at);
