-- The identifiers of a meter's tokens under one key rise with its purchase numbers, and the next one follows the last.
SELECT 'sale' AS kind,
    coalesce(o.sale_id::text, '') AS subject,
    o.sale_id IS NULL OR o.count IS NULL OR coalesce(o.identifier <= o.before, false) OR l.identifier IS NULL
        OR o.last AND l.identifier <> o.identifier AS broken,
    jsonb_build_object('meter_id', coalesce(o.meter_id, l.meter_id), 'count', o.count, 'identifier', o.identifier,
        'identifier_before', o.before, 'last_identifier', l.identifier) AS facts
FROM (
    SELECT t.sale_id, t.meter_id, t.key_slot, t.identifier, s.period, s.count,
        lag(t.identifier) OVER w AS before,
        lead(t.identifier) OVER w IS NULL AS last
    FROM token_op t
    LEFT JOIN sale s ON s.org_id = t.org_id AND s.sale_id = t.sale_id AND s.meter_id = t.meter_id
    WHERE t.org_id = $1
    WINDOW w AS (PARTITION BY t.meter_id, t.key_slot ORDER BY s.period, s.count, t.sale_id)
) o
FULL JOIN (SELECT meter_id, key_slot, identifier FROM token_last WHERE org_id = $1) l
    ON l.meter_id = o.meter_id AND l.key_slot = o.key_slot
