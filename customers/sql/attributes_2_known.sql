-- What is known of the attributes of which something is said.
INSERT INTO known_value
SELECT id, customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id, updated_at, is_held
FROM customers_attributevalue
WHERE shop_id = %(shop_id)s
    AND customer_id = ANY(ARRAY(SELECT DISTINCT customer_id FROM staged_value))
    AND definition_id = ANY(ARRAY(SELECT DISTINCT definition_id FROM staged_value))
