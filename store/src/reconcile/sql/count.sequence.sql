-- Purchase numbers of a meter's period: 1, 2, 3 ... with no gap and none twice.
SELECT 'sale' AS kind,
    o.sale_id::text AS subject,
    o.count <> o.before + 1 AS broken,
    jsonb_build_object('meter_id', o.meter_id, 'period', o.period, 'count', o.count, 'count_before', o.before) AS facts
FROM (
    SELECT sale_id, meter_id, period, count,
        lag(count, 1, 0) OVER (PARTITION BY meter_id, period ORDER BY count, sale_id) AS before
    FROM sale_outcome
    WHERE org_id = $1 AND outcome = 'committed'
) o
