"""Fences around the tables of customers, the search function, and what the tick may see."""

from django.db import migrations

from crm.tenancy.operations import SameShop, SecurityDefinerFunction, TenantTable

TABLES = (
    "Customer",
    "Identifier",
    "SearchDocument",
    "Product",
    "Order",
    "OrderLine",
    "Refund",
    "RefundLine",
    "SalesDay",
    "Tag",
    "CustomerTag",
    "Note",
    "ImportJob",
    "RejectedRow",
    "ExportJob",
)
SAME_SHOP = (
    ("Identifier", "customer", "CASCADE"),
    ("SearchDocument", "customer", "CASCADE"),
    ("Order", "customer", "CASCADE"),
    ("OrderLine", "order", "CASCADE"),
    ("OrderLine", "product", "RESTRICT"),
    ("Refund", "order", "CASCADE"),
    ("Refund", "customer", "CASCADE"),
    ("RefundLine", "refund", "CASCADE"),
    ("RefundLine", "product", "RESTRICT"),
    ("CustomerTag", "customer", "CASCADE"),
    ("CustomerTag", "tag", "CASCADE"),
    ("Note", "customer", "CASCADE"),
    ("RejectedRow", "job", "CASCADE"),
)

SEARCH_POLICIES = """
CREATE POLICY search ON customers_searchdocument FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, customer_id, terms) ON customers_searchdocument TO crm_search;
CREATE POLICY search ON customers_importjob FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, state, due_at, lease_until) ON customers_importjob TO crm_search;
CREATE POLICY search ON customers_exportjob FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, state, due_at, lease_until) ON customers_exportjob TO crm_search;
CREATE POLICY search ON customers_salesday FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, is_stale) ON customers_salesday TO crm_search;
"""

# `@>` on an array is not leakproof, so under row-level security it could not use the index. Terms begin with the shop's
# id and the function takes the shop from the setting: nothing of another shop can come out. Only ids come out; the rows
# are read again under row-level security.
SEARCH_CUSTOMERS = """
CREATE FUNCTION search_customers(words text[], most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shop bigint := nullif(current_setting('app.shop_id', true), '')::bigint;
BEGIN
    IF shop IS NULL THEN
        RAISE EXCEPTION 'no shop in scope';
    END IF;
    RETURN QUERY
        SELECT customer_id FROM public.customers_searchdocument
        WHERE terms @> ARRAY(SELECT shop || ':' || word FROM unnest(words) AS word) AND shop_id = shop
        LIMIT least(most, 2000);
END $$
"""

# One question for all shops: a tick must not open a scope for each of them.
SHOPS_WITH_DUE_WORK = """
CREATE FUNCTION customers_due_work() RETURNS TABLE (kind text, shop bigint, since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT 'import', shop_id, min(due_at) FROM public.customers_importjob
        WHERE state IN ('queued', 'running') AND due_at <= now() AND (state = 'queued' OR lease_until < now())
        GROUP BY shop_id
        UNION ALL
        SELECT 'export', shop_id, min(due_at) FROM public.customers_exportjob
        WHERE state IN ('queued', 'running') AND due_at <= now() AND (state = 'queued' OR lease_until < now())
        GROUP BY shop_id
        UNION ALL
        SELECT 'sales_days', shop_id, now() FROM public.customers_salesday WHERE is_stale GROUP BY shop_id;
    END
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("shops", "0002_tenancy_fences")]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(SameShop(name, field, on_delete) for name, field, on_delete in SAME_SHOP),
        migrations.RunSQL(SEARCH_POLICIES, migrations.RunSQL.noop),
        SecurityDefinerFunction("search_customers(text[], integer)", SEARCH_CUSTOMERS),
        SecurityDefinerFunction("customers_due_work()", SHOPS_WITH_DUE_WORK),
    ]
