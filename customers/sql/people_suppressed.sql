-- How many of the file's addresses are suppressed.
SELECT count(*)
FROM (
    SELECT 'email' AS kind, email_match AS value FROM people_sorted WHERE email_match <> ''
    UNION SELECT 'phone', phone FROM people_sorted WHERE phone <> ''
    UNION SELECT kind, match_value FROM people_more WHERE kind IN ('email', 'phone')
) AS said
JOIN (
    SELECT DISTINCT kind, address_hash FROM customers_suppression WHERE shop_id = %(shop_id)s
) AS known ON known.kind = said.kind
    AND known.address_hash = sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to(said.kind || ':' || said.value, 'UTF8')))
