"""Instead of Django's `flush`, which empties the tables after each test that commits.

Django's also runs everything that follows a migration (content types, permissions, grants), which takes longer than the
emptying. Here content types and permissions, which no test writes, stay, and so nothing has to be done again.
"""

from django.core.management.commands import flush
from django.db import connections

KEPT = {"django_content_type", "auth_permission"}


class Command(flush.Command):
    def handle(self, *, database, **options):
        connection = connections[database]
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        emptied = ", ".join(connection.ops.quote_name(name) for name in sorted(set(names) - KEPT))
        # Without CASCADE: if a kept table ever pointed to an emptied one, this would say so.
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {emptied}")
