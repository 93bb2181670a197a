-- Whom a key means, by the identifiers the shop has: the shop's own number wins over the e-mail, the e-mail over the phone.
-- A weaker identifier never joins two known persons: it counts only where the customer has none of the stronger kind.
UPDATE staged_key AS key SET customer_id = found.customer_id
FROM (
    SELECT key.external_id, key.email, key.phone,
        coalesce(
            external.customer_id,
            CASE WHEN key.external_id = '' OR NOT EXISTS (
                SELECT FROM customers_identifier AS other
                WHERE other.shop_id = %(shop_id)s AND other.customer_id = email.customer_id AND other.kind = 'external'
            ) THEN email.customer_id END,
            CASE WHEN NOT EXISTS (
                SELECT FROM customers_identifier AS other
                WHERE other.shop_id = %(shop_id)s AND other.customer_id = phone.customer_id
                    AND (other.kind = 'external' AND key.external_id <> '' OR other.kind = 'email' AND key.email <> '')
            ) THEN phone.customer_id END
        ) AS customer_id
    FROM staged_key AS key
    LEFT JOIN customers_identifier AS external ON external.shop_id = %(shop_id)s AND external.kind = 'external'
        AND external.value = key.external_id AND key.external_id <> ''
    LEFT JOIN customers_identifier AS email ON email.shop_id = %(shop_id)s AND email.kind = 'email'
        AND email.value = key.email AND key.email <> ''
    LEFT JOIN customers_identifier AS phone ON phone.shop_id = %(shop_id)s AND phone.kind = 'phone'
        AND phone.value = key.phone AND key.phone <> ''
) AS found
WHERE (found.external_id, found.email, found.phone) = (key.external_id, key.email, key.phone)
    AND found.customer_id IS NOT NULL
