-- The orders that name a surplus identifier.
SELECT staged.n
FROM staged_order AS staged
JOIN staged_surplus AS surplus
    ON surplus.kind = 'email' AND surplus.value = staged.email OR surplus.kind = 'phone' AND surplus.value = staged.phone
UNION
SELECT staged.n
FROM staged_surplus AS surplus
JOIN staged_more AS more ON (more.kind, more.source, more.value) = (surplus.kind, surplus.source, surplus.value)
JOIN staged_order AS staged ON staged.also = more.also
ORDER BY n
