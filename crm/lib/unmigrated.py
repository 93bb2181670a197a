"""A command that meets a database which `migrate` has not made its tables in says so, instead of a traceback."""

from django.db import ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import UndefinedColumn, UndefinedTable

SENTENCE = "The database has not all of its tables yet: run `manage.py migrate` first."


def explained(error: ProgrammingError) -> str:
    """What to tell whoever typed the command; "" where migrations are not what is missing."""
    if not isinstance(error.__cause__, (UndefinedTable, UndefinedColumn)):
        return ""
    executor = MigrationExecutor(connection)
    return SENTENCE if executor.migration_plan(executor.loader.graph.leaf_nodes()) else ""
