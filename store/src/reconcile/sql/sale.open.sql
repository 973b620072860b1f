-- What stands in the list of open sales is an authorised sale of that account, of the next number, with its newest ticket.
SELECT 'sale' AS kind,
    n.sale_id::text AS subject,
    s.sale_id IS NULL OR o.sale_id IS NOT NULL OR s.account_id <> n.account_id
        OR s.count <> a.sold + 1 OR s.period <> a.period OR s.meter_id <> a.meter_id
        OR n.epoch IS DISTINCT FROM t.epoch AS broken,
    jsonb_build_object('account_id', n.account_id, 'known', s.sale_id IS NOT NULL, 'outcome', o.outcome,
        'count', s.count, 'sold', a.sold, 'epoch', n.epoch, 'newest_ticket', t.epoch) AS facts
FROM sale_open n
LEFT JOIN sale s ON s.org_id = n.org_id AND s.sale_id = n.sale_id
LEFT JOIN sale_outcome o ON o.org_id = n.org_id AND o.sale_id = n.sale_id
LEFT JOIN account a ON a.org_id = n.org_id AND a.account_id = n.account_id
LEFT JOIN LATERAL (
    SELECT max(x.epoch) AS epoch FROM ticket x WHERE x.org_id = n.org_id AND x.sale_id = n.sale_id
) t ON true
WHERE n.org_id = $1
