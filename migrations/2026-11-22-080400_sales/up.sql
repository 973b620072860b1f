-- The sale path: rows that are written once, and no row that sales of a site or district share.

-- The sale as business: money, real energy, price, who and where. Nothing here ever changes.
CREATE TABLE sale (
    org_id             UUID NOT NULL,
    sale_id            UUID NOT NULL,
    account_id         UUID NOT NULL,
    meter_id           UUID NOT NULL,
    kind               TEXT NOT NULL,
    period             INT4 NOT NULL,
    -- The purchase number on the card. The meter takes it once.
    count              INT4 NOT NULL,
    -- Real energy, billed.
    energy_wh          INT8 NOT NULL,
    amount_fen         INT8 NOT NULL,
    price_micro        INT8 NOT NULL,
    tariff_version_id  UUID NOT NULL,
    multiplier         INT4 NOT NULL,
    -- Real energy: of the pending adjustment what went into this sale (with its sign), and what its rounding adds to it.
    adjustment_used_wh INT8 NOT NULL,
    carry_wh           INT8 NOT NULL,
    -- Meter energy.
    preset_deducted_wh INT8 NOT NULL,
    quantity_wh        INT8 NOT NULL,
    area_id            UUID NOT NULL,
    site_id            UUID NOT NULL,
    workstation_id     UUID NOT NULL,
    operator_id        UUID NOT NULL,
    payment            TEXT NOT NULL,
    -- What the customer handed over, when it was cash.
    cash_fen           INT8,
    request_hash       BYTEA NOT NULL,
    created_at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, sale_id),
    -- What the card carries is what was sold, with adjustment and preset: on every sale, for ever.
    CONSTRAINT sale_energy_check CHECK (
        quantity_wh > 0
        AND quantity_wh * multiplier
            = energy_wh + adjustment_used_wh - carry_wh - preset_deducted_wh * multiplier
    )
);
-- The one index here that does not lead with the organisation: led by it, it would cost the same as the primary key, by
-- the estimate for an empty table, to find a sale by its id. Sessions keep such plans, and each sale would then read all
-- of an organisation's entries until the table is next analysed.
CREATE INDEX sale_account_idx ON sale (account_id, sale_id);
CREATE INDEX sale_created_brin ON sale USING brin (created_at);
SELECT dianka_tenant_table('sale', 'SELECT, INSERT');

-- The same sale as card: the frozen images, the plan and the parameters that go onto it. A table of its own since
-- one image may later serve several writes (a replacement repeats it) and lists of sales never read images.
CREATE TABLE card_op (
    org_id         UUID NOT NULL,
    -- The sale's id, for the operation that is the sale itself.
    op_id          UUID NOT NULL,
    kind           TEXT NOT NULL,
    sale_id        UUID NOT NULL,
    card_no        INT8 NOT NULL,
    generation     INT4 NOT NULL,
    alarm_wh       INT8 NOT NULL,
    hoard_wh       INT8 NOT NULL,
    overdraft_wh   INT8 NOT NULL,
    limit_mode     INT4 NOT NULL,
    capacity_w     INT8 NOT NULL,
    driver_id      TEXT NOT NULL,
    driver_version TEXT NOT NULL,
    driver_sha256  BYTEA NOT NULL,
    -- The card session that the image was read in.
    session        TEXT NOT NULL,
    before_image   BYTEA NOT NULL,
    target_image   BYTEA NOT NULL,
    plan           JSONB NOT NULL,
    PRIMARY KEY (org_id, op_id)
);
SELECT dianka_tenant_table('card_op', 'SELECT, INSERT');

-- What is unfinished. One open sale per account: the primary key says so.
CREATE TABLE sale_open (
    org_id     UUID NOT NULL,
    account_id UUID NOT NULL,
    sale_id    UUID NOT NULL,
    -- The newest ticket's epoch.
    epoch      INT4 NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, account_id)
) WITH (fillfactor = 70);
SELECT dianka_tenant_table('sale_open', 'SELECT, INSERT, UPDATE, DELETE');

-- Permission for one station to write one image onto one card in one session. Epochs rise.
CREATE TABLE ticket (
    org_id         UUID NOT NULL,
    sale_id        UUID NOT NULL,
    epoch          INT4 NOT NULL,
    workstation_id UUID NOT NULL,
    session        TEXT NOT NULL,
    issued_at      TIMESTAMPTZ NOT NULL,
    body           JSONB NOT NULL,
    PRIMARY KEY (org_id, sale_id, epoch)
);
SELECT dianka_tenant_table('ticket', 'SELECT, INSERT');

-- How a sale ended, with the evidence that decided it and the receipt as it was printed.
CREATE TABLE sale_outcome (
    org_id         UUID NOT NULL,
    sale_id        UUID NOT NULL,
    account_id     UUID NOT NULL,
    meter_id       UUID NOT NULL,
    area_id        UUID NOT NULL,
    period         INT4 NOT NULL,
    count          INT4 NOT NULL,
    outcome        TEXT NOT NULL,
    workstation_id UUID NOT NULL,
    -- The organisation's own date: what day and month a sale counts in.
    day            DATE NOT NULL,
    receipt_no     INT8,
    evidence       JSONB NOT NULL,
    document       JSONB,
    at             TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, sale_id),
    CONSTRAINT sale_outcome_receipt_key UNIQUE (org_id, workstation_id, receipt_no)
);
-- The last wall: one quantity per meter, period and purchase number, for ever.
CREATE UNIQUE INDEX sale_outcome_number_key ON sale_outcome (org_id, meter_id, period, count)
    WHERE outcome = 'committed';
CREATE INDEX sale_outcome_area_idx ON sale_outcome (org_id, area_id, day);
SELECT dianka_tenant_table('sale_outcome', 'SELECT, INSERT');

-- The ledger: one row per movement, so it cannot be unbalanced. Money in fen and real energy in Wh.
CREATE TABLE transfer (
    org_id     UUID NOT NULL,
    -- The sale or adjustment that moved it.
    event_id   UUID NOT NULL,
    step       TEXT NOT NULL,
    line       INT4 NOT NULL,
    -- Numbers of the ledger's accounts (dianka_domain::ledger).
    debit      INT4 NOT NULL,
    credit     INT4 NOT NULL,
    amount_fen INT8 NOT NULL,
    energy_wh  INT8 NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, event_id, step, line),
    CONSTRAINT transfer_check CHECK (debit <> credit AND amount_fen >= 0 AND energy_wh >= 0)
);
SELECT dianka_tenant_table('transfer', 'SELECT, INSERT');

-- Every reading of a card, whole, as it was found.
CREATE TABLE card_read (
    org_id             UUID NOT NULL,
    read_id            UUID NOT NULL,
    account_id         UUID,
    card_no            INT8,
    workstation_id     UUID NOT NULL,
    operator_id        UUID,
    session            TEXT NOT NULL,
    kind               TEXT NOT NULL,
    image              BYTEA NOT NULL,
    tries              INT4 NOT NULL,
    -- What the meter returned 返写; NULL where it has not.
    returned_count     INT4,
    remaining_wh       INT8,
    total_used_wh      INT8,
    total_purchased_wh INT8,
    overdraft_wh       INT8,
    power_w            INT8,
    status_word        INT4,
    details            JSONB,
    at                 TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, read_id)
);
CREATE INDEX card_read_account_idx ON card_read (org_id, account_id, read_id);
SELECT dianka_tenant_table('card_read', 'SELECT, INSERT');

-- Receipts printed: copy 0 is the original, the others are marked and counted.
CREATE TABLE document_print (
    org_id      UUID NOT NULL,
    sale_id     UUID NOT NULL,
    copy        INT4 NOT NULL CHECK (copy >= 0),
    operator_id UUID NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, sale_id, copy)
);
SELECT dianka_tenant_table('document_print', 'SELECT, INSERT');
