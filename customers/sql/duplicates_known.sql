-- The pairs that were judged, and those that one record named as two.
SELECT first_id, second_id, state = 'skipped', ARRAY(SELECT each ->> 'kind' FROM jsonb_array_elements(evidence) AS each)
FROM customers_duplicatepair
WHERE shop_id = %(shop_id)s AND (state = 'skipped' OR evidence <> '[]')
