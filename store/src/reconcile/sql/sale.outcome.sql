-- An outcome is of a sale, repeats its figures, and has a receipt number exactly when it is committed.
SELECT 'sale' AS kind,
    o.sale_id::text AS subject,
    s.sale_id IS NULL
        OR (o.account_id, o.meter_id, o.area_id, o.period, o.count)
            IS DISTINCT FROM (s.account_id, s.meter_id, s.area_id, s.period, s.count)
        OR (o.outcome = 'committed') <> (o.receipt_no IS NOT NULL) AS broken,
    jsonb_build_object('known', s.sale_id IS NOT NULL, 'outcome', o.outcome, 'receipt_no', o.receipt_no,
        'count', s.count, 'outcome_count', o.count, 'period', s.period, 'outcome_period', o.period) AS facts
FROM sale_outcome o
LEFT JOIN sale s ON s.org_id = o.org_id AND s.sale_id = o.sale_id
WHERE o.org_id = $1
