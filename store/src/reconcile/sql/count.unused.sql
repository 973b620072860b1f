-- No sale over an unused purchase: at most one number of a meter, sold or being sold, is not proven taken. A meter that
-- takes tokens says nothing back: none of its numbers is ever proven.
SELECT 'account' AS kind,
    a.account_id::text AS subject,
    a.acked < 0 OR a.acked > a.sold
        OR CASE y.carrier
            WHEN 'token' THEN a.acked > 0
            ELSE a.sold - a.acked + CASE WHEN n.sale_id IS NULL THEN 0 ELSE 1 END > 1
        END AS broken,
    jsonb_build_object('user_no', a.user_no, 'sold', a.sold, 'proven', a.acked, 'open_sale', n.sale_id) AS facts
FROM account a
LEFT JOIN meter m ON m.org_id = a.org_id AND m.meter_id = a.meter_id
LEFT JOIN meter_type y ON y.org_id = a.org_id AND y.meter_type_id = m.meter_type_id
LEFT JOIN sale_open n ON n.org_id = a.org_id AND n.account_id = a.account_id
WHERE a.org_id = $1
