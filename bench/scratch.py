"""A database of its own for the benchmarks, made by the real migrations and dropped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def scratch_database(*, keep: bool = False) -> Iterator[None]:
    """All aliases lead to the scratch database inside the block; it is settings.DATABASES["owner"]["TEST"]["NAME"].

    keep: leave it, with its rows, for the next time.
    """
    creation = connections["owner"].creation
    real = connections["owner"].settings_dict["NAME"]
    creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
    for alias in ("default", "platform"):
        connections[alias].creation.set_as_test_mirror(connections["owner"].settings_dict)
    try:
        yield
    finally:
        connections.close_all()
        creation.destroy_test_db(real, verbosity=0, keepdb=keep)
