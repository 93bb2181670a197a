"""Who is left out, as a table that the statements of a run look into: customers/profile says who they are."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.utils import CursorWrapper

from customers.profile import left_out


@contextmanager
def left_out_staged(cursor: CursorWrapper) -> Iterator[None]:
    """While it lasts there is a temporary table `left_out` with the column customer_id."""
    who, params = left_out().query.sql_with_params()
    cursor.execute(f"CREATE TEMPORARY TABLE left_out (customer_id) ON COMMIT DROP AS {who}", params)
    cursor.execute("ANALYZE left_out")
    yield
    # Dropped by the commit too; but a scope inside another one has none of its own.
    cursor.execute("DROP TABLE left_out")
