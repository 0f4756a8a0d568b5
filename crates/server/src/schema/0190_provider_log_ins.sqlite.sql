-- Log-ins that were sent to the OpenID provider and are not back yet. Not in history.
CREATE TABLE provider_log_ins (
    state_hash   TEXT NOT NULL PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    nonce        TEXT NOT NULL,
    verifier     TEXT NOT NULL,
    back         TEXT NOT NULL,
    ends         INTEGER NOT NULL,
    person       INTEGER
);
CREATE INDEX provider_log_ins_by_end ON provider_log_ins (ends);
