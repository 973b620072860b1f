-- No sale over an unused purchase: at most one number of a meter, sold or being sold, is not proven taken.
SELECT 'account' AS kind,
    a.account_id::text AS subject,
    a.acked < 0 OR a.acked > a.sold
        OR a.sold - a.acked + CASE WHEN n.sale_id IS NULL THEN 0 ELSE 1 END > 1 AS broken,
    jsonb_build_object('user_no', a.user_no, 'sold', a.sold, 'proven', a.acked, 'open_sale', n.sale_id) AS facts
FROM account a
LEFT JOIN sale_open n ON n.org_id = a.org_id AND n.account_id = a.account_id
WHERE a.org_id = $1
