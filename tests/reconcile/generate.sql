-- Healthy books of :accounts accounts with :each sales each, every number taken by its meter. As the owner, past triggers.
SET session_replication_role = replica;
SET synchronous_commit = off;
\set org '\'00000000-0000-7000-8000-000000000001\''
CREATE FUNCTION pg_temp.id(family TEXT, n INT8) RETURNS UUID LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('00000000-' || family || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
INSERT INTO org VALUES (:org, 'scale', 'Scale', 1, 'registered', '2026-01-01');
INSERT INTO org_directory VALUES ('scale', :org, '2026-01-01');
INSERT INTO number_counter VALUES (:org, 'user_no', 1), (:org, 'card_no', 1);
INSERT INTO job_lock VALUES (:org, 'rollup');
INSERT INTO site SELECT :org, pg_temp.id('0001', n), 's' || n, 'Site ' || n FROM generate_series(0, 9) n;
INSERT INTO workstation (org_id, workstation_id, site_id, number, name, kind)
    SELECT :org, pg_temp.id('0002', n), pg_temp.id('0001', n % 10), n, 'Counter', 'station' FROM generate_series(0, 49) n;
INSERT INTO operator (org_id, operator_id, login, name, role, rights, password_hash)
    VALUES (:org, pg_temp.id('0003', 0), 'clerk', 'Clerk', 'clerk', '{}', '-');
INSERT INTO area (org_id, area_id, code, name, kind)
    SELECT :org, pg_temp.id('0004', n), 'a' || n, 'Area ' || n, 'district' FROM generate_series(0, 99) n;
INSERT INTO area_closure SELECT :org, area_id, area_id, 0 FROM area WHERE org_id = :org;
INSERT INTO meter_type (org_id, meter_type_id, name, model, driver_id, driver_version, constant_imp, rated_ma, max_ma,
    phases, voltage_v, hoard_wh, overdraft_wh, preset_wh)
    VALUES (:org, pg_temp.id('0005', 0), 'T', 'T', 'd', '1', 1600, 5000, 20000, 1, 220, 0, 0, 0);
INSERT INTO tariff (org_id, tariff_id, code, name) VALUES (:org, pg_temp.id('0006', 0), 'R', 'R');
INSERT INTO tariff_version VALUES (:org, pg_temp.id('0007', 0), pg_temp.id('0006', 0), 560000, '2026-01-01');
INSERT INTO meter (org_id, meter_id, factory_no, meter_type_id, status, start_reading_wh)
    SELECT :org, pg_temp.id('0008', n), lpad(n::text, 8, '0'), pg_temp.id('0005', 0), 'assigned', 0
    FROM generate_series(1, :accounts) n;
INSERT INTO account (org_id, account_id, user_no, name, area_id, meter_id, tariff_id, pt_primary, pt_secondary, ct_primary,
    ct_secondary, multiplier, limit_mode, capacity_w, period, sold, acked, total_fen, total_wh, opened_at)
    SELECT :org, pg_temp.id('0009', n), n, 'Customer', pg_temp.id('0004', n % 100), pg_temp.id('0008', n),
        pg_temp.id('0006', 0), 1, 1, 1, 1, 1, 0, 8000, 1, :each, :each, :each * 5600, :each * 100000, '2026-01-01'
    FROM generate_series(1, :accounts) n;
INSERT INTO card (org_id, card_id, card_no, account_id, generation, state, psc_state, tries_seen, writes)
    SELECT :org, pg_temp.id('000a', n), n, pg_temp.id('0009', n), 1, 'current', 'ours', 3, :each
    FROM generate_series(1, :accounts) n;

-- One round of all accounts after the other, as months follow each other.
CREATE TEMP TABLE s AS
    SELECT c, n, pg_temp.id('000b', (c - 1) * :accounts + n) AS id, pg_temp.id('0009', n) AS account,
        pg_temp.id('0008', n) AS meter, pg_temp.id('0004', n % 100) AS area, n % 50 AS w,
        '2026-01-01'::TIMESTAMPTZ + (((c - 1) * :accounts + n) * 20) * INTERVAL '1 second' AS at
    FROM generate_series(1, :each) c, generate_series(1, :accounts) n ORDER BY c, n;
INSERT INTO sale
    SELECT :org, id, account, meter, CASE c WHEN 1 THEN 'opening' ELSE 'purchase' END, 1, c, 100000, 5600, 560000,
        pg_temp.id('0007', 0), 1, 0, 0, 0, 100000, area, pg_temp.id('0001', w % 10), pg_temp.id('0002', w),
        pg_temp.id('0003', 0), 'cash', 5600, '\x00', at
    FROM s;
INSERT INTO card_op
    SELECT :org, id, 'sale', id, n, 1, 10000, 0, 0, 0, 8000, 'd', '1', decode(repeat('00', 32), 'hex'), id::text,
        decode(repeat(lpad(to_hex((c - 1) % 256), 2, '0'), 256), 'hex'), decode(repeat(lpad(to_hex(c % 256), 2, '0'), 256), 'hex'),
        '{"layout": {"chip": "sle4442", "returned": [{"offset": 64, "len": 32}]}, "access": {"now": 1, "then": 1}}'
    FROM s;
INSERT INTO ticket SELECT :org, id, 1, pg_temp.id('0002', w), id::text, at, '{"epoch": 1}' FROM s;
INSERT INTO sale_outcome
    SELECT :org, id, account, meter, area, 1, c, 'committed', pg_temp.id('0002', w), at::DATE,
        row_number() OVER (PARTITION BY w ORDER BY c, n), '{"kind": "read-back"}',
        '{"amount_fen": 5600, "energy_wh": 100000, "quantity_wh": 100000, "price_micro": 560000, "name": "Customer"}'::JSONB
            || jsonb_build_object('count', c),
        at + INTERVAL '4 seconds'
    FROM s;
INSERT INTO workstation_counter
    SELECT :org, workstation_id, coalesce((SELECT max(receipt_no) FROM sale_outcome o
        WHERE o.org_id = :org AND o.workstation_id = w.workstation_id), 0) + 1
    FROM workstation w WHERE org_id = :org;
INSERT INTO transfer SELECT :org, id, 'begin', 1, 1, 2, 5600, 0, at FROM s;
INSERT INTO transfer SELECT :org, id, 'confirm', 1, 2, 3, 5600, 0, at FROM s;
INSERT INTO transfer SELECT :org, id, 'confirm', 2, 4, 5, 0, 100000, at FROM s;
INSERT INTO card_read (org_id, read_id, account_id, card_no, workstation_id, session, kind, image, tries, returned_count,
    total_purchased_wh, at)
    SELECT :org, pg_temp.id('000c', (c - 1) * :accounts + n), account, n, pg_temp.id('0002', w), 'later-' || id, 'purchase',
        overlay(decode(repeat(lpad(to_hex(c % 256), 2, '0'), 256), 'hex') PLACING '\xee'::BYTEA FROM 70), 3, c,
        c * 100000, at + INTERVAL '1 hour'
    FROM s;
SELECT rollup_rebuild(:org) AS committed;
RESET session_replication_role;
VACUUM ANALYZE;
