"""The tick sees at once that a worker is dead, by its lock; and asks nobody to begin what could not begin yet."""

from django.db import migrations

from crm.tenancy.operations import DueWork, SecurityDefinerFunction

BEFORE = """
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
DROP = "SET LOCAL ROLE crm_search; DROP FUNCTION customers_due_work(); RESET ROLE"


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_terms_of_what_may_be_seen")]

    operations = [
        migrations.RunSQL(DROP, SecurityDefinerFunction("customers_due_work()", BEFORE).sql),
        migrations.RunSQL(
            "GRANT SELECT (token) ON customers_importjob, customers_exportjob TO crm_search", migrations.RunSQL.noop
        ),
        DueWork(
            "customers",
            {"import": "customers_importjob", "export": "customers_exportjob"},
            ["SELECT 'sales_days', shop_id, now() FROM public.customers_salesday WHERE is_stale GROUP BY shop_id"],
        ),
    ]
