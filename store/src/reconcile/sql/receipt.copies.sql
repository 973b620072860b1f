-- Prints of a receipt are counted: the original is 0, copies 1, 2, 3 ... with no gap.
SELECT 'sale' AS kind,
    p.sale_id::text AS subject,
    p.lowest <> 0 OR p.highest <> p.prints - 1 AS broken,
    jsonb_build_object('prints', p.prints, 'first', p.lowest, 'last', p.highest) AS facts
FROM (
    SELECT sale_id, count(*) AS prints, min(copy) AS lowest, max(copy) AS highest
    FROM document_print
    WHERE org_id = $1
    GROUP BY sale_id
) p
