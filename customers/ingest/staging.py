"""Stages the orders of one request."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from customers.ingest.records import OrderIn, RefundIn

STAGED_ORDER_COLUMNS = (
    "external_id, placed_at, placed_on, status, currency, rate, shipping_minor, tax_minor, adjustment_minor"
)
STAGED_CUSTOMER_COLUMNS = "customer_external_id, email, phone, name, city, country"
STAGED_REFUND_COLUMNS = "external_id, order_external_id, refunded_at, refunded_on, currency, rate, amount_minor"
STAGED_LINE_COLUMNS = (
    "product_external_id, product_name, quantity, unit_price_minor, discount_minor, total_minor, is_revenue"
)
STAGED_REFUND_LINE_COLUMNS = "product_external_id, product_name, quantity, total_minor"


def stage_orders(cursor: CursorWrapper, orders: Sequence[OrderIn], refunds: Sequence[RefundIn] = ()) -> None:
    """Copy orders with their refunds, and refunds that name no order, into the staging tables."""
    all_refunds = [*(refund for order in orders for refund in order.refunds), *refunds]
    _copy(
        cursor,
        f"staged_order (n, {STAGED_ORDER_COLUMNS}, {STAGED_CUSTOMER_COLUMNS})",
        (
            (
                n,
                o.external_id,
                o.placed_at,
                o.placed_on,
                o.status,
                o.currency,
                o.rate,
                o.shipping_minor,
                o.tax_minor,
                o.adjustment_minor,
                *o.customer,
            )
            for n, o in enumerate(orders)
        ),
    )
    _copy(
        cursor,
        f"staged_line (order_n, position, {STAGED_LINE_COLUMNS})",
        ((n, position, *line) for n, order in enumerate(orders) for position, line in enumerate(order.lines, 1)),
    )
    if not all_refunds:
        return
    _copy(
        cursor,
        f"staged_refund (n, {STAGED_REFUND_COLUMNS}, {STAGED_CUSTOMER_COLUMNS})",
        (
            (
                n,
                r.external_id,
                r.order_external_id,
                r.refunded_at,
                r.refunded_on,
                r.currency,
                r.rate,
                r.amount_minor,
                *r.customer,
            )
            for n, r in enumerate(all_refunds)
        ),
    )
    _copy(
        cursor,
        f"staged_refund_line (refund_n, position, {STAGED_REFUND_LINE_COLUMNS})",
        ((n, position, *line) for n, refund in enumerate(all_refunds) for position, line in enumerate(refund.lines, 1)),
    )


def _copy(cursor: CursorWrapper, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
