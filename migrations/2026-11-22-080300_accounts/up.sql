CREATE TABLE meter (
    org_id           UUID NOT NULL,
    meter_id         UUID NOT NULL,
    -- Factory number 厂号.
    factory_no       TEXT NOT NULL CHECK (factory_no ~ '^[0-9]{8}$'),
    meter_type_id    UUID NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('stock', 'assigned', 'removed', 'scrapped')),
    -- Start reading 起度 of the mechanical register.
    start_reading_wh INT8 NOT NULL CHECK (start_reading_wh >= 0),
    -- Counts the lives of a meter: clearing one starts its purchase numbers again.
    period           INT4 NOT NULL DEFAULT 1 CHECK (period > 0),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, meter_id),
    CONSTRAINT meter_factory_no_key UNIQUE (org_id, factory_no)
);
CREATE INDEX meter_status_idx ON meter (org_id, status, factory_no);
SELECT dianka_tenant_table('meter', 'SELECT, INSERT, UPDATE');

-- On the rows that every sale writes, checks are few: Postgres reads and prepares each of them again for every statement
-- (all the checks that one would like cost 40 % of a sale's processor time). Those that stay are walls between sales;
-- that a text is one of its values is seen to by the types that write it, and by those that read it.

-- The account: whose meter it is, and the counters that a sale is decided on. Energy owed is real energy; what
-- the meter holds (preset, limits) is meter energy, that is real energy divided by the multiplier.
CREATE TABLE account (
    org_id                UUID NOT NULL,
    account_id            UUID NOT NULL,
    user_no               INT8 NOT NULL,
    name                  TEXT NOT NULL,
    unit                  TEXT NOT NULL DEFAULT '',
    address               TEXT NOT NULL DEFAULT '',
    phone                 TEXT NOT NULL DEFAULT '',
    area_id               UUID NOT NULL,
    meter_id              UUID NOT NULL,
    tariff_id             UUID NOT NULL,
    pt_primary            INT4 NOT NULL,
    pt_secondary          INT4 NOT NULL,
    ct_primary            INT4 NOT NULL,
    ct_secondary          INT4 NOT NULL,
    multiplier            INT4 NOT NULL,
    limit_mode            INT4 NOT NULL,
    capacity_w            INT8 NOT NULL,
    -- The meter's period that the counters below belong to.
    period                INT4 NOT NULL,
    -- Highest purchase number sold, and highest proven taken by the meter.
    sold                  INT4 NOT NULL DEFAULT 0,
    acked                 INT4 NOT NULL DEFAULT 0,
    -- Generation of the account's current card.
    issue                 INT4 NOT NULL DEFAULT 1,
    -- Adjustment 找补电量 waiting for the next purchase: positive is owed to the customer.
    adjustment_pending_wh INT8 NOT NULL DEFAULT 0,
    -- Preset quantity 预置电量 that the system still has to deduct from the first purchase.
    preset_pending_wh     INT8 NOT NULL DEFAULT 0,
    -- Overrides of the meter type's limits.
    hoard_wh              INT8,
    alarm_wh              INT8,
    overdraft_wh          INT8,
    -- Rises with every change that a decision in flight must not survive.
    version               INT8 NOT NULL DEFAULT 1,
    status                TEXT NOT NULL DEFAULT 'open',
    total_fen             INT8 NOT NULL DEFAULT 0,
    total_wh              INT8 NOT NULL DEFAULT 0,
    opened_at             TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_user_no_key UNIQUE (org_id, user_no),
    CONSTRAINT account_counter_check CHECK (acked >= 0 AND acked <= sold AND preset_pending_wh >= 0)
) WITH (fillfactor = 70);
-- A meter feeds one account at a time.
CREATE UNIQUE INDEX account_meter_key ON account (org_id, meter_id) WHERE status <> 'closed';
CREATE INDEX account_area_idx ON account (org_id, area_id);
CREATE INDEX account_name_idx ON account (org_id, name);
CREATE INDEX account_phone_idx ON account (org_id, phone);
SELECT dianka_tenant_table('account', 'SELECT, INSERT, UPDATE');

CREATE TABLE card (
    org_id     UUID NOT NULL,
    card_id    UUID NOT NULL,
    card_no    INT8 NOT NULL,
    account_id UUID NOT NULL,
    -- Only the card of the account's current generation is ever written.
    generation INT4 NOT NULL,
    state      TEXT NOT NULL,
    -- Whose password the card answers to, as far as it is known.
    psc_state  TEXT NOT NULL,
    -- The error counter at the last read (3 = none used), NULL before the first.
    tries_seen INT4,
    writes     INT4 NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, card_id),
    CONSTRAINT card_no_key UNIQUE (org_id, card_no),
    CONSTRAINT card_generation_key UNIQUE (org_id, account_id, generation)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX card_current_key ON card (org_id, account_id) WHERE state = 'current';
SELECT dianka_tenant_table('card', 'SELECT, INSERT, UPDATE');

-- Every adjustment has a reason and an author. Insert-only; what is pending stands on the account.
CREATE TABLE adjustment (
    org_id        UUID NOT NULL,
    adjustment_id UUID NOT NULL,
    account_id    UUID NOT NULL,
    energy_wh     INT8 NOT NULL CHECK (energy_wh <> 0),
    reason        TEXT NOT NULL CHECK (reason <> ''),
    operator_id   UUID NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, adjustment_id)
);
CREATE INDEX adjustment_account_idx ON adjustment (org_id, account_id, adjustment_id);
SELECT dianka_tenant_table('adjustment', 'SELECT, INSERT');
