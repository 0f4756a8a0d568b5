-- Who looked at, took out or changed what no event of a case tells.
CREATE TABLE access_log (
    id      INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    person  INTEGER,
    address TEXT,
    deed    TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason  TEXT,
    detail  TEXT
);
CREATE INDEX access_log_by_time ON access_log (at, id);
CREATE INDEX access_log_by_person ON access_log (person, at);
CREATE INDEX access_log_by_subject ON access_log (subject, at);
