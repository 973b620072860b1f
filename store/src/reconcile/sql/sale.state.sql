-- Every sale has ended, once, or stands in the list of open ones; never both, never neither.
SELECT 'sale' AS kind,
    s.sale_id::text AS subject,
    CASE WHEN o.sale_id IS NULL THEN n.sale_id IS NULL ELSE n.sale_id IS NOT NULL END
        OR coalesce(o.outcome, 'voided') NOT IN ('committed', 'voided') AS broken,
    (n.sale_id IS NOT NULL)::INT4 AS open,
    (o.outcome = 'committed')::INT4 AS committed,
    (o.outcome = 'voided')::INT4 AS voided,
    jsonb_build_object('account_id', s.account_id, 'count', s.count, 'outcome', o.outcome,
        'in_open_list', n.sale_id IS NOT NULL) AS facts
FROM sale s
LEFT JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id
LEFT JOIN sale_open n ON n.org_id = s.org_id AND n.account_id = s.account_id AND n.sale_id = s.sale_id
WHERE s.org_id = $1
