-- What a person chose on their screens: views, columns. Not in history.
CREATE TABLE preferences (
    person BIGINT NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    value  TEXT   NOT NULL,
    PRIMARY KEY (person, key)
);
-- The board reads open cases by their nearest due time, whatever their unit.
CREATE INDEX cases_open_by_due ON cases (due, id) WHERE ended IS NULL;
CREATE INDEX cases_supervised ON cases (due, id) WHERE ended IS NULL AND supervised <> 0;
