-- What the ledger holds of a sale or an adjustment is what its row and its state ask for; nothing moves without either.
WITH posted AS (
    SELECT t.event_id,
        sum(CASE WHEN t.debit = 1 THEN t.amount_fen ELSE 0 END) AS cash_in,
        sum(CASE WHEN t.credit = 1 THEN t.amount_fen ELSE 0 END) AS cash_out,
        sum(CASE 2 WHEN t.debit THEN t.amount_fen WHEN t.credit THEN -t.amount_fen ELSE 0 END) AS held,
        sum(CASE 3 WHEN t.debit THEN t.amount_fen WHEN t.credit THEN -t.amount_fen ELSE 0 END) AS revenue,
        sum(CASE 4 WHEN t.debit THEN t.energy_wh WHEN t.credit THEN -t.energy_wh ELSE 0 END) AS sold,
        sum(CASE 5 WHEN t.debit THEN t.energy_wh WHEN t.credit THEN -t.energy_wh ELSE 0 END) AS on_cards,
        sum(CASE 6 WHEN t.debit THEN t.energy_wh WHEN t.credit THEN -t.energy_wh ELSE 0 END) AS adjustment,
        sum(CASE 7 WHEN t.debit THEN t.energy_wh WHEN t.credit THEN -t.energy_wh ELSE 0 END) AS granted,
        sum(CASE 8 WHEN t.debit THEN t.energy_wh WHEN t.credit THEN -t.energy_wh ELSE 0 END) AS preset,
        -- Money on an account of energy, or the reverse.
        sum(CASE WHEN t.debit > 3 OR t.credit > 3 THEN t.amount_fen ELSE t.energy_wh END) AS stray
    FROM transfer t
    WHERE t.org_id = $1
    GROUP BY t.event_id
), due AS (
    SELECT s.sale_id AS event_id, 'sale' AS kind,
        s.amount_fen AS cash_in,
        CASE WHEN o.outcome = 'voided' THEN s.amount_fen ELSE 0 END AS cash_out,
        CASE WHEN o.outcome IS NULL THEN -s.amount_fen ELSE 0 END AS held,
        CASE WHEN o.outcome = 'committed' THEN -s.amount_fen ELSE 0 END AS revenue,
        CASE WHEN o.outcome = 'committed' THEN s.energy_wh ELSE 0 END AS sold,
        CASE WHEN o.outcome = 'committed' THEN -(s.quantity_wh::NUMERIC * s.multiplier) ELSE 0 END AS on_cards,
        CASE WHEN o.outcome = 'committed' THEN s.adjustment_used_wh - s.carry_wh ELSE 0 END AS adjustment,
        0::INT8 AS granted,
        CASE WHEN o.outcome = 'committed' THEN -(s.preset_deducted_wh::NUMERIC * s.multiplier) ELSE 0 END AS preset
    FROM sale s
    LEFT JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id
    WHERE s.org_id = $1
    UNION ALL
    SELECT a.adjustment_id, 'adjustment', 0, 0, 0, 0, 0, 0, -a.energy_wh, a.energy_wh, 0
    FROM adjustment a
    WHERE a.org_id = $1
)
SELECT coalesce(d.kind, 'movement') AS kind,
    coalesce(d.event_id, p.event_id)::text AS subject,
    d.event_id IS NULL
        OR coalesce(p.stray, 0) <> 0
        OR (coalesce(p.cash_in, 0), coalesce(p.cash_out, 0), coalesce(p.held, 0), coalesce(p.revenue, 0),
            coalesce(p.sold, 0), coalesce(p.on_cards, 0), coalesce(p.adjustment, 0), coalesce(p.granted, 0),
            coalesce(p.preset, 0))
        IS DISTINCT FROM (d.cash_in, d.cash_out, d.held, d.revenue, d.sold, d.on_cards, d.adjustment, d.granted, d.preset)
        AS broken,
    p.revenue AS revenue,
    p.on_cards AS on_cards,
    jsonb_build_object(
        'cash_due_fen', d.cash_in - d.cash_out, 'cash_fen', p.cash_in - p.cash_out,
        'held_due_fen', -d.held, 'held_fen', -p.held,
        'revenue_due_fen', -d.revenue, 'revenue_fen', -p.revenue,
        'sold_due_wh', d.sold, 'sold_wh', p.sold,
        'on_cards_due_wh', -d.on_cards, 'on_cards_wh', -p.on_cards) AS facts
FROM due d
FULL JOIN posted p ON p.event_id = d.event_id
