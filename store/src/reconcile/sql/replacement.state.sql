-- Every replacement card is either in the list of open ones, with its newest ticket, or has an end; it writes a card of
-- its account, of a later generation than the blocked one that it takes the place of.
SELECT 'replacement' AS kind,
    coalesce(r.op_id, n.op_id)::text AS subject,
    r.op_id IS NULL OR op.op_id IS NULL OR new.card_no IS NULL OR old.card_no IS NULL
        OR (n.op_id IS NULL) = (o.op_id IS NULL)
        OR n.account_id IS DISTINCT FROM CASE WHEN n.op_id IS NULL THEN NULL ELSE r.account_id END
        OR n.epoch IS DISTINCT FROM CASE WHEN n.op_id IS NULL THEN NULL ELSE t.epoch END
        OR op.sale_id <> r.sale_id OR op.card_no <> r.card_no OR new.generation <= old.generation
        OR old.state = 'current' AS broken,
    jsonb_build_object('known', r.op_id IS NOT NULL, 'operation', op.op_id IS NOT NULL, 'open', n.op_id IS NOT NULL,
        'ended', o.op_id IS NOT NULL, 'card_no', r.card_no, 'old_card_no', r.old_card_no, 'old_state', old.state,
        'epoch', n.epoch, 'newest_ticket', t.epoch) AS facts
FROM (SELECT * FROM replacement WHERE org_id = $1) r
FULL JOIN (SELECT * FROM replacement_open WHERE org_id = $1) n ON n.op_id = r.op_id
LEFT JOIN replacement_outcome o ON o.org_id = $1 AND o.op_id = r.op_id
LEFT JOIN card_op op ON op.org_id = $1 AND op.op_id = r.op_id AND op.kind = 'replace'
LEFT JOIN card new ON new.org_id = $1 AND new.card_no = r.card_no AND new.account_id = r.account_id
LEFT JOIN card old ON old.org_id = $1 AND old.card_no = r.old_card_no AND old.account_id = r.account_id
LEFT JOIN LATERAL (
    SELECT max(x.epoch) AS epoch FROM ticket x WHERE x.org_id = $1 AND x.sale_id = r.op_id
) t ON true
