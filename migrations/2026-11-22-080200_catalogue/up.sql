-- Line areas 线路区域: organisation, line, transformer district 台区, building 楼栋.
CREATE TABLE area (
    org_id     UUID NOT NULL,
    area_id    UUID NOT NULL,
    parent_id  UUID,
    code       TEXT NOT NULL CHECK (code <> ''),
    name       TEXT NOT NULL CHECK (name <> ''),
    kind       TEXT NOT NULL CHECK (kind IN ('organisation', 'line', 'district', 'building')),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, area_id),
    CONSTRAINT area_code_key UNIQUE (org_id, code)
);
CREATE INDEX area_parent_idx ON area (org_id, parent_id);
SELECT dianka_tenant_table('area', 'SELECT, INSERT, UPDATE');

-- Every pair of ancestor and descendant, the area itself included (distance 0): analysis at any level is one join.
CREATE TABLE area_closure (
    org_id        UUID NOT NULL,
    ancestor_id   UUID NOT NULL,
    descendant_id UUID NOT NULL,
    distance      INT4 NOT NULL CHECK (distance >= 0),
    PRIMARY KEY (org_id, ancestor_id, descendant_id)
);
CREATE INDEX area_closure_descendant_idx ON area_closure (org_id, descendant_id, distance);
SELECT dianka_tenant_table('area_closure', 'SELECT, INSERT');

-- A meter type names the driver that speaks for it. Types in use are retired, never deleted.
CREATE TABLE meter_type (
    org_id         UUID NOT NULL,
    meter_type_id  UUID NOT NULL,
    name           TEXT NOT NULL CHECK (name <> ''),
    model          TEXT NOT NULL,
    driver_id      TEXT NOT NULL CHECK (driver_id <> ''),
    driver_version TEXT NOT NULL,
    constant_imp   INT4 NOT NULL CHECK (constant_imp > 0),
    rated_ma       INT4 NOT NULL CHECK (rated_ma > 0),
    max_ma         INT4 NOT NULL CHECK (max_ma >= rated_ma),
    phases         INT4 NOT NULL CHECK (phases IN (1, 3)),
    voltage_v      INT4 NOT NULL CHECK (voltage_v > 0),
    -- Meter energy, as the meter holds it. NULL alarm: the driver's own rule (10 %).
    hoard_wh       INT8 NOT NULL CHECK (hoard_wh >= 0),
    overdraft_wh   INT8 NOT NULL CHECK (overdraft_wh >= 0),
    preset_wh      INT8 NOT NULL CHECK (preset_wh >= 0),
    alarm_wh       INT8 CHECK (alarm_wh >= 0),
    retired        BOOL NOT NULL DEFAULT false,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, meter_type_id),
    CONSTRAINT meter_type_name_key UNIQUE (org_id, name)
);
SELECT dianka_tenant_table('meter_type', 'SELECT, INSERT, UPDATE');

CREATE TABLE tariff (
    org_id     UUID NOT NULL,
    tariff_id  UUID NOT NULL,
    code       TEXT NOT NULL CHECK (code <> ''),
    name       TEXT NOT NULL CHECK (name <> ''),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, tariff_id),
    CONSTRAINT tariff_code_key UNIQUE (org_id, code)
);
SELECT dianka_tenant_table('tariff', 'SELECT, INSERT, UPDATE');

-- A version is never changed: a sale keeps the price that it was made at.
CREATE TABLE tariff_version (
    org_id            UUID NOT NULL,
    tariff_version_id UUID NOT NULL,
    tariff_id         UUID NOT NULL,
    -- Micro-yuan per kWh.
    price_micro       INT8 NOT NULL CHECK (price_micro > 0),
    -- The first day on which it holds; it holds until the next version begins.
    valid_from        DATE NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, tariff_version_id),
    CONSTRAINT tariff_version_from_key UNIQUE (org_id, tariff_id, valid_from)
);
SELECT dianka_tenant_table('tariff_version', 'SELECT, INSERT');

-- Which driver package an organisation has put into service, with the digest that was approved.
CREATE TABLE driver_activation (
    org_id         UUID NOT NULL,
    driver_id      TEXT NOT NULL,
    driver_version TEXT NOT NULL,
    driver_sha256  BYTEA NOT NULL CHECK (octet_length(driver_sha256) = 32),
    kind           TEXT NOT NULL CHECK (kind IN ('meter', 'reader')),
    state          TEXT NOT NULL CHECK (state IN ('active', 'retired', 'quarantined')),
    reason         TEXT,
    operator_id    UUID,
    changed_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, driver_id, driver_version, driver_sha256)
);
SELECT dianka_tenant_table('driver_activation', 'SELECT, INSERT, UPDATE');
