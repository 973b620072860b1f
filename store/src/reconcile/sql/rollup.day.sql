-- Totals by day, with what is not folded yet = the committed sales themselves.
WITH due AS (
    SELECT s.area_id, s.site_id, o.day AS day, count(*) AS sales, sum(s.energy_wh) AS wh, sum(s.amount_fen) AS fen
    FROM sale_outcome o
    JOIN sale s ON s.org_id = o.org_id AND s.sale_id = o.sale_id
    WHERE o.org_id = $1 AND o.outcome = 'committed'
    GROUP BY s.area_id, s.site_id, o.day
), told AS (
    SELECT f.area_id, f.site_id, f.day, sum(f.sales) AS sales, sum(f.energy_wh) AS wh, sum(f.amount_fen) AS fen
    FROM (
        SELECT r.area_id, r.site_id, r.day, r.sales, r.energy_wh, r.amount_fen FROM rollup_day r WHERE r.org_id = $1
        UNION ALL
        SELECT d.area_id, d.site_id, d.day, 1, d.energy_wh, d.amount_fen FROM rollup_delta d WHERE d.org_id = $1
    ) f
    GROUP BY f.area_id, f.site_id, f.day
)
SELECT 'area' AS kind,
    coalesce(d.area_id, t.area_id)::text AS subject,
    (coalesce(d.sales, 0), coalesce(d.wh, 0), coalesce(d.fen, 0))
        IS DISTINCT FROM (coalesce(t.sales, 0), coalesce(t.wh, 0), coalesce(t.fen, 0)) AS broken,
    d.sales AS sales,
    d.wh AS sold_wh,
    t.wh AS rollup_wh,
    d.fen AS sold_fen,
    t.fen AS rollup_fen,
    jsonb_build_object('area', a.code, 'site', i.code, 'day', coalesce(d.day, t.day), 'sales', d.sales,
        'rollup_sales', t.sales, 'sold_wh', d.wh, 'rollup_wh', t.wh, 'sold_fen', d.fen, 'rollup_fen', t.fen) AS facts
FROM due d
FULL JOIN told t ON t.area_id = d.area_id AND t.site_id = d.site_id AND t.day = d.day
LEFT JOIN area a ON a.org_id = $1 AND a.area_id = coalesce(d.area_id, t.area_id)
LEFT JOIN site i ON i.org_id = $1 AND i.site_id = coalesce(d.site_id, t.site_id)
