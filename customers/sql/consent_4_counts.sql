-- By channel and purpose of how many customers the consent is gained or lost, is now withdrawn or pending where there was none, and is
-- kept though something else is said.
SELECT channel || '.' || purpose AS name, CASE WHEN state = 'granted' THEN 'gained' WHEN old_state = 'granted' THEN 'lost' ELSE state END
    AS outcome, count(*)
FROM consent_outcome GROUP BY name, outcome
UNION ALL
SELECT said.channel || '.' || said.purpose, 'kept', count(DISTINCT said.customer_id)
FROM staged_consent AS said
JOIN known_consent AS known
    ON (known.customer_id, known.channel, known.purpose) = (said.customer_id, said.channel, said.purpose)
    AND known.state <> said.state
WHERE NOT EXISTS (
    SELECT FROM consent_outcome AS outcome
    WHERE (outcome.customer_id, outcome.channel, outcome.purpose) = (said.customer_id, said.channel, said.purpose)
)
GROUP BY said.channel, said.purpose
ORDER BY 1, 2
