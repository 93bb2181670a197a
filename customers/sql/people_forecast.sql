-- What the slice would have written, for the next slices of a dry run.
INSERT INTO file_identifier (shop_id, customer_id, kind, source, value, match_value)
SELECT %(shop_id)s, customer_id, kind, source, value, match_value
FROM staged_identifier;
INSERT INTO people_detail SELECT customer_id, name, city, country, about FROM ready_person
ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, city = excluded.city, country = excluded.country,
    about = excluded.about;
INSERT INTO people_consented SELECT customer_id, channel, purpose, state, at FROM consent_outcome
ON CONFLICT (customer_id, channel, purpose) DO UPDATE SET state = excluded.state, at = excluded.at;
INSERT INTO foreseen_consent SELECT customer_id, channel, purpose, state, at FROM ready_consent;
INSERT INTO people_tag SELECT customer_id, lower(name) FROM ready_tag ON CONFLICT DO NOTHING
