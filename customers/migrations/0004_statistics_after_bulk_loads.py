"""Let a worker refresh the planner's statistics after a bulk load, and spare lines a check their order makes already.

A shop whose first rows came a moment ago is not in the statistics: the planner takes it for one row and joins it row by
row, which took minutes instead of a second. ANALYZE belongs to a table's owner, so a function does it.
"""

from django.db import migrations

from crm.tenancy.operations import SecurityDefinerFunction

TABLES = (
    "customers_customer",
    "customers_identifier",
    "customers_searchdocument",
    "customers_product",
    "customers_order",
    "customers_orderline",
    "customers_refund",
    "customers_refundline",
    "customers_salesday",
)
ALLOW = "\n".join(f"GRANT MAINTAIN ON {table} TO crm_search;" for table in TABLES)
REFRESH = f"""
CREATE FUNCTION customers_refresh_statistics() RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ANALYZE {", ".join(f"public.{table}" for table in TABLES)};
END $$
"""
# (shop_id, order_id) says already that the shop is there; a check for each of millions of lines says it once more.
SPARE = """
ALTER TABLE customers_orderline DROP CONSTRAINT customers_orderline_shop_fk;
ALTER TABLE customers_refundline DROP CONSTRAINT customers_refundline_shop_fk;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_rejected_row_kept")]

    operations = [
        migrations.RunSQL(ALLOW, migrations.RunSQL.noop),
        SecurityDefinerFunction("customers_refresh_statistics()", REFRESH),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
    ]
