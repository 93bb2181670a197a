-- Each pair with what is known of both, and how many customers have the first one's name.
SELECT pair.first_id, pair.second_id, pair.kinds, coalesce(alike.people, 2),
    one.name, one.city, one.country, coalesce(by_one.emails, '{}'), coalesce(by_one.phones, '{}'),
    coalesce(by_one.sources, '{}'), coalesce(by_one.numbers[1], '#' || pair.first_id),
    other.name, other.city, other.country, coalesce(by_other.emails, '{}'), coalesce(by_other.phones, '{}'),
    coalesce(by_other.sources, '{}'), coalesce(by_other.numbers[1], '#' || pair.second_id)
FROM twin_pair AS pair
JOIN twin_person AS one ON one.customer_id = pair.first_id
JOIN twin_person AS other ON other.customer_id = pair.second_id
LEFT JOIN twin_reached AS by_one ON by_one.customer_id = pair.first_id
LEFT JOIN twin_reached AS by_other ON by_other.customer_id = pair.second_id
LEFT JOIN (
    SELECT letters, count(*) AS people FROM twin_person WHERE letters <> '' GROUP BY letters HAVING count(*) > 2
) AS alike ON alike.letters = one.letters
