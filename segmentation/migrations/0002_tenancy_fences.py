"""Fences around the tables of segmentation, and what the tick may see."""

from django.db import migrations

from crm.tenancy.operations import SameShop, SecurityDefinerFunction, TenantTable

DUE_FOR_SEARCH = """
CREATE POLICY search ON segmentation_scorerun FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, state, due_at, lease_until) ON segmentation_scorerun TO crm_search;
"""

DUE_WORK = """
CREATE FUNCTION segmentation_due_work() RETURNS TABLE (kind text, shop bigint, since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT 'score', shop_id, min(due_at) FROM public.segmentation_scorerun
        WHERE state IN ('queued', 'running') AND due_at <= now() AND (state = 'queued' OR lease_until < now())
        GROUP BY shop_id;
    END
"""


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0001_initial"), ("customers", "0002_tenancy_fences")]

    operations = [
        TenantTable("ScoreRun"),
        TenantTable("CustomerScore"),
        TenantTable("StageTransition"),
        TenantTable("RFMMonth"),
        SameShop("CustomerScore", "customer"),
        SameShop("StageTransition", "customer"),
        SameShop("RFMMonth", "customer"),
        migrations.RunSQL(DUE_FOR_SEARCH, migrations.RunSQL.noop),
        SecurityDefinerFunction("segmentation_due_work()", DUE_WORK),
    ]
