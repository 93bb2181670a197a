-- Identifiers that known customers do not get, since their field is to be kept as it is.
DELETE FROM staged_identifier AS given
USING (SELECT customer_id, bool_or(is_new) AS is_new FROM slice_row GROUP BY customer_id) AS person
WHERE person.customer_id = given.customer_id AND NOT person.is_new AND given.kind = ANY(%(kept_kinds)s)
RETURNING given.kind
