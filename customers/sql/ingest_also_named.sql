-- Whom the batch names beside who is meant, by the number of who is meant: owners of an e-mail address, a phone number or another
-- identifier that came with it. Not who is known by devices alone: they become part of whom they prove to be.
SELECT DISTINCT key.external_id, named.other
FROM staged_key AS key
CROSS JOIN LATERAL (
    VALUES (key.email_of), (key.phone_of)
    UNION ALL
    SELECT given.customer_id FROM staged_identifier AS given
    WHERE given.kind = 'email' AND given.match_value = key.email_match OR given.kind = 'phone' AND given.match_value = key.phone
    UNION ALL
    SELECT coalesce(given.customer_id, more.owner)
    FROM staged_more AS more
    LEFT JOIN staged_identifier AS given
        ON (given.kind, given.source, given.match_value) = (more.kind, more.source, more.match_value)
    WHERE more.also = key.also AND NOT more.is_of_nobody
) AS named (other)
WHERE named.other <> key.customer_id
