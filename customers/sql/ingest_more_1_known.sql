-- Whose the identifiers are of those who are named by more than a number, an e-mail and a phone, and whom these mean: the strongest
-- known one. A weaker one counts only where its owner has none of a stronger kind that was sent, and a device, which people share, only
-- where its owner is known by nothing else or nothing else was sent. Of ids of a source only those of the same source count.
UPDATE staged_more AS more SET owner = known.customer_id, is_of_nobody = NOT EXISTS (
    SELECT FROM customers_identifier AS other
    WHERE other.shop_id = %(shop_id)s AND other.customer_id = known.customer_id AND other.kind <> ALL(%(anonymous_kinds)s)
)
FROM customers_identifier AS known
WHERE known.shop_id = %(shop_id)s AND known.kind = more.kind AND known.source = more.source
    AND known.match_value = more.match_value;
UPDATE staged_key AS key SET customer_id = meant.owner, known_by = coalesce(meant.strength, -1)
FROM (SELECT DISTINCT also FROM staged_more) AS named
LEFT JOIN (
    SELECT DISTINCT ON (also) also, owner, strength
    FROM staged_more AS own
    WHERE owner IS NOT NULL AND NOT EXISTS (
        SELECT FROM staged_more AS stronger
        WHERE stronger.also = own.also AND stronger.strength > own.strength
            AND (
                own.is_anonymous AND NOT own.is_of_nobody
                OR EXISTS (
                    SELECT FROM customers_identifier AS other
                    WHERE other.shop_id = %(shop_id)s AND other.customer_id = own.owner AND other.kind = stronger.kind
                        AND other.source = stronger.source
                )
            )
    )
    ORDER BY also, strength DESC, place
) AS meant ON meant.also = named.also
WHERE key.also = named.also
