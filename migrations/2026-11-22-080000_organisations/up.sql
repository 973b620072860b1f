-- Tenancy comes first: every table with an org_id gets row-level security in the statement that makes it.
--
-- The role dianka_app exists before any migration runs (store::roles makes it). It owns nothing and cannot
-- bypass row-level security.

-- Turns row-level security on and forces it on the owner as well, and grants what the application may do.
-- The scope policy is RESTRICTIVE: a permissive policy added later can never widen it beyond one organisation.
-- NULLIF: after a transaction with SET LOCAL the setting reads '' and not NULL.
CREATE FUNCTION dianka_tenant_table(p_table REGCLASS, p_grants TEXT) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', p_table);
    EXECUTE format(
        'CREATE POLICY scope ON %s AS RESTRICTIVE USING (org_id = NULLIF(current_setting(''dianka.org'', true), '''')::uuid)',
        p_table);
    EXECUTE format('CREATE POLICY rows_of_scope ON %s USING (true)', p_table);
    EXECUTE format('GRANT %s ON %s TO dianka_app', p_grants, p_table);
END
$$;
REVOKE EXECUTE ON FUNCTION dianka_tenant_table(REGCLASS, TEXT) FROM PUBLIC;

-- An organisation 单位: a utility, one of its branches, or a property manager.
CREATE TABLE org (
    org_id      UUID PRIMARY KEY,
    code        TEXT NOT NULL CHECK (code <> ''),
    name        TEXT NOT NULL CHECK (name <> ''),
    -- System code 系统编码: on every card; cards of another system are refused.
    system_code INT4 NOT NULL CHECK (system_code >= 0),
    mode        TEXT NOT NULL CHECK (mode IN ('learning', 'registered')),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
SELECT dianka_tenant_table('org', 'SELECT, INSERT, UPDATE');

-- From the code that an operator types to the organisation: the only table that is read before a scope is set.
CREATE TABLE org_directory (
    code        TEXT PRIMARY KEY,
    home_org_id UUID NOT NULL UNIQUE,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON org_directory TO dianka_app;

-- The next user number and card number of an organisation. Not on the sale path.
CREATE TABLE number_counter (
    org_id UUID NOT NULL,
    name   TEXT NOT NULL CHECK (name IN ('user_no', 'card_no')),
    next   INT8 NOT NULL CHECK (next > 0),
    PRIMARY KEY (org_id, name)
) WITH (fillfactor = 50);
SELECT dianka_tenant_table('number_counter', 'SELECT, INSERT, UPDATE');

-- One row per background job and organisation; whoever holds the row's lock does the job.
CREATE TABLE job_lock (
    org_id UUID NOT NULL,
    name   TEXT NOT NULL,
    PRIMARY KEY (org_id, name)
);
SELECT dianka_tenant_table('job_lock', 'SELECT, INSERT, UPDATE');

-- What of the replaceable files (functions, views) is installed.
CREATE TABLE installed_file (
    name   TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL
);
