-- Months of the clause report as they stood when they were closed: a projection of the records that closed them.
CREATE TABLE closed_months (
    pack      TEXT COLLATE "C" NOT NULL,
    month     TEXT COLLATE "C" NOT NULL,
    id        BIGINT NOT NULL,
    pack_hash TEXT COLLATE "C" NOT NULL,
    as_of     BIGINT NOT NULL,
    closed    BIGINT NOT NULL,
    closed_by BIGINT,
    counts    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pack, month)
);
