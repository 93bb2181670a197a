-- Two new ids of one source that come with something weaker of one known customer are two people: only the first takes them over.
UPDATE staged_key AS key SET customer_id = NULL
FROM staged_more AS own
JOIN (
    SELECT key.customer_id, more.kind, more.source, min(more.match_value) AS first_id
    FROM staged_key AS key JOIN staged_more AS more ON more.also = key.also
    WHERE key.customer_id IS NOT NULL AND more.is_single AND more.owner IS NULL AND more.strength > key.known_by
    GROUP BY key.customer_id, more.kind, more.source
) AS taken ON taken.kind = own.kind AND taken.source = own.source AND taken.first_id <> own.match_value
WHERE own.also = key.also AND own.is_single AND own.owner IS NULL AND own.strength > key.known_by
    AND taken.customer_id = key.customer_id
