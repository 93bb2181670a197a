-- The contacts of those who are compared, in a row each.
INSERT INTO twin_reached (customer_id, emails, phones, sources, numbers)
SELECT customer_id, array_agg(value) FILTER (WHERE kind = 'email'), array_agg(value) FILTER (WHERE kind = 'phone'),
    array_agg(source) FILTER (WHERE kind = 'external'),
    array_agg(value ORDER BY source, value) FILTER (WHERE kind = 'external')
FROM twin_contact
WHERE customer_id IN (SELECT first_id FROM twin_pair UNION SELECT second_id FROM twin_pair)
GROUP BY customer_id
