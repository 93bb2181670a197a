-- What the slice's orders come to, in each currency: those that count as purchases, and the others.
SELECT currency, count(*), count(*) FILTER (WHERE is_purchase),
    coalesce(sum(total_minor) FILTER (WHERE is_purchase), 0)::bigint,
    coalesce(sum(total_minor) FILTER (WHERE NOT is_purchase), 0)::bigint,
    coalesce(sum(shipping_minor) FILTER (WHERE is_purchase), 0)::bigint,
    coalesce(sum(tax_minor) FILTER (WHERE is_purchase), 0)::bigint,
    coalesce(sum(adjustment_minor) FILTER (WHERE is_purchase), 0)::bigint,
    count(*) FILTER (WHERE adjustment_minor <> 0), min(placed_on), max(placed_on), max(total_minor) FILTER (WHERE is_purchase),
    (array_agg(external_id ORDER BY total_minor DESC, n) FILTER (WHERE is_purchase))[1]
FROM ready_order GROUP BY currency ORDER BY currency
