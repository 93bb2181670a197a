"""The test database as a copy of one that is migrated already: copying takes a second, migrating takes many.

What is copied belongs to one state of the code: any change of a file that a migration could use makes another. The
migrations still run on each copy, and find nothing to do.
"""

import hashlib
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from django.db import connections

PREFIX = "migrated_"
ROOT = Path(settings.BASE_DIR)
LOCK = 20_261_120  # any number: two processes of a run must not both migrate


def state_of_the_code():
    """A name for all that a migrated database could depend on: our code, and the versions of what is installed."""
    digest = hashlib.sha256()
    packages = [path.parent for path in ROOT.glob("*/__init__.py")]
    for path in sorted(
        path for package in packages for ending in ("py", "sql") for path in package.rglob(f"*.{ending}")
    ):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    digest.update(repr(sorted((found.name, found.version) for found in distributions())).encode())
    return PREFIX + digest.hexdigest()[:16]


def migrated_template():
    """The name of a database with this state's tables; made by the first process that asks, used by all later ones."""
    connection, name = connections["owner"], state_of_the_code()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until this connection ends
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            for older in found:
                cursor.execute(f'DROP DATABASE IF EXISTS "{older}" WITH (FORCE)')
            make(f"{PREFIX}draft")
            # Only now, when it is whole: a run that is broken off must leave no half of one.
            cursor.execute(f'ALTER DATABASE "{PREFIX}draft" RENAME TO "{name}"')
    return name


def make(name):
    """Create a test database of this name and migrate it; the connection has its own name back afterwards."""
    connection = connections["owner"]
    test, own = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    kept, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"] = kept
        connection.settings_dict["NAME"] = settings.DATABASES["owner"]["NAME"] = own
