-- One row per committed sale until the aggregator has folded it. A queue: it stays nearly empty.
CREATE TABLE rollup_delta (
    org_id     UUID NOT NULL,
    sale_id    UUID NOT NULL,
    area_id    UUID NOT NULL,
    site_id    UUID NOT NULL,
    day        DATE NOT NULL,
    energy_wh  INT8 NOT NULL,
    amount_fen INT8 NOT NULL,
    PRIMARY KEY (org_id, sale_id)
);
SELECT dianka_tenant_table('rollup_delta', 'SELECT, INSERT, DELETE');

CREATE TABLE rollup_day (
    org_id     UUID NOT NULL,
    area_id    UUID NOT NULL,
    day        DATE NOT NULL,
    site_id    UUID NOT NULL,
    sales      INT8 NOT NULL,
    energy_wh  INT8 NOT NULL,
    amount_fen INT8 NOT NULL,
    PRIMARY KEY (org_id, area_id, day, site_id)
) WITH (fillfactor = 80);
SELECT dianka_tenant_table('rollup_day', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE rollup_month (
    org_id     UUID NOT NULL,
    area_id    UUID NOT NULL,
    -- The first day of the month.
    month      DATE NOT NULL,
    site_id    UUID NOT NULL,
    sales      INT8 NOT NULL,
    energy_wh  INT8 NOT NULL,
    amount_fen INT8 NOT NULL,
    PRIMARY KEY (org_id, area_id, month, site_id)
) WITH (fillfactor = 80);
SELECT dianka_tenant_table('rollup_month', 'SELECT, INSERT, UPDATE, DELETE');

-- Who did what, apart from sales, whose own rows are insert-only and carry author, place and time.
-- prev_hash and hash are for the chain that makes a removed row visible.
CREATE TABLE audit (
    org_id         UUID NOT NULL,
    seq            INT8 NOT NULL GENERATED ALWAYS AS IDENTITY,
    at             TIMESTAMPTZ NOT NULL,
    operator_id    UUID,
    workstation_id UUID,
    action         TEXT NOT NULL,
    subject_kind   TEXT NOT NULL,
    subject_id     UUID,
    detail         JSONB NOT NULL,
    request_id     TEXT,
    prev_hash      BYTEA,
    hash           BYTEA,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX audit_subject_idx ON audit (org_id, subject_id, seq);
SELECT dianka_tenant_table('audit', 'SELECT, INSERT');
