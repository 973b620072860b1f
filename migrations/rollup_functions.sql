-- Analysis: folds the queue of committed sales into day and month rollups. Replaceable, like sale_functions.sql.

-- Returns the rows folded; -1 when another server holds the job. Delete-and-add in one statement: exact by construction.
CREATE OR REPLACE FUNCTION rollup_fold(p_org UUID) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_folded INT8;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    PERFORM 1 FROM rollup_delta WHERE org_id = p_org LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    PERFORM 1 FROM job_lock WHERE org_id = p_org AND name = 'rollup' FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    WITH gone AS (
        DELETE FROM rollup_delta WHERE org_id = p_org RETURNING area_id, site_id, day, energy_wh, amount_fen
    ), days AS (
        INSERT INTO rollup_day AS r (org_id, area_id, day, site_id, sales, energy_wh, amount_fen)
        SELECT p_org, area_id, day, site_id, count(*), sum(energy_wh)::INT8, sum(amount_fen)::INT8
        FROM gone GROUP BY area_id, day, site_id
        ON CONFLICT (org_id, area_id, day, site_id) DO UPDATE SET
            sales = r.sales + EXCLUDED.sales, energy_wh = r.energy_wh + EXCLUDED.energy_wh,
            amount_fen = r.amount_fen + EXCLUDED.amount_fen
    ), months AS (
        INSERT INTO rollup_month AS r (org_id, area_id, month, site_id, sales, energy_wh, amount_fen)
        SELECT p_org, area_id, date_trunc('month', day)::DATE, site_id, count(*), sum(energy_wh)::INT8,
            sum(amount_fen)::INT8
        FROM gone GROUP BY area_id, date_trunc('month', day)::DATE, site_id
        ON CONFLICT (org_id, area_id, month, site_id) DO UPDATE SET
            sales = r.sales + EXCLUDED.sales, energy_wh = r.energy_wh + EXCLUDED.energy_wh,
            amount_fen = r.amount_fen + EXCLUDED.amount_fen
    )
    SELECT count(*) INTO v_folded FROM gone;
    RETURN v_folded;
END
$$;

-- Makes both rollups again from the sales themselves. The caller runs it REPEATABLE READ, so that one snapshot decides
-- which sales are in and which deltas are obsolete; a fold that gets in between makes it fail and be retried.
CREATE OR REPLACE FUNCTION rollup_rebuild(p_org UUID) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_sales INT8;
BEGIN
    PERFORM 1 FROM job_lock WHERE org_id = p_org AND name = 'rollup' FOR UPDATE;
    DELETE FROM rollup_delta WHERE org_id = p_org;
    DELETE FROM rollup_day WHERE org_id = p_org;
    DELETE FROM rollup_month WHERE org_id = p_org;
    INSERT INTO rollup_day (org_id, area_id, day, site_id, sales, energy_wh, amount_fen)
    SELECT p_org, s.area_id, o.day, s.site_id, count(*), sum(s.energy_wh)::INT8, sum(s.amount_fen)::INT8
    FROM sale_outcome o JOIN sale s ON s.org_id = o.org_id AND s.sale_id = o.sale_id
    WHERE o.org_id = p_org AND o.outcome = 'committed'
    GROUP BY s.area_id, o.day, s.site_id;
    INSERT INTO rollup_month (org_id, area_id, month, site_id, sales, energy_wh, amount_fen)
    SELECT p_org, area_id, date_trunc('month', day)::DATE, site_id, sum(sales)::INT8, sum(energy_wh)::INT8,
        sum(amount_fen)::INT8
    FROM rollup_day WHERE org_id = p_org
    GROUP BY area_id, date_trunc('month', day)::DATE, site_id;
    SELECT coalesce(sum(sales), 0)::INT8 INTO v_sales FROM rollup_month WHERE org_id = p_org;
    RETURN v_sales;
END
$$;
