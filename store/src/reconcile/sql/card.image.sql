-- The account's current card carries the image of its last number, byte for byte but for what the meter writes: as its
-- last reading shows, where there is one of a later insertion than the sale's. While a sale is open its own comparison
-- decides, which is the server's.
WITH ended AS (
    SELECT o.account_id, max(o.at) AS at
    FROM sale_outcome o
    WHERE o.org_id = $1
    GROUP BY o.account_id
), last AS (
    SELECT DISTINCT ON (o.account_id) o.account_id, o.sale_id, o.count
    FROM sale_outcome o
    WHERE o.org_id = $1 AND o.outcome = 'committed'
    ORDER BY o.account_id, o.at DESC, o.sale_id DESC
), compared AS (
    SELECT a.account_id, a.user_no, c.card_no, l.sale_id, l.count, r.read_id, r.at, r.image, op.target_image,
        op.plan -> 'layout' -> 'returned' AS returned
    FROM account a
    JOIN card c ON c.org_id = a.org_id AND c.account_id = a.account_id AND c.state = 'current'
    JOIN last l ON l.account_id = a.account_id
    JOIN ended e ON e.account_id = a.account_id
    JOIN card_op op ON op.org_id = a.org_id AND op.op_id = l.sale_id AND op.card_no = c.card_no
    CROSS JOIN LATERAL (
        SELECT x.read_id, x.at, x.image, x.session
        FROM card_read x
        WHERE x.org_id = a.org_id AND x.account_id = a.account_id AND x.card_no = c.card_no
        ORDER BY x.read_id DESC
        LIMIT 1
    ) r
    WHERE a.org_id = $1
        AND r.at > e.at
        AND NOT EXISTS (SELECT FROM ticket t WHERE t.org_id = a.org_id AND t.sale_id = l.sale_id AND t.session = r.session)
        AND NOT EXISTS (SELECT FROM sale_open n WHERE n.org_id = a.org_id AND n.account_id = a.account_id)
)
SELECT 'account' AS kind,
    d.account_id::text AS subject,
    d.image <> d.target_image AND (
        length(d.image) <> length(d.target_image)
        -- What lies between the ranges that the meter writes.
        OR EXISTS (
            SELECT FROM (
                SELECT lag(w.up_to, 1, 0) OVER (ORDER BY w.start) AS start, w.start AS up_to
                FROM (
                    SELECT (g ->> 'offset')::INT4 AS start, (g ->> 'offset')::INT4 + (g ->> 'len')::INT4 AS up_to
                    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(d.returned) = 'array' THEN d.returned ELSE '[]' END) g
                    UNION ALL
                    SELECT length(d.target_image), length(d.target_image)
                ) w
            ) kept
            WHERE kept.up_to > kept.start
                AND substring(d.image FROM kept.start + 1 FOR kept.up_to - kept.start)
                    <> substring(d.target_image FROM kept.start + 1 FOR kept.up_to - kept.start)
        )
    ) AS broken,
    jsonb_build_object('user_no', d.user_no, 'card_no', d.card_no, 'count', d.count, 'sale_id', d.sale_id,
        'read_id', d.read_id, 'read_at', d.at) AS facts
FROM compared d
