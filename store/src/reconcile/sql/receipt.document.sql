-- What the receipt says is what was sold.
SELECT 'sale' AS kind,
    o.sale_id::text AS subject,
    (o.document -> 'amount_fen', o.document -> 'energy_wh', o.document -> 'quantity_wh', o.document -> 'price_micro',
        o.document -> 'count')
        IS DISTINCT FROM (to_jsonb(s.amount_fen), to_jsonb(s.energy_wh), to_jsonb(s.quantity_wh), to_jsonb(s.price_micro),
            to_jsonb(s.count)) AS broken,
    jsonb_build_object('receipt_no', o.receipt_no, 'amount_fen', s.amount_fen, 'receipt_fen', o.document -> 'amount_fen',
        'energy_wh', s.energy_wh, 'receipt_wh', o.document -> 'energy_wh',
        'quantity_wh', s.quantity_wh, 'receipt_quantity_wh', o.document -> 'quantity_wh') AS facts
FROM sale_outcome o
JOIN sale s ON s.org_id = o.org_id AND s.sale_id = o.sale_id
WHERE o.org_id = $1 AND o.outcome = 'committed'
