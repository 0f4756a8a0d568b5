-- What people choose of notices, and who subscribed to what happens: settings, with a history.
CREATE TABLE notice_settings (
    id          INTEGER NOT NULL PRIMARY KEY,
    person      INTEGER NOT NULL,
    mail        TEXT NOT NULL,
    phone       TEXT NOT NULL,
    by_mail     TEXT NOT NULL,
    by_sms      TEXT NOT NULL,
    quiet_from  INTEGER,
    quiet_until INTEGER
);
CREATE UNIQUE INDEX notice_settings_by_person ON notice_settings (person);
CREATE TABLE webhooks (
    id     INTEGER NOT NULL PRIMARY KEY,
    name   TEXT NOT NULL,
    url    TEXT NOT NULL,
    kinds  TEXT NOT NULL,
    unit   INTEGER NOT NULL,
    active INTEGER NOT NULL
);
-- Not in history: secrets, notices to people, messages on their way out and what they cost.
CREATE TABLE webhook_secrets (
    webhook INTEGER NOT NULL PRIMARY KEY,
    secret  TEXT NOT NULL
);
CREATE TABLE notices (
    id      INTEGER NOT NULL PRIMARY KEY,
    person  INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    zh      TEXT NOT NULL,
    en      TEXT NOT NULL,
    seen    INTEGER
);
CREATE INDEX notices_by_person ON notices (person, id);
CREATE INDEX notices_unseen ON notices (person, id) WHERE seen IS NULL;
CREATE INDEX notices_by_event ON notices (case_id, seq);
CREATE TABLE outbox (
    id          INTEGER NOT NULL PRIMARY KEY,
    key         TEXT NOT NULL,
    channel     TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    case_id     INTEGER,
    seq         INTEGER,
    state       TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    made        INTEGER NOT NULL,
    due         INTEGER,
    taken_until INTEGER NOT NULL,
    sent        INTEGER,
    gateway_id  TEXT,
    segments    INTEGER,
    error       TEXT
);
CREATE UNIQUE INDEX outbox_by_key ON outbox (key);
CREATE INDEX outbox_due ON outbox (due, id) WHERE due IS NOT NULL;
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_channel ON outbox (channel, recipient, id);
CREATE INDEX outbox_by_event ON outbox (case_id, seq);
CREATE INDEX outbox_by_gateway_id ON outbox (gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX outbox_by_age ON outbox (made) WHERE due IS NULL;
CREATE TABLE message_usage (
    period TEXT NOT NULL PRIMARY KEY,
    used   INTEGER NOT NULL
);
