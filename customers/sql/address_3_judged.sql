-- What becomes of each. One covers another if it says all that the other says, in whatever case, width and spaces; so the same is
-- never there twice, and one that knows more completes what is there. Of a type of which nothing is there, all are added. Where the
-- file counts, what it says first is put in the place of the first, or is put first if it is there already.
DELETE FROM staged_address AS said
USING staged_address AS other
WHERE other.customer_id = said.customer_id AND other.type = said.type AND other.n <> said.n AND said.outcome = '' AND other.outcome = ''
    AND NOT EXISTS (SELECT FROM unnest(said.form, other.form) AS part (wanted, there) WHERE wanted <> '' AND wanted <> there);
WITH compared AS (
    SELECT said.n, said.is_new, said.type, covering.k AS covering, covering.id AS covering_id, covering.is_first,
        covered.id AS covered_id, covered.is_first AS is_first_covered, first.k AS first, first.id AS first_id,
        row_number() OVER (PARTITION BY said.customer_id, said.type ORDER BY said.n) AS place,
        covered.k IS NOT NULL AND row_number() OVER (PARTITION BY covered.k ORDER BY said.n) = 1 AS is_nearest
    FROM staged_address AS said
    LEFT JOIN known_address AS first ON first.customer_id = said.customer_id AND first.type = said.type AND first.is_first
    LEFT JOIN LATERAL (
        SELECT k, id, is_first FROM known_address AS known
        WHERE known.customer_id = said.customer_id AND known.type = said.type
            AND NOT EXISTS (SELECT FROM unnest(said.form, known.form) AS part (wanted, there) WHERE wanted <> '' AND wanted <> there)
        ORDER BY is_first DESC, k LIMIT 1
    ) AS covering ON first.k IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT k, id, is_first FROM known_address AS known
        WHERE known.customer_id = said.customer_id AND known.type = said.type
            AND NOT EXISTS (SELECT FROM unnest(said.form, known.form) AS part (wanted, there) WHERE there <> '' AND wanted <> there)
        ORDER BY is_first DESC, k LIMIT 1
    ) AS covered ON covering.k IS NULL AND first.k IS NOT NULL
    WHERE said.outcome = ''
), judged AS (
    SELECT *, policy = 'overwrite' AND place = 1 AND NOT coalesce(is_first, is_first_covered, true) AS prefers,
        is_nearest AND NOT (policy = 'overwrite' AND place > 1 AND is_first_covered) AS completes
    FROM compared CROSS JOIN LATERAL (SELECT coalesce(%(policies)s::jsonb ->> type, 'fill') AS policy) AS said
)
UPDATE staged_address AS said SET
    prefers = judged.prefers,
    known_id = CASE WHEN covering IS NOT NULL THEN covering_id WHEN completes THEN covered_id ELSE first_id END,
    outcome = CASE
        WHEN covering IS NOT NULL AND judged.prefers THEN 'preferred'
        WHEN covering IS NOT NULL THEN 'same'
        WHEN judged.is_new OR policy = 'add' AND NOT completes THEN 'added'
        WHEN policy = 'keep' THEN 'kept'
        WHEN completes THEN 'completed'
        WHEN first IS NULL THEN 'added'
        WHEN policy = 'overwrite' THEN CASE WHEN place = 1 THEN 'replaced' ELSE 'added' END
        ELSE 'kept' END
FROM judged
WHERE judged.n = said.n;
DELETE FROM staged_address WHERE outcome = 'same'
