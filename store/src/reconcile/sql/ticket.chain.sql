-- The tickets of every sale onto a card, and of every replacement card, have the epochs 1, 2, 3 ... : rising, none missing.
SELECT 'sale' AS kind,
    coalesce(s.op_id, t.sale_id)::text AS subject,
    s.op_id IS NULL OR t.sale_id IS NULL OR t.lowest <> 1 OR t.highest <> t.tickets AS broken,
    t.tickets AS tickets,
    jsonb_build_object('known', s.op_id IS NOT NULL, 'tickets', coalesce(t.tickets, 0), 'first_epoch', t.lowest,
        'last_epoch', t.highest) AS facts
FROM (
    SELECT s.sale_id AS op_id
    FROM sale s
    WHERE s.org_id = $1 AND NOT EXISTS (SELECT FROM token_op o WHERE o.org_id = $1 AND o.sale_id = s.sale_id)
    UNION ALL
    SELECT op_id FROM replacement WHERE org_id = $1
) s
FULL JOIN (
    SELECT sale_id, count(*) AS tickets, min(epoch) AS lowest, max(epoch) AS highest
    FROM ticket
    WHERE org_id = $1
    GROUP BY sale_id
) t ON t.sale_id = s.op_id
