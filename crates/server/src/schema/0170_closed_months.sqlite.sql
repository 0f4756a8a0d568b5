-- Months of the clause report as they stood when they were closed: a projection of the records that closed them.
CREATE TABLE closed_months (
    pack      TEXT NOT NULL,
    month     TEXT NOT NULL,
    id        INTEGER NOT NULL,
    pack_hash TEXT NOT NULL,
    as_of     INTEGER NOT NULL,
    closed    INTEGER NOT NULL,
    closed_by INTEGER,
    counts    TEXT NOT NULL,
    PRIMARY KEY (pack, month)
);
