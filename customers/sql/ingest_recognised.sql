-- Whom the batch names that were known by devices alone, each with who they have proved to be: of several the first.
SELECT more.owner, min(key.customer_id)
FROM staged_more AS more
JOIN staged_key AS key ON key.also = more.also
WHERE more.owner <> key.customer_id AND more.is_of_nobody
    AND NOT EXISTS (
        SELECT FROM staged_identifier AS given
        WHERE given.customer_id = more.owner AND given.kind <> ALL(%(anonymous_kinds)s)
    )
GROUP BY more.owner
ORDER BY more.owner
