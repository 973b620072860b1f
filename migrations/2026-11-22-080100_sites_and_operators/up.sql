-- A sales point 售电点.
CREATE TABLE site (
    org_id     UUID NOT NULL,
    site_id    UUID NOT NULL,
    code       TEXT NOT NULL CHECK (code <> ''),
    name       TEXT NOT NULL CHECK (name <> ''),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, site_id),
    CONSTRAINT site_code_key UNIQUE (org_id, code)
);
SELECT dianka_tenant_table('site', 'SELECT, INSERT, UPDATE');

-- A workstation 工作站: one counter with one card reader. Number 0 is the server's own.
CREATE TABLE workstation (
    org_id           UUID NOT NULL,
    workstation_id   UUID NOT NULL,
    site_id          UUID NOT NULL,
    number           INT4 NOT NULL CHECK (number >= 0),
    name             TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('built-in', 'station')),
    -- SHA-256 of the token that a station presents when it dials in; the token itself is shown once.
    token_hash       BYTEA,
    reader_driver_id TEXT,
    reader_port      TEXT,
    reader_baud      INT4 CHECK (reader_baud > 0),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, workstation_id),
    CONSTRAINT workstation_number_key UNIQUE (org_id, number),
    CONSTRAINT workstation_token_key UNIQUE (org_id, token_hash)
);
SELECT dianka_tenant_table('workstation', 'SELECT, INSERT, UPDATE');

-- Receipt numbers run per workstation: a counter that all sales of a site shared would be a queue.
CREATE TABLE workstation_counter (
    org_id          UUID NOT NULL,
    workstation_id  UUID NOT NULL,
    next_receipt_no INT8 NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, workstation_id)
) WITH (fillfactor = 50);
SELECT dianka_tenant_table('workstation_counter', 'SELECT, INSERT, UPDATE');

CREATE TABLE operator (
    org_id        UUID NOT NULL,
    operator_id   UUID NOT NULL,
    login         TEXT NOT NULL CHECK (login = lower(login) AND login <> ''),
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    rights        TEXT[] NOT NULL CHECK (array_position(rights, NULL) IS NULL),
    password_hash TEXT NOT NULL,
    status        TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, operator_id),
    CONSTRAINT operator_login_key UNIQUE (org_id, login)
);
SELECT dianka_tenant_table('operator', 'SELECT, INSERT, UPDATE');

-- Rotating refresh tokens. A family is one log-in; a token used twice ends its family.
CREATE TABLE refresh_token (
    org_id      UUID NOT NULL,
    token_hash  BYTEA NOT NULL,
    family      UUID NOT NULL,
    operator_id UUID NOT NULL,
    issued_at   TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ,
    PRIMARY KEY (org_id, token_hash)
);
CREATE INDEX refresh_token_family_idx ON refresh_token (org_id, family);
CREATE INDEX refresh_token_operator_idx ON refresh_token (org_id, operator_id);
SELECT dianka_tenant_table('refresh_token', 'SELECT, INSERT, UPDATE, DELETE');
