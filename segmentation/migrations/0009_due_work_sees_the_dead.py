"""The tick sees at once that a worker is dead, by its lock; and asks nobody to begin what could not begin yet."""

from django.db import migrations

from crm.tenancy.operations import DueWork, SecurityDefinerFunction

BEFORE = """
CREATE FUNCTION segmentation_due_work() RETURNS TABLE (kind text, shop bigint, since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT 'score', shop_id, min(due_at) FROM public.segmentation_scorerun
        WHERE state IN ('queued', 'running') AND due_at <= now() AND (state = 'queued' OR lease_until < now())
        GROUP BY shop_id;
    END
"""
DROP = "SET LOCAL ROLE crm_search; DROP FUNCTION segmentation_due_work(); RESET ROLE"


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0008_first_import")]

    operations = [
        migrations.RunSQL(DROP, SecurityDefinerFunction("segmentation_due_work()", BEFORE).sql),
        migrations.RunSQL("GRANT SELECT (token) ON segmentation_scorerun TO crm_search", migrations.RunSQL.noop),
        DueWork("segmentation", {"score": "segmentation_scorerun"}),
    ]
