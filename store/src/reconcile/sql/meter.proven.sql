-- The number that the books hold proven taken is one that a reading of a card brought back.
SELECT 'account' AS kind,
    a.account_id::text AS subject,
    a.acked > coalesce(r.returned, 0) AS broken,
    jsonb_build_object('user_no', a.user_no, 'meter_no', m.factory_no, 'proven', a.acked, 'returned', r.returned) AS facts
FROM account a
JOIN meter m ON m.org_id = a.org_id AND m.meter_id = a.meter_id
LEFT JOIN (
    SELECT account_id, max(returned_count) AS returned
    FROM card_read
    WHERE org_id = $1 AND returned_count IS NOT NULL
    GROUP BY account_id
) r ON r.account_id = a.account_id
WHERE a.org_id = $1
