-- Staff win over storefronts: take out what is said of attributes of which staff hold a value.
DELETE FROM staged_value AS said USING known_value AS known
WHERE known.customer_id = said.customer_id AND known.definition_id = said.definition_id AND known.is_held
