-- The columns of lists, packed again from the scores as they now stand.
INSERT INTO segmentation_scorecolumns (
    shop_id, customers, kinds, net_minor, clv_minor, recency_days, stake_minor, aov_minor
)
SELECT
    %(shop_id)s,
    coalesce(string_agg(int8send(customer_id), ''), ''),
    coalesce(string_agg(int2send(kind), ''), ''),
    coalesce(string_agg(int8send(net_minor), ''), ''),
    coalesce(string_agg(int8send(coalesce(clv_minor, %(no_value)s)), ''), ''),
    coalesce(string_agg(int4send(coalesce(recency_days, 0)), ''), ''),
    coalesce(string_agg(int8send(coalesce(stake_minor, %(no_value)s)), ''), ''),
    coalesce(string_agg(int8send(coalesce(aov_minor, %(no_value)s)), ''), '')
FROM (
    SELECT
        customer_id,
        net_minor,
        -- Of a single purchase day it is the shop's mean: too early to say of one customer.
        CASE WHEN purchase_days IS DISTINCT FROM 1 THEN clv_minor END AS clv_minor,
        recency_days,
        stake_minor,
        round(gross_minor::numeric / nullif(frequency, 0))::bigint AS aov_minor,
        (
            (
                (array_position(%(stages)s::text[], stage::text) - 1) * %(groups_and_none)s
                + coalesce(array_position(%(groups)s::text[], rfm_group::text), 0)
            ) * %(cells_and_none)s
            + coalesce(25 * r + 5 * f + m - 30, 0)
        )::smallint AS kind
    FROM segmentation_customerscore
    WHERE shop_id = %(shop_id)s
    ORDER BY customer_id
) AS score
ON CONFLICT (shop_id) DO UPDATE SET
    customers = excluded.customers,
    kinds = excluded.kinds,
    net_minor = excluded.net_minor,
    clv_minor = excluded.clv_minor,
    recency_days = excluded.recency_days,
    stake_minor = excluded.stake_minor,
    aov_minor = excluded.aov_minor
