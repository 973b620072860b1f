-- What the meter says it has taken = the quantities sold up to the number that it returned. A preset that is a balance
-- counts as bought with some standards: so its total may stand above the sum by the preset, and by nothing else.
WITH number AS (
    SELECT s.account_id, s.meter_id, s.period, s.count, sum(s.quantity_wh) AS quantity,
        sum(s.preset_deducted_wh) AS preset, min(s.created_at) AS at
    FROM sale s
    LEFT JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id
    WHERE s.org_id = $1 AND o.outcome IS DISTINCT FROM 'voided'
    GROUP BY s.account_id, s.meter_id, s.period, s.count
), sold AS (
    SELECT account_id, meter_id, period, count,
        sum(quantity) OVER (PARTITION BY account_id, meter_id, period ORDER BY count) AS total,
        sum(preset) OVER (PARTITION BY account_id, meter_id, period) AS preset,
        min(at) OVER (PARTITION BY account_id, meter_id, period) AS first_at
    FROM number
), opened AS (
    SELECT DISTINCT account_id, meter_id, period, preset, first_at FROM sold
), said AS (
    SELECT r.read_id, r.account_id, r.returned_count, r.total_purchased_wh, a.meter_id, a.period, m.factory_no,
        x.total AS sold_wh,
        r.total_purchased_wh - x.total AS above,
        ARRAY[0, y.preset_wh, a.preset_pending_wh + f.preset] AS presets,
        first_value(r.total_purchased_wh - x.total)
            OVER (PARTITION BY r.account_id ORDER BY r.returned_count, r.read_id) AS first_above
    FROM card_read r
    JOIN account a ON a.org_id = r.org_id AND a.account_id = r.account_id
    JOIN meter m ON m.org_id = a.org_id AND m.meter_id = a.meter_id
    JOIN meter_type y ON y.org_id = m.org_id AND y.meter_type_id = m.meter_type_id
    -- Readings of this meter's present life: those before its first sale speak of an earlier one.
    JOIN opened f ON f.account_id = a.account_id AND f.meter_id = a.meter_id AND f.period = a.period
        AND f.first_at <= r.at
    LEFT JOIN sold x ON x.account_id = a.account_id AND x.meter_id = a.meter_id AND x.period = a.period
        AND x.count = r.returned_count
    WHERE r.org_id = $1 AND r.returned_count >= 1 AND r.total_purchased_wh IS NOT NULL
)
SELECT 'reading' AS kind,
    said.read_id::text AS subject,
    sold_wh IS NULL OR NOT above = ANY (presets)
        OR (first_above = ANY (presets) AND above <> first_above) AS broken,
    jsonb_build_object('account_id', account_id, 'meter_no', factory_no, 'period', period, 'count', returned_count,
        'meter_wh', total_purchased_wh, 'sold_wh', sold_wh) AS facts
FROM said
