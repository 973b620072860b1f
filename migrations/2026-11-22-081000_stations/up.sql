-- Stations enrol once with a code and prove themselves with a key of their own from then on: no secret of theirs is
-- stored here, and the former tokens end.
ALTER TABLE workstation DROP COLUMN token_hash;
ALTER TABLE workstation
    ADD COLUMN language          TEXT CHECK (language IN ('zh-CN', 'en')),
    ADD COLUMN log_level         TEXT CHECK (log_level IN ('error', 'warn', 'info', 'debug')),
    -- Rises with every change of what the station is told, so that it knows which word is the newer one.
    ADD COLUMN settings_revision INT8 NOT NULL DEFAULT 1,
    ADD COLUMN retired_at        TIMESTAMPTZ;
ALTER TABLE site ADD COLUMN retired_at TIMESTAMPTZ;

-- A one-time code to enrol a station with. Its digest: the code itself is shown once.
CREATE TABLE station_code (
    org_id         UUID NOT NULL,
    code_hash      BYTEA NOT NULL CHECK (octet_length(code_hash) = 32),
    workstation_id UUID NOT NULL,
    issued_at      TIMESTAMPTZ NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    -- Used, or replaced by a newer code of the same workstation.
    ended_at       TIMESTAMPTZ,
    -- The station that used it.
    sign_key       BYTEA,
    PRIMARY KEY (org_id, code_hash),
    CONSTRAINT station_code_workstation_fkey
        FOREIGN KEY (org_id, workstation_id) REFERENCES workstation (org_id, workstation_id)
);
CREATE INDEX station_code_workstation_idx ON station_code (org_id, workstation_id);
SELECT dianka_tenant_table('station_code', 'SELECT, INSERT, UPDATE');

-- The keys of stations, for ever: what one has signed must be provable after it is gone.
CREATE TABLE station_key (
    org_id         UUID NOT NULL,
    -- Ed25519, public.
    sign_key       BYTEA NOT NULL CHECK (octet_length(sign_key) = 32),
    workstation_id UUID NOT NULL,
    -- X25519, public: passwords are sealed to it.
    box_key        BYTEA NOT NULL CHECK (octet_length(box_key) = 32),
    enrolled_at    TIMESTAMPTZ NOT NULL,
    -- The highest number of its journal that was seen: it never falls, except where a journal was lost or rolled back.
    journal_seq    INT8 NOT NULL DEFAULT 0 CHECK (journal_seq >= 0),
    ended_at       TIMESTAMPTZ,
    ended_by       TEXT CHECK (ended_by IN ('revoked', 're-enrolled', 'retired')),
    PRIMARY KEY (org_id, sign_key),
    CONSTRAINT station_key_end CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT station_key_workstation_fkey
        FOREIGN KEY (org_id, workstation_id) REFERENCES workstation (org_id, workstation_id)
);
-- One live station per workstation.
CREATE UNIQUE INDEX station_key_live_key ON station_key (org_id, workstation_id) WHERE ended_at IS NULL;
SELECT dianka_tenant_table('station_key', 'SELECT, INSERT, UPDATE');
