-- What an account says about its sales (the last number of its meter's period, money, energy) = its committed sales.
SELECT 'account' AS kind,
    a.account_id::text AS subject,
    (a.sold, a.total_fen, a.total_wh)
        IS DISTINCT FROM (coalesce(t.last, 0), coalesce(t.fen, 0), coalesce(t.wh, 0)) AS broken,
    jsonb_build_object('user_no', a.user_no, 'sold', a.sold, 'last_number', t.last, 'total_fen', a.total_fen,
        'sold_fen', t.fen, 'total_wh', a.total_wh, 'sold_wh', t.wh) AS facts
FROM account a
LEFT JOIN (
    SELECT s.account_id, sum(s.amount_fen) AS fen, sum(s.energy_wh) AS wh,
        max(s.count) FILTER (WHERE s.meter_id = b.meter_id AND s.period = b.period) AS last
    FROM sale_outcome o
    JOIN sale s ON s.org_id = o.org_id AND s.sale_id = o.sale_id
    JOIN account b ON b.org_id = s.org_id AND b.account_id = s.account_id
    WHERE o.org_id = $1 AND o.outcome = 'committed'
    GROUP BY s.account_id
) t ON t.account_id = a.account_id
WHERE a.org_id = $1
