-- Whom the batch names by identifiers of several people, known before or by the batch itself. Of those who share one with many, as a
-- company's mailbox is shared, three. Who is known by devices alone is no person yet.
SELECT least(customer_id, other), greatest(customer_id, other), array_agg(DISTINCT kind ORDER BY kind), min(other)
FROM (
    SELECT customer_id, other, kind, row_number() OVER (PARTITION BY kind, other ORDER BY customer_id) AS place
    FROM (
        SELECT DISTINCT key.customer_id, own.other, own.kind
        FROM staged_key AS key
        CROSS JOIN LATERAL (VALUES ('email', key.email_of), ('phone', key.phone_of)) AS own (kind, other)
        WHERE own.other <> key.customer_id
        UNION
        SELECT key.customer_id, given.customer_id, given.kind
        FROM staged_identifier AS given
        JOIN staged_key AS key ON key.email_match = given.match_value
        WHERE given.kind = 'email' AND given.customer_id <> key.customer_id
        UNION
        SELECT key.customer_id, given.customer_id, given.kind
        FROM staged_identifier AS given
        JOIN staged_key AS key ON key.phone = given.match_value
        WHERE given.kind = 'phone' AND given.customer_id <> key.customer_id
        UNION
        SELECT key.customer_id, more.owner, more.kind
        FROM staged_more AS more
        JOIN staged_key AS key ON key.also = more.also
        WHERE more.owner <> key.customer_id AND (NOT more.is_of_nobody OR EXISTS (
            SELECT FROM staged_identifier AS given
            WHERE given.customer_id = more.owner AND given.kind <> ALL(%(anonymous_kinds)s)
        ))
        UNION
        SELECT key.customer_id, given.customer_id, given.kind
        FROM staged_more AS more
        JOIN staged_key AS key ON key.also = more.also
        JOIN staged_identifier AS given ON (given.kind, given.source, given.match_value) = (more.kind, more.source, more.match_value)
        WHERE given.customer_id <> key.customer_id
    ) AS named
) AS numbered
WHERE place <= 3
GROUP BY 1, 2
ORDER BY 1, 2
LIMIT 1000
