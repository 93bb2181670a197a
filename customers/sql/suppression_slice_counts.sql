-- How many addresses of the slice are new, and how many were suppressed for their reason before.
SELECT count(*) FILTER (WHERE known.id IS NULL), count(*) FILTER (WHERE known.id IS NOT NULL)
FROM suppression_sorted AS said
LEFT JOIN customers_suppression AS known
    ON known.shop_id = %(shop_id)s AND known.kind = said.kind AND known.address_hash = said.address_hash
    AND known.reason = said.reason
WHERE said.n > %(after)s AND said.n <= %(upto)s
