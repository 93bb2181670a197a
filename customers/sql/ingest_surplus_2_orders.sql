-- The orders that name a surplus identifier.
SELECT DISTINCT staged.n
FROM staged_order AS staged
JOIN staged_surplus AS surplus
    ON surplus.kind = 'email' AND surplus.value = staged.email OR surplus.kind = 'phone' AND surplus.value = staged.phone
ORDER BY staged.n
