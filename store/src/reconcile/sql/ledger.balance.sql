-- Both sides of every movement are accounts of the ledger, so all their balances sum to zero, per event and in all.
SELECT 'movement' AS kind,
    t.event_id::text AS subject,
    NOT (t.debit IN ({accounts}) AND t.credit IN ({accounts}) AND t.debit <> t.credit
        AND t.amount_fen >= 0 AND t.energy_wh >= 0) AS broken,
    CASE WHEN t.debit IN ({accounts}) THEN t.amount_fen ELSE 0 END AS debit_fen,
    CASE WHEN t.credit IN ({accounts}) THEN t.amount_fen ELSE 0 END AS credit_fen,
    CASE WHEN t.debit IN ({accounts}) THEN t.energy_wh ELSE 0 END AS debit_wh,
    CASE WHEN t.credit IN ({accounts}) THEN t.energy_wh ELSE 0 END AS credit_wh,
    jsonb_build_object('step', t.step, 'line', t.line, 'debit', t.debit, 'credit', t.credit,
        'amount_fen', t.amount_fen, 'energy_wh', t.energy_wh) AS facts
FROM transfer t
WHERE t.org_id = $1
