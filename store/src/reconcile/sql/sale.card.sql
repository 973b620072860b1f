-- Every sale has one carrier: its card operation, with images of one length that differ, onto a card of its account; or its
-- token. Never both, never neither.
SELECT 'sale' AS kind,
    coalesce(s.sale_id, op.sale_id, t.sale_id)::text AS subject,
    s.sale_id IS NULL OR (op.op_id IS NULL) = (t.sale_id IS NULL)
        OR op.op_id IS NOT NULL AND (
            c.card_no IS NULL OR length(op.before_image) <> length(op.target_image) OR op.before_image = op.target_image
        ) AS broken,
    jsonb_build_object('known', s.sale_id IS NOT NULL, 'operation', op.op_id IS NOT NULL, 'token', t.sale_id IS NOT NULL,
        'card_no', op.card_no, 'card_is_the_accounts', c.card_no IS NOT NULL) AS facts
FROM (SELECT sale_id, account_id FROM sale WHERE org_id = $1) s
FULL JOIN (
    SELECT op_id, sale_id, card_no, before_image, target_image FROM card_op WHERE org_id = $1 AND kind = 'sale'
) op ON op.op_id = s.sale_id
FULL JOIN (SELECT sale_id FROM token_op WHERE org_id = $1) t ON t.sale_id = coalesce(s.sale_id, op.sale_id)
LEFT JOIN card c ON c.org_id = $1 AND c.card_no = op.card_no AND c.account_id = s.account_id
