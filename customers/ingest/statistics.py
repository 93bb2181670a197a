"""Keeps the planner's statistics in step with what is loaded: a shop it does not know is taken for one row."""

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from crm.tenancy.scope import current_shop_id

# Where a small shop never gets into the sample, batch after batch would ask in vain.
NOT_AGAIN_WITHIN = "1 minute"


def refresh_statistics() -> None:
    """Tell the planner how much a bulk load has brought; about a second, whatever the size of the tables."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT customers_refresh_statistics()")


def refresh_outgrown_statistics(cursor: CursorWrapper, *, customers: int = 0, orders: int = 0) -> None:
    """After the commit, if this batch alone has created more rows than the planner expects of the whole shop.

    Such a shop's rows are joined one by one, by any index that begins with the shop: the more it has, the longer each
    batch takes. Autovacuum would notice when a tenth of all shops' rows is new, which may be hours after the first.
    """
    created = {"customers_customer": customers, "customers_order": orders}
    if any(rows > _expected(cursor, table) for table, rows in created.items() if rows):
        # ANALYZE inside the transaction would keep its locks to the end.
        transaction.on_commit(_refresh_unless_just_done, using="default", robust=True)


def _expected(cursor: CursorWrapper, table: str) -> int:
    """How many rows of the shop in scope the planner thinks the table has; never less than one."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE shop_id = {current_shop_id()}")
    ((explained,),) = cursor.fetchone()
    return int(explained["Plan"]["Plan Rows"])


def _refresh_unless_just_done() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_get_last_analyze_time('customers_customer'::regclass) > clock_timestamp() - %s::interval",
            [NOT_AGAIN_WITHIN],
        )
        (is_recent,) = cursor.fetchone()
    if not is_recent:
        refresh_statistics()
