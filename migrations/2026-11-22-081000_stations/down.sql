DROP TABLE station_key;
DROP TABLE station_code;
ALTER TABLE site DROP COLUMN retired_at;
ALTER TABLE workstation
    DROP COLUMN retired_at,
    DROP COLUMN settings_revision,
    DROP COLUMN log_level,
    DROP COLUMN language,
    ADD COLUMN token_hash BYTEA,
    ADD CONSTRAINT workstation_token_key UNIQUE (org_id, token_hash);
