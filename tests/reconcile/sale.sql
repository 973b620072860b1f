-- A sale begun and confirmed for an account of its own, each time.
\set n random(1, :accounts)
BEGIN;
SELECT set_config('dianka.org', :org, true);
SELECT account_id AS account, meter_id AS meter, area_id AS area, version, sold + 1 AS count, gen_random_uuid() AS id
FROM account WHERE org_id = :org::uuid AND user_no = :n::int8 \gset
COMMIT;
SELECT sale_begin(:org::uuid, :version::int8,
    ROW(:id::uuid, :account::uuid, :meter::uuid, 'purchase', 1, :count::int4, 100000, 5600, 560000,
        '00000000-0007-7000-8000-000000000000', 1, 0, 0, 0, 100000, :area::uuid, '00000000-0001-7000-8000-000000000000',
        '00000000-0002-7000-8000-000000000000', '00000000-0003-7000-8000-000000000000', 'cash', NULL, '\x00', now())::sale_facts,
    ROW(:n::int8, 1, 10000, 0, 0, 0, 8000, 'd', '1', '\x00', 'session', '\x00', '\x01', '{}')::card_op_facts,
    '{}', ARRAY[ROW(1, 2, 5600, 0)::transfer_facts]);
SELECT sale_confirm(:org::uuid, :id::uuid, '00000000-0002-7000-8000-000000000000', '2026-11-22', now(), '{}', '{}',
    ARRAY[ROW(2, 3, 5600, 0)::transfer_facts, ROW(4, 5, 0, 100000)::transfer_facts]);
