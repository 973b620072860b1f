-- An account that is not closed has one current card, of its own generation; one whose meter takes tokens has none.
SELECT 'account' AS kind,
    a.account_id::text AS subject,
    CASE y.carrier
        WHEN 'token' THEN c.cards IS NOT NULL
        ELSE coalesce(c.cards, 0) <> 1 OR c.generation <> a.issue
    END AS broken,
    jsonb_build_object('user_no', a.user_no, 'issue', a.issue, 'current_cards', coalesce(c.cards, 0),
        'generation', c.generation) AS facts
FROM account a
LEFT JOIN meter m ON m.org_id = a.org_id AND m.meter_id = a.meter_id
LEFT JOIN meter_type y ON y.org_id = a.org_id AND y.meter_type_id = m.meter_type_id
LEFT JOIN (
    SELECT account_id, count(*) AS cards, max(generation) AS generation
    FROM card
    WHERE org_id = $1 AND state = 'current'
    GROUP BY account_id
) c ON c.account_id = a.account_id
WHERE a.org_id = $1 AND a.status <> 'closed'
