-- The account's current card carries the image of its last number, byte for byte but for what the meter writes: as its
-- last reading shows, where there is one of a later insertion than the sale's. While a sale or a replacement is open its
-- own comparison decides, which is the server's.
WITH last AS MATERIALIZED (
    SELECT o.account_id, max(o.at) AS ended_at,
        (array_agg(o.sale_id ORDER BY o.at DESC, o.sale_id DESC) FILTER (WHERE o.outcome = 'committed'))[1] AS sale_id
    FROM sale_outcome o
    WHERE o.org_id = $1
    GROUP BY o.account_id
), owner AS MATERIALIZED (
    -- Step by step: planned as one, a wrong guess joins everything for each account anew.
    SELECT a.account_id, a.user_no, c.card_no, l.sale_id, l.ended_at, coalesce(p.op_id, l.sale_id) AS op_id
    FROM last l
    JOIN account a ON a.org_id = $1 AND a.account_id = l.account_id
    JOIN card c ON c.org_id = $1 AND c.account_id = l.account_id AND c.state = 'current'
    LEFT JOIN sale_open n ON n.org_id = $1 AND n.account_id = l.account_id
    LEFT JOIN replacement_open y ON y.org_id = $1 AND y.account_id = l.account_id
    -- A replacement card carries the same purchase by an operation of its own.
    LEFT JOIN replacement p ON p.org_id = $1 AND p.card_no = c.card_no AND p.sale_id = l.sale_id
    WHERE l.sale_id IS NOT NULL AND n.account_id IS NULL AND y.account_id IS NULL
), compared AS (
    SELECT w.account_id, w.user_no, w.card_no, w.sale_id, r.read_id, r.at, r.image, op.target_image,
        op.plan -> 'layout' -> 'returned' AS returned
    FROM owner w
    CROSS JOIN LATERAL (
        SELECT x.read_id, x.at, x.image, x.session
        FROM card_read x
        WHERE x.org_id = $1 AND x.account_id = w.account_id AND x.card_no = w.card_no
        ORDER BY x.read_id DESC
        LIMIT 1
    ) r
    JOIN card_op op ON op.org_id = $1 AND op.op_id = w.op_id AND op.card_no = w.card_no
    WHERE r.at > w.ended_at
        AND NOT EXISTS (SELECT FROM ticket t WHERE t.org_id = $1 AND t.sale_id = w.op_id AND t.session = r.session)
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
    jsonb_build_object('user_no', d.user_no, 'card_no', d.card_no, 'sale_id', d.sale_id,
        'read_id', d.read_id, 'read_at', d.at) AS facts
FROM compared d
