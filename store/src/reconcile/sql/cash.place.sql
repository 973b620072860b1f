-- Money taken = money posted: per site, workstation and payment, authorised and committed sales less the voided ones.
WITH due AS (
    SELECT s.site_id, s.workstation_id, s.payment,
        sum(CASE WHEN o.outcome = 'voided' THEN 0 ELSE s.amount_fen END) AS fen
    FROM sale s
    LEFT JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id
    WHERE s.org_id = $1
    GROUP BY s.site_id, s.workstation_id, s.payment
), posted AS (
    SELECT s.site_id, s.workstation_id, s.payment,
        sum(CASE 1 WHEN t.debit THEN t.amount_fen ELSE -t.amount_fen END) AS fen
    FROM transfer t
    LEFT JOIN sale s ON s.org_id = t.org_id AND s.sale_id = t.event_id
    WHERE t.org_id = $1 AND (t.debit = 1 OR t.credit = 1)
    GROUP BY s.site_id, s.workstation_id, s.payment
)
SELECT 'workstation' AS kind,
    coalesce(coalesce(d.workstation_id, p.workstation_id)::text, '') AS subject,
    coalesce(d.fen, 0) <> coalesce(p.fen, 0) AS broken,
    d.fen AS due_fen,
    p.fen AS posted_fen,
    jsonb_build_object('site', i.code, 'workstation', w.number, 'payment', coalesce(d.payment, p.payment),
        'taken_fen', d.fen, 'posted_fen', p.fen) AS facts
FROM due d
FULL JOIN posted p ON p.site_id = d.site_id AND p.workstation_id = d.workstation_id AND p.payment = d.payment
LEFT JOIN site i ON i.org_id = $1 AND i.site_id = coalesce(d.site_id, p.site_id)
LEFT JOIN workstation w ON w.org_id = $1 AND w.workstation_id = coalesce(d.workstation_id, p.workstation_id)
