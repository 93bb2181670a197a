"""Writes orders, whoever brings them: the API hands a list over, an import hands a file slice by slice.

Reading a batch twice changes nothing: an order is known by the storefront's number, and a hash tells whether it says
anything new.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connections, transaction

from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.ingest.engine import Engine
from customers.ingest.records import (
    CROWDED,
    REFUSED,
    Counts,
    CustomerIn,
    IdentifierIn,
    LineIn,
    OrderIn,
    Outcome,
    RefundIn,
    RefundLineIn,
    total_of,
)
from customers.ingest.staging import stage_orders
from customers.ingest.statistics import refresh_outgrown_statistics, refresh_statistics
from customers.models import Through
from customers.writers import writer

__all__ = [
    "CROWDED",
    "REFUSED",
    "Counts",
    "CustomerIn",
    "Engine",
    "IdentifierIn",
    "LineIn",
    "OrderIn",
    "Outcome",
    "RefundIn",
    "RefundLineIn",
    "ingest_orders",
    "refresh_outgrown_statistics",
    "refresh_sales_days",
    "refresh_statistics",
    "total_of",
]


@transaction.atomic
def ingest_orders(
    orders: Sequence[OrderIn], *, by: Actor, now: datetime, refunds: Sequence[RefundIn] = (), source: str = ""
) -> tuple[list[Outcome], Counts]:
    """Create or update orders of the shop in scope; return what became of each, in the same sequence.

    source: of which storefront the customers' numbers are. The external ids must be distinct within the batch, and so
    must the refunds of one order. All or nothing, but for orders with more refunds than they are worth, or in another
    currency, those of earlier batches counted, and for those that would give a customer more identifiers than one may
    have: they are left out, with all they bring.
    """
    with connections["default"].cursor() as cursor:
        engine = Engine(cursor, now=now, source=source, refuses_surplus=True, by=writer(by, Through.ORDER))
        engine.open()
        stage_orders(engine, orders, refunds)
        engine.lock()  # only now: staging concerns nobody else
        engine.compare()
        engine.write()
        counts = engine.counts
        if counts.has_changes:
            record("orders.ingested", by=by, details=vars(counts))
            refresh_outgrown_statistics(cursor, customers=counts.customers_created, orders=counts.orders_created)
        done = {outcome.external_id: outcome for outcome in engine.outcomes()}
        crowded = {orders[n].external_id for n in engine.crowded}
        return [
            done.get(order.external_id)
            or Outcome(CROWDED if order.external_id in crowded else REFUSED, 0, order.external_id)
            for order in orders
        ], counts


def refresh_sales_days(*, most: int = 400) -> int:
    """Add up again at most `most` stale days of the shop in scope; return how many there were.

    A day has a row where an order or refund is dated on it, and none where nothing is any more.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "sales_days"), {"shop_id": current_shop_id(), "most": most})
        return int(cursor.fetchone()[0])
