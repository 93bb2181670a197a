from django.db import migrations

# Deleting a shop still takes its entries along: the database does that, as the owner of the tables.
TAKE = """
REVOKE UPDATE, DELETE ON shops_auditentry FROM crm_platform;
REVOKE DELETE ON shops_audithead FROM crm_platform;
"""
GIVE_BACK = """
GRANT UPDATE, DELETE ON shops_auditentry TO crm_platform;
GRANT DELETE ON shops_audithead TO crm_platform;
"""


class Migration(migrations.Migration):
    """Audit entries are only added, also by the people who run the installation."""

    dependencies = [("shops", "0004_invitation_sent")]

    operations = [migrations.RunSQL(TAKE, GIVE_BACK)]
