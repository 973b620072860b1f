-- The next receipt number of a workstation is the one after its last.
SELECT 'workstation' AS kind,
    w.workstation_id::text AS subject,
    c.next_receipt_no IS DISTINCT FROM coalesce(o.last, 0) + 1 AS broken,
    jsonb_build_object('workstation', w.number, 'next', c.next_receipt_no, 'last', o.last) AS facts
FROM workstation w
LEFT JOIN workstation_counter c ON c.org_id = w.org_id AND c.workstation_id = w.workstation_id
LEFT JOIN LATERAL (
    SELECT max(x.receipt_no) AS last FROM sale_outcome x
    WHERE x.org_id = w.org_id AND x.workstation_id = w.workstation_id
) o ON true
WHERE w.org_id = $1
