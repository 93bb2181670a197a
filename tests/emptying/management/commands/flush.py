"""Instead of Django's `flush`, which empties the tables after each test that commits.

Django's also runs everything that follows a migration (content types, permissions, grants), which takes longer than the
emptying. Here content types and permissions, which no test writes, stay, and so nothing has to be done again.
"""

from django.core.management.commands import flush
from django.db import OperationalError, connections
from psycopg.errors import DeadlockDetected

KEPT = {"django_content_type", "auth_permission"}
TRIES = 3


class Command(flush.Command):
    def handle(self, *, database, **options):
        connection = connections[database]
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        emptied = ", ".join(connection.ops.quote_name(name) for name in sorted(set(names) - KEPT))
        # Without CASCADE: if a kept table ever pointed to an emptied one, this would say so.
        for tries_left in reversed(range(TRIES)):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"TRUNCATE {emptied}")
            except OperationalError as error:
                # What a test left running (a worker, a request) may read a table while it waits for another one: the
                # server ends one of the two, and if that was this one, the other has finished by the next time.
                if not tries_left or not isinstance(error.__cause__, DeadlockDetected):
                    raise
            else:
                return
