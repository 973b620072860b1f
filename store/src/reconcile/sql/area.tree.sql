-- The pairs of ancestor and descendant that reports add up by = the tree of areas itself.
WITH RECURSIVE walked AS (
    SELECT area_id AS ancestor_id, area_id AS descendant_id, 0 AS distance FROM area WHERE org_id = $1
    UNION ALL
    SELECT w.ancestor_id, a.area_id, w.distance + 1
    FROM walked w
    JOIN area a ON a.org_id = $1 AND a.parent_id = w.descendant_id
    -- A ring of parents would never end.
    WHERE w.distance < 64
)
SELECT 'area' AS kind,
    coalesce(w.descendant_id, c.descendant_id)::text AS subject,
    w.distance IS DISTINCT FROM c.distance OR w.distance >= 64 AS broken,
    jsonb_build_object('ancestor_id', coalesce(w.ancestor_id, c.ancestor_id), 'distance', w.distance,
        'stored_distance', c.distance) AS facts
FROM walked w
FULL JOIN (SELECT ancestor_id, descendant_id, distance FROM area_closure WHERE org_id = $1) c
    ON c.ancestor_id = w.ancestor_id AND c.descendant_id = w.descendant_id
