-- Recency, frequency and money of each buyer who is scored, as of a cut (its day included), each scored 1 to 5.
-- A score is one more than the number of bounds below the value (for recency: five less), so equal values get equal
-- scores. The bounds are the shop's own, or the values at one, two, three and four fifths of its buyers.
WITH bought AS (
    -- An order whose exchange rate is not known counts as an order of no money.
    SELECT
        customer_id,
        max(placed_on) AS last_on,
        count(*)::integer AS frequency,
        sum(coalesce(revenue_minor, 0))::bigint AS gross_minor
    FROM customers_order
    WHERE shop_id = %(shop_id)s AND is_purchase AND customer_id IS NOT NULL AND placed_on <= %(cut)s
        AND NOT EXISTS (SELECT FROM left_out WHERE left_out.customer_id = customers_order.customer_id)
    GROUP BY customer_id
),
refunded AS (
    -- As refunds.sql has them.
    SELECT refund.customer_id, sum(coalesce(refund.revenue_minor, 0))::bigint AS minor
    FROM customers_refund AS refund
    WHERE refund.shop_id = %(shop_id)s AND refund.customer_id IS NOT NULL AND refund.refunded_on <= %(cut)s
        AND NOT EXISTS (
            SELECT FROM customers_order AS placed
            WHERE placed.shop_id = %(shop_id)s AND placed.id = refund.order_id AND NOT placed.is_purchase
        )
    GROUP BY refund.customer_id
),
buyer AS MATERIALIZED (
    SELECT
        customer_id,
        %(cut)s::date + 1 - last_on AS recency_days,
        frequency,
        gross_minor,
        gross_minor - coalesce(refunded.minor, 0) AS net_minor
    FROM bought
    LEFT JOIN refunded USING (customer_id)
),
bound AS MATERIALIZED (
    SELECT
        coalesce(%(recency_bounds)s::float8[], percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY recency_days)::float8[]) AS r,
        coalesce(%(frequency_bounds)s::float8[], percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY frequency)::float8[]) AS f,
        coalesce(%(monetary_bounds)s::float8[], percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY net_minor)::float8[]) AS m
    FROM buyer
)
SELECT
    customer_id,
    recency_days,
    frequency,
    gross_minor,
    net_minor,
    (5 - (recency_days > r[1])::integer - (recency_days > r[2])::integer
       - (recency_days > r[3])::integer - (recency_days > r[4])::integer)::smallint AS r,
    (1 + (frequency > f[1])::integer + (frequency > f[2])::integer
       + (frequency > f[3])::integer + (frequency > f[4])::integer)::smallint AS f,
    (1 + (net_minor > m[1])::integer + (net_minor > m[2])::integer
       + (net_minor > m[3])::integer + (net_minor > m[4])::integer)::smallint AS m
FROM buyer, bound
