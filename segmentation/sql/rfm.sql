-- Recency, frequency and money of each buyer as of a cut, scored 1 to 5, with what the models need to know beside it.
-- A score is one more than the number of bounds below the value (for recency: five less), so equal values get equal
-- scores. The bounds are the shop's own, or the values at one, two, three and four fifths of its buyers.
WITH refunded AS (
    SELECT customer_id, sum(coalesce(revenue_minor, 0))::bigint AS minor
    FROM customers_refund
    WHERE shop_id = %(shop_id)s AND customer_id IS NOT NULL AND refunded_on <= %(cut)s
    GROUP BY customer_id
),
buyer AS MATERIALIZED (
    SELECT
        bought.*,
        %(cut)s::date + 1 - bought.last_on AS recency_days,
        bought.gross_minor - coalesce(refunded.minor, 0) AS net_minor
    FROM customer_purchases AS bought
    LEFT JOIN refunded USING (customer_id)
    WHERE bought.shop_id = %(shop_id)s
),
bound AS MATERIALIZED (
    SELECT
        coalesce(%(recency_bounds)s::float8[], percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY recency_days)) AS r,
        coalesce(%(frequency_bounds)s::float8[], percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY frequency)) AS f,
        coalesce(%(monetary_bounds)s::float8[], percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY net_minor)) AS m
    FROM buyer
)
SELECT
    customer_id,
    recency_days,
    frequency,
    gross_minor,
    net_minor,
    (5 - (recency_days > bound.r[1])::integer - (recency_days > bound.r[2])::integer
       - (recency_days > bound.r[3])::integer - (recency_days > bound.r[4])::integer)::smallint AS r,
    (1 + (frequency > bound.f[1])::integer + (frequency > bound.f[2])::integer
       + (frequency > bound.f[3])::integer + (frequency > bound.f[4])::integer)::smallint AS f,
    (1 + (net_minor > bound.m[1])::integer + (net_minor > bound.m[2])::integer
       + (net_minor > bound.m[3])::integer + (net_minor > bound.m[4])::integer)::smallint AS m,
    first_day_minor,
    purchase_days,
    %(cut)s::date - first_on AS days_since_first,
    sum_squared_gaps,
    last_gap,
    past_purchase_days,
    past_last_on - first_on AS past_days
FROM buyer, bound
ORDER BY customer_id
