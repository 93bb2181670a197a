-- What was found, the likeliest first.
SELECT first_number, second_number, score, reasons FROM twin_found
WHERE score >= %(worth_asking)s
ORDER BY score DESC, first_id, second_id
