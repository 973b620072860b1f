-- What the sale functions take, as types: binary on the wire. (As one JSON document a sale costs 7 % more processor time,
-- for parsing.) Their order of columns is a contract with
-- store/src/wire.rs: a change is a new type and a new function beside the old ones, for one release.
CREATE TYPE sale_facts AS (
    sale_id            UUID,
    account_id         UUID,
    meter_id           UUID,
    kind               TEXT,
    period             INT4,
    count              INT4,
    energy_wh          INT8,
    amount_fen         INT8,
    price_micro        INT8,
    tariff_version_id  UUID,
    multiplier         INT4,
    adjustment_used_wh INT8,
    carry_wh           INT8,
    preset_deducted_wh INT8,
    quantity_wh        INT8,
    area_id            UUID,
    site_id            UUID,
    workstation_id     UUID,
    operator_id        UUID,
    payment            TEXT,
    cash_fen           INT8,
    request_hash       BYTEA,
    created_at         TIMESTAMPTZ
);

CREATE TYPE card_op_facts AS (
    card_no        INT8,
    generation     INT4,
    alarm_wh       INT8,
    hoard_wh       INT8,
    overdraft_wh   INT8,
    limit_mode     INT4,
    capacity_w     INT8,
    driver_id      TEXT,
    driver_version TEXT,
    driver_sha256  BYTEA,
    session        TEXT,
    before_image   BYTEA,
    target_image   BYTEA,
    plan           JSONB
);

CREATE TYPE transfer_facts AS (
    debit      INT4,
    credit     INT4,
    amount_fen INT8,
    energy_wh  INT8
);

CREATE TYPE card_read_facts AS (
    read_id            UUID,
    account_id         UUID,
    card_no            INT8,
    workstation_id     UUID,
    operator_id        UUID,
    session            TEXT,
    kind               TEXT,
    image              BYTEA,
    tries              INT4,
    returned_count     INT4,
    remaining_wh       INT8,
    total_used_wh      INT8,
    total_purchased_wh INT8,
    overdraft_wh       INT8,
    power_w            INT8,
    status_word        INT4,
    details            JSONB,
    at                 TIMESTAMPTZ
);
