"""Fences around the tables of crm.shops, and the one look-up that must work before a scope is open."""

from django.db import migrations

from crm.tenancy.operations import SameShop, SecurityDefinerFunction, TenantTable

# An injected statement must not make anybody a member of the installation's staff.
USERS = """
ALTER TABLE shops_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_all ON shops_user FOR SELECT TO crm_app USING (true);
CREATE POLICY insert_people ON shops_user FOR INSERT TO crm_app WITH CHECK (NOT is_staff AND NOT is_superuser);
CREATE POLICY update_people ON shops_user FOR UPDATE TO crm_app
    USING (NOT is_staff AND NOT is_superuser) WITH CHECK (NOT is_staff AND NOT is_superuser);
CREATE POLICY platform ON shops_user TO crm_platform USING (true) WITH CHECK (true);
"""

SHOPS_OF_USER = """
CREATE FUNCTION shops_of_user(person bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC SELECT shop_id FROM public.shops_membership WHERE user_id = person; END
"""

MEMBERSHIPS_FOR_SEARCH = """
CREATE INDEX shops_membership_user ON shops_membership (user_id);
CREATE POLICY search ON shops_membership FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, user_id) ON shops_membership TO crm_search;
"""


class Migration(migrations.Migration):
    dependencies = [("shops", "0001_initial")]

    operations = [
        TenantTable("Membership"),
        TenantTable("Invitation"),
        TenantTable("ApiKey"),
        TenantTable("AuditHead", app_grants=("SELECT", "INSERT", "UPDATE")),
        TenantTable("AuditEntry", app_grants=("SELECT", "INSERT")),
        TenantTable("IdempotencyRecord"),
        SameShop("ApiKey", "rotated_from"),
        SameShop("IdempotencyRecord", "api_key"),
        migrations.RunSQL(USERS, migrations.RunSQL.noop),
        migrations.RunSQL(MEMBERSHIPS_FOR_SEARCH, migrations.RunSQL.noop),
        SecurityDefinerFunction("shops_of_user(bigint)", SHOPS_OF_USER),
    ]
