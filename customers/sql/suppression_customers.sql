-- How many of the shop's customers have one of the file's addresses.
SELECT count(DISTINCT own.customer_id)
FROM suppression_sorted AS said
JOIN customers_identifier AS own
    ON own.shop_id = %(shop_id)s AND own.kind = said.kind AND own.source = '' AND own.match_value = said.match_value
