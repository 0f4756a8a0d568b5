-- Messages to customers: whose they are, so that what became of them can be shown and they can be erased with the person.
ALTER TABLE outbox ADD COLUMN customer INTEGER;
ALTER TABLE outbox ADD COLUMN outward INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_by_customer ON outbox (customer) WHERE customer IS NOT NULL;
DROP INDEX outbox_by_age;
CREATE INDEX outbox_by_age ON outbox (made) WHERE due IS NULL AND outward = 0;
CREATE INDEX outbox_outward_by_age ON outbox (made) WHERE due IS NULL AND outward = 1 AND recipient <> '';
