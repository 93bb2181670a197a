-- Whose the identifiers of a key are, and whom the key means by them: the storefront's number wins over the e-mail, the
-- e-mail over the phone. A weaker identifier never joins two known persons: it counts only where the customer has none of
-- the stronger kind. Of numbers only those of the batch's own storefront count: each has its own customer 17.
UPDATE staged_key AS key SET customer_id = found.customer_id, external_known = found.external_known,
    email_of = found.email_of, phone_of = found.phone_of
FROM (
    SELECT key.external_id, key.email, key.phone, key.also,
        external.customer_id IS NOT NULL AS external_known,
        email.customer_id AS email_of,
        phone.customer_id AS phone_of,
        coalesce(
            external.customer_id,
            CASE WHEN key.external_id = '' OR NOT EXISTS (
                SELECT FROM customers_identifier AS other
                WHERE other.shop_id = %(shop_id)s AND other.customer_id = email.customer_id
                    AND other.kind = 'external' AND other.source = %(source)s
            ) THEN email.customer_id END,
            CASE WHEN NOT EXISTS (
                SELECT FROM customers_identifier AS other
                WHERE other.shop_id = %(shop_id)s AND other.customer_id = phone.customer_id
                    AND (other.kind = 'external' AND other.source = %(source)s AND key.external_id <> '' OR other.kind = 'email' AND key.email <> '')
            ) THEN phone.customer_id END
        ) AS customer_id
    FROM staged_key AS key
    LEFT JOIN customers_identifier AS external ON external.shop_id = %(shop_id)s AND external.kind = 'external'
        AND external.source = %(source)s AND external.match_value = key.external_id AND key.external_id <> ''
    LEFT JOIN customers_identifier AS email ON email.shop_id = %(shop_id)s AND email.kind = 'email'
        AND email.source = '' AND email.match_value = key.email_match AND key.email <> ''
    LEFT JOIN customers_identifier AS phone ON phone.shop_id = %(shop_id)s AND phone.kind = 'phone'
        AND phone.source = '' AND phone.match_value = key.phone AND key.phone <> ''
) AS found
WHERE (found.external_id, found.email, found.phone, found.also) = (key.external_id, key.email, key.phone, key.also)
    AND (found.external_known OR found.email_of IS NOT NULL OR found.phone_of IS NOT NULL)
