-- Replacement cards 补卡: a new card with the purchase that was last sold, for one that is lost, damaged or locked. The
-- same number and quantity, so a meter that has taken it already ignores it, and one that has not takes it once. No money.

-- What was decided. Nothing here ever changes. What is written stands in card_op, with kind 'replace'; its tickets stand in
-- ticket, under op_id in the place of a sale's.
CREATE TABLE replacement (
    org_id         UUID NOT NULL,
    -- The client's id.
    op_id          UUID NOT NULL,
    account_id     UUID NOT NULL,
    -- The sale whose purchase it repeats: the open one, or else the last one.
    sale_id        UUID NOT NULL,
    -- 'lost', 'damaged' or 'locked'.
    reason         TEXT NOT NULL,
    old_card_no    INT8 NOT NULL,
    card_no        INT8 NOT NULL,
    workstation_id UUID NOT NULL,
    operator_id    UUID NOT NULL,
    request_hash   BYTEA NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, op_id),
    CONSTRAINT replacement_card_no_key UNIQUE (org_id, card_no)
);
CREATE INDEX replacement_account_idx ON replacement (org_id, account_id, created_at);
SELECT dianka_tenant_table('replacement', 'SELECT, INSERT');

-- What is unfinished. One replacement per account: the primary key says so.
CREATE TABLE replacement_open (
    org_id     UUID NOT NULL,
    account_id UUID NOT NULL,
    op_id      UUID NOT NULL,
    -- The newest ticket's epoch.
    epoch      INT4 NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, account_id)
) WITH (fillfactor = 70);
SELECT dianka_tenant_table('replacement_open', 'SELECT, INSERT, UPDATE, DELETE');

-- How a replacement ended. There is one way only: its own card was read and carries the target.
CREATE TABLE replacement_outcome (
    org_id         UUID NOT NULL,
    op_id          UUID NOT NULL,
    workstation_id UUID NOT NULL,
    evidence       JSONB NOT NULL,
    at             TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, op_id)
);
SELECT dianka_tenant_table('replacement_outcome', 'SELECT, INSERT');

ALTER TABLE replacement ADD CONSTRAINT replacement_account_fkey
    FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id);
ALTER TABLE replacement ADD CONSTRAINT replacement_sale_fkey
    FOREIGN KEY (org_id, sale_id) REFERENCES sale (org_id, sale_id);
ALTER TABLE replacement ADD CONSTRAINT replacement_operator_fkey
    FOREIGN KEY (org_id, operator_id) REFERENCES operator (org_id, operator_id);
ALTER TABLE replacement ADD CONSTRAINT replacement_workstation_fkey
    FOREIGN KEY (org_id, workstation_id) REFERENCES workstation (org_id, workstation_id);
ALTER TABLE replacement_outcome ADD CONSTRAINT replacement_outcome_replacement_fkey
    FOREIGN KEY (org_id, op_id) REFERENCES replacement (org_id, op_id);

-- What replacement_begin takes, beside card_op_facts; the order of columns is a contract with store/src/wire.rs.
CREATE TYPE replacement_facts AS (
    op_id          UUID,
    account_id     UUID,
    sale_id        UUID,
    reason         TEXT,
    card_id        UUID,
    old_card_no    INT8,
    workstation_id UUID,
    operator_id    UUID,
    request_hash   BYTEA,
    created_at     TIMESTAMPTZ
);
