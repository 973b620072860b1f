-- Energy posted = energy on cards + energy taken by meters: per meter and period, the ledger against the numbers that
-- the meter has taken and the one that is still on the card.
WITH due AS (
    SELECT s.meter_id, s.period,
        sum(CASE WHEN s.count <= coalesce(a.acked, s.count) THEN s.quantity_wh::NUMERIC * s.multiplier ELSE 0 END) AS taken,
        sum(CASE WHEN s.count > a.acked THEN s.quantity_wh::NUMERIC * s.multiplier ELSE 0 END) AS on_card
    FROM sale s
    JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id AND o.outcome = 'committed'
    LEFT JOIN account a ON a.org_id = s.org_id AND a.account_id = s.account_id AND a.meter_id = s.meter_id
        AND a.period = s.period
    WHERE s.org_id = $1
    GROUP BY s.meter_id, s.period
), posted AS (
    SELECT s.meter_id, s.period,
        sum(CASE 5 WHEN t.credit THEN t.energy_wh ELSE -t.energy_wh END) AS wh
    FROM transfer t
    LEFT JOIN sale s ON s.org_id = t.org_id AND s.sale_id = t.event_id
    WHERE t.org_id = $1 AND (t.debit = 5 OR t.credit = 5)
    GROUP BY s.meter_id, s.period
)
SELECT 'meter' AS kind,
    coalesce(coalesce(d.meter_id, p.meter_id)::text, '') AS subject,
    coalesce(p.wh, 0) <> coalesce(d.taken, 0) + coalesce(d.on_card, 0) AS broken,
    p.wh AS posted_wh,
    d.taken AS taken_wh,
    d.on_card AS on_card_wh,
    jsonb_build_object('meter_no', m.factory_no, 'period', coalesce(d.period, p.period), 'posted_wh', p.wh,
        'taken_wh', d.taken, 'on_card_wh', d.on_card) AS facts
FROM due d
FULL JOIN posted p ON p.meter_id = d.meter_id AND p.period = d.period
LEFT JOIN meter m ON m.org_id = $1 AND m.meter_id = coalesce(d.meter_id, p.meter_id)
