-- The adjustment that waits on an account = what was entered, less what sales that were not voided have used and carried.
SELECT 'account' AS kind,
    a.account_id::text AS subject,
    a.adjustment_pending_wh <> coalesce(e.wh, 0) - coalesce(u.wh, 0) OR a.preset_pending_wh < 0 AS broken,
    a.adjustment_pending_wh AS pending_wh,
    jsonb_build_object('user_no', a.user_no, 'pending_wh', a.adjustment_pending_wh, 'entered_wh', coalesce(e.wh, 0),
        'used_wh', coalesce(u.wh, 0)) AS facts
FROM account a
LEFT JOIN (
    SELECT account_id, sum(energy_wh) AS wh FROM adjustment WHERE org_id = $1 GROUP BY account_id
) e ON e.account_id = a.account_id
LEFT JOIN (
    SELECT s.account_id, sum(s.adjustment_used_wh - s.carry_wh) AS wh
    FROM sale s
    LEFT JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id
    WHERE s.org_id = $1 AND o.outcome IS DISTINCT FROM 'voided' AND (s.adjustment_used_wh <> 0 OR s.carry_wh <> 0)
    GROUP BY s.account_id
) u ON u.account_id = a.account_id
WHERE a.org_id = $1
