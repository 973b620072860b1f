-- A sale adds up: quantity = energy, adjustment and preset; amount = energy at the price; the price is its tariff's; cash
-- covers the amount; and workstation, site, operator and tariff version are there, which no foreign key sees to.
SELECT 'sale' AS kind,
    s.sale_id::text AS subject,
    s.quantity_wh <= 0 OR s.amount_fen < 0
        OR s.quantity_wh::NUMERIC * s.multiplier
            <> s.energy_wh + s.adjustment_used_wh - s.carry_wh - s.preset_deducted_wh::NUMERIC * s.multiplier
        OR s.amount_fen <> div(s.energy_wh::NUMERIC * s.price_micro * 2 + 10000000, 20000000)
        OR coalesce(s.cash_fen, s.amount_fen) < s.amount_fen
        OR v.price_micro IS DISTINCT FROM s.price_micro
        OR w.workstation_id IS NULL OR i.site_id IS NULL OR p.operator_id IS NULL AS broken,
    s.energy_wh AS energy_wh,
    s.amount_fen AS amount_fen,
    jsonb_build_object('energy_wh', s.energy_wh, 'quantity_wh', s.quantity_wh, 'multiplier', s.multiplier,
        'adjustment_used_wh', s.adjustment_used_wh, 'carry_wh', s.carry_wh, 'preset_deducted_wh', s.preset_deducted_wh,
        'amount_fen', s.amount_fen, 'cash_fen', s.cash_fen, 'price_micro', s.price_micro,
        'tariff_price_micro', v.price_micro, 'workstation', w.number, 'site', i.code, 'operator', p.login) AS facts
FROM sale s
LEFT JOIN tariff_version v ON v.org_id = s.org_id AND v.tariff_version_id = s.tariff_version_id
LEFT JOIN workstation w ON w.org_id = s.org_id AND w.workstation_id = s.workstation_id
LEFT JOIN site i ON i.org_id = s.org_id AND i.site_id = s.site_id
LEFT JOIN operator p ON p.org_id = s.org_id AND p.operator_id = s.operator_id
WHERE s.org_id = $1
