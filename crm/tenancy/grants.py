"""Who may touch the tables without a shop. A table on neither list has no grants, so it fails at first use."""

from typing import Any

from django.apps import AppConfig
from django.db import connections

READ, WRITE = "SELECT", "SELECT, INSERT, UPDATE, DELETE"

# table → (grant of crm_app, grant of crm_platform); "" is none.
GLOBAL_TABLES: dict[str, tuple[str, str]] = {
    "shops_shop": ("SELECT, INSERT, UPDATE", WRITE),  # Only the platform deletes a shop.
    "shops_user": ("SELECT, INSERT, UPDATE", WRITE),
    "shops_onetimestep": ("SELECT, INSERT, UPDATE", WRITE),  # Without its row a used code would count again.
    "shops_user_groups": ("", WRITE),
    "shops_user_user_permissions": ("", WRITE),
    "auth_group": ("", WRITE),
    "auth_group_permissions": ("", WRITE),
    "auth_permission": (READ, WRITE),
    "django_content_type": (READ, WRITE),
    "django_migrations": (READ, READ),
    "django_session": (WRITE, WRITE),
    "django_admin_log": ("", WRITE),  # It names the rows of all shops.
    "account_emailaddress": (WRITE, WRITE),
    "account_emailconfirmation": (WRITE, WRITE),
    "mfa_authenticator": (WRITE, WRITE),
    "usersessions_usersession": (WRITE, WRITE),
}


def grant_global_tables(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After each migrate: give the roles exactly what the table above says."""
    if sender.label != "shops" or using != "owner":
        return
    with connections[using].cursor() as cursor:
        existing = set(connections[using].introspection.table_names(cursor))
        for table, (app, platform) in GLOBAL_TABLES.items():
            if table not in existing:
                continue
            cursor.execute(f"REVOKE ALL ON {table} FROM crm_app, crm_platform")
            for role, grant in (("crm_app", app), ("crm_platform", platform)):
                if grant:
                    cursor.execute(f"GRANT {grant} ON {table} TO {role}")
        # A new shop takes its id ahead: its scope must be open when its first rows are written.
        cursor.execute("GRANT USAGE ON SEQUENCE shops_shop_id_seq TO crm_app")
