-- What people choose of notices, and who subscribed to what happens: settings, with a history.
CREATE TABLE notice_settings (
    id          BIGINT NOT NULL PRIMARY KEY,
    person      BIGINT NOT NULL,
    mail        TEXT COLLATE "C" NOT NULL,
    phone       TEXT COLLATE "C" NOT NULL,
    by_mail     TEXT COLLATE "C" NOT NULL,
    by_sms      TEXT COLLATE "C" NOT NULL,
    quiet_from  BIGINT,
    quiet_until BIGINT
);
CREATE UNIQUE INDEX notice_settings_by_person ON notice_settings (person);
CREATE TABLE webhooks (
    id     BIGINT NOT NULL PRIMARY KEY,
    name   TEXT COLLATE "C" NOT NULL,
    url    TEXT COLLATE "C" NOT NULL,
    kinds  TEXT COLLATE "C" NOT NULL,
    unit   BIGINT NOT NULL,
    active BIGINT NOT NULL
);
-- Not in history: secrets, notices to people, messages on their way out and what they cost.
CREATE TABLE webhook_secrets (
    webhook BIGINT NOT NULL PRIMARY KEY,
    secret  TEXT COLLATE "C" NOT NULL
);
CREATE TABLE notices (
    id      BIGINT NOT NULL PRIMARY KEY,
    person  BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    zh      TEXT COLLATE "C" NOT NULL,
    en      TEXT COLLATE "C" NOT NULL,
    seen    BIGINT
);
CREATE INDEX notices_by_person ON notices (person, id);
CREATE INDEX notices_unseen ON notices (person, id) WHERE seen IS NULL;
CREATE INDEX notices_by_event ON notices (case_id, seq);
CREATE TABLE outbox (
    id          BIGINT NOT NULL PRIMARY KEY,
    key         TEXT COLLATE "C" NOT NULL,
    channel     TEXT COLLATE "C" NOT NULL,
    recipient   TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    case_id     BIGINT,
    seq         BIGINT,
    state       TEXT COLLATE "C" NOT NULL,
    attempts    BIGINT NOT NULL,
    made        BIGINT NOT NULL,
    due         BIGINT,
    taken_until BIGINT NOT NULL,
    sent        BIGINT,
    gateway_id  TEXT COLLATE "C",
    segments    BIGINT,
    error       TEXT COLLATE "C"
);
CREATE UNIQUE INDEX outbox_by_key ON outbox (key);
CREATE INDEX outbox_due ON outbox (due, id) WHERE due IS NOT NULL;
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_channel ON outbox (channel, recipient, id);
CREATE INDEX outbox_by_event ON outbox (case_id, seq);
CREATE INDEX outbox_by_gateway_id ON outbox (gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX outbox_by_age ON outbox (made) WHERE due IS NULL;
CREATE TABLE message_usage (
    period TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    used   BIGINT NOT NULL
);
