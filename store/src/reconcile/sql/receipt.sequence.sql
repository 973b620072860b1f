-- Receipt numbers of a workstation: 1, 2, 3 ... with no gap and none twice.
SELECT 'sale' AS kind,
    o.sale_id::text AS subject,
    o.receipt_no <> o.before + 1 AS broken,
    jsonb_build_object('workstation', w.number, 'receipt_no', o.receipt_no, 'receipt_no_before', o.before) AS facts
FROM (
    SELECT sale_id, workstation_id, receipt_no,
        lag(receipt_no, 1, 0::INT8) OVER (PARTITION BY workstation_id ORDER BY receipt_no, sale_id) AS before
    FROM sale_outcome
    WHERE org_id = $1 AND receipt_no IS NOT NULL
) o
LEFT JOIN workstation w ON w.org_id = $1 AND w.workstation_id = o.workstation_id
