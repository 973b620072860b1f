-- A meter is assigned exactly while one account that is not closed has it, in the meter's own period.
SELECT 'meter' AS kind,
    m.meter_id::text AS subject,
    (m.status = 'assigned') <> (coalesce(a.accounts, 0) = 1) OR coalesce(a.accounts, 0) > 1
        OR coalesce(a.period, m.period) <> m.period AS broken,
    jsonb_build_object('meter_no', m.factory_no, 'status', m.status, 'accounts', coalesce(a.accounts, 0),
        'period', m.period, 'account_period', a.period) AS facts
FROM meter m
LEFT JOIN (
    SELECT meter_id, count(*) AS accounts, max(period) AS period
    FROM account
    WHERE org_id = $1 AND status <> 'closed'
    GROUP BY meter_id
) a ON a.meter_id = m.meter_id
WHERE m.org_id = $1
