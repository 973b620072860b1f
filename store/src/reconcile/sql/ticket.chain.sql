-- The tickets of every sale have the epochs 1, 2, 3 ... : rising, none missing.
SELECT 'sale' AS kind,
    coalesce(s.sale_id, t.sale_id)::text AS subject,
    s.sale_id IS NULL OR t.sale_id IS NULL OR t.lowest <> 1 OR t.highest <> t.tickets AS broken,
    t.tickets AS tickets,
    jsonb_build_object('known', s.sale_id IS NOT NULL, 'tickets', coalesce(t.tickets, 0), 'first_epoch', t.lowest,
        'last_epoch', t.highest) AS facts
FROM (SELECT sale_id FROM sale WHERE org_id = $1) s
FULL JOIN (
    SELECT sale_id, count(*) AS tickets, min(epoch) AS lowest, max(epoch) AS highest
    FROM ticket
    WHERE org_id = $1
    GROUP BY sale_id
) t ON t.sale_id = s.sale_id
