-- Meters whose carrier is a token: the credit is a row of digits that the customer types into the meter.

-- How purchases reach the meters of this type, and what the driver is told of them when it makes a token (supply group,
-- key revision, ...): a list of {"name", "value"}, without anything secret.
ALTER TABLE meter_type
    ADD COLUMN carrier TEXT NOT NULL DEFAULT 'card' CHECK (carrier IN ('card', 'token')),
    ADD COLUMN token_params JSONB NOT NULL DEFAULT '[]';

-- Numbers of keypad meters have 11 or 13 digits, the last of which is a check digit.
ALTER TABLE meter
    DROP CONSTRAINT meter_factory_no_check,
    ADD CONSTRAINT meter_factory_no_check CHECK (factory_no ~ '^([0-9]{8}|[0-9]{11}|[0-9]{13})$');

-- The same sale as token, beside card_op: one of the two belongs to every sale. Frozen: the same sale is the same token.
CREATE TABLE token_op (
    org_id         UUID NOT NULL,
    sale_id        UUID NOT NULL,
    meter_id       UUID NOT NULL,
    -- Name of the vending key; the key itself is nowhere in the database.
    key_slot       TEXT NOT NULL,
    -- The number that makes it another token than all others of this meter under this key.
    identifier     INT8 NOT NULL,
    digits         TEXT NOT NULL,
    driver_id      TEXT NOT NULL,
    driver_version TEXT NOT NULL,
    driver_sha256  BYTEA NOT NULL,
    PRIMARY KEY (org_id, sale_id),
    -- The last wall: a meter takes an identifier once, so none is ever sold to it twice.
    CONSTRAINT token_op_identifier_key UNIQUE (org_id, meter_id, key_slot, identifier)
);
SELECT dianka_tenant_table('token_op', 'SELECT, INSERT');

-- The identifier of the last token, per meter and key: the next one's is greater.
CREATE TABLE token_last (
    org_id     UUID NOT NULL,
    meter_id   UUID NOT NULL,
    key_slot   TEXT NOT NULL,
    identifier INT8 NOT NULL,
    PRIMARY KEY (org_id, meter_id, key_slot)
) WITH (fillfactor = 70);
SELECT dianka_tenant_table('token_last', 'SELECT, INSERT, UPDATE');

-- What sale_token takes, beside sale_facts; the order of columns is a contract with store/src/wire.rs.
CREATE TYPE token_facts AS (
    generation     INT4,
    key_slot       TEXT,
    after          INT8,
    identifier     INT8,
    digits         TEXT,
    driver_id      TEXT,
    driver_version TEXT,
    driver_sha256  BYTEA
);
