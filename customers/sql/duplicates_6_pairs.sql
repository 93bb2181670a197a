-- Who are compared: the smallest blocks first, to so many pairs in all. Those that one record named always are; those judged never.
INSERT INTO twin_pair (first_id, second_id, kinds)
SELECT pair.first_id, pair.second_id, coalesce(known.kinds, '{}')
FROM (
    SELECT least(one, other) AS first_id, greatest(one, other) AS second_id
    FROM (
        SELECT ids FROM (
            SELECT ids, sum(size::bigint * (size - 1) / 2) OVER (ORDER BY size, ids ROWS UNBOUNDED PRECEDING) AS pairs
            FROM twin_block
        ) AS counted
        WHERE pairs <= %(most_pairs)s
    ) AS block
    CROSS JOIN LATERAL unnest(ids) AS one
    CROSS JOIN LATERAL unnest(ids) AS other
    WHERE one < other
    UNION
    SELECT first_id, second_id FROM twin_known WHERE kinds <> '{}'
) AS pair
LEFT JOIN twin_known AS known ON known.first_id = pair.first_id AND known.second_id = pair.second_id
WHERE known.is_skipped IS NOT TRUE
