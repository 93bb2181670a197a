"""Stages the orders of one request."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from customers.domain.identity import written_of
from customers.ingest.engine import Engine
from customers.ingest.records import CustomerIn, IdentifierIn, OrderIn, RefundIn
from customers.models.identifier_kinds import IDENTIFIER_KINDS, strength_of

STAGED_ORDER_COLUMNS = (
    "external_id, placed_at, placed_on, status, currency, rate, shipping_minor, tax_minor, adjustment_minor"
)
STAGED_CUSTOMER_COLUMNS = "customer_external_id, email, phone, name, city, country, also"
STAGED_REFUND_COLUMNS = "external_id, order_external_id, refunded_at, refunded_on, currency, rate, amount_minor"
STAGED_LINE_COLUMNS = (
    "product_external_id, product_name, quantity, unit_price_minor, discount_minor, total_minor, is_revenue"
)
STAGED_REFUND_LINE_COLUMNS = "product_external_id, product_name, quantity, total_minor"


def stage_orders(engine: Engine, orders: Sequence[OrderIn], refunds: Sequence[RefundIn] = ()) -> None:
    """Copy orders with their refunds, and refunds that name no order, into the staging tables."""
    cursor = engine.cursor
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
                *_named(o.customer),
            )
            for n, o in enumerate(orders)
        ),
    )
    _copy(
        cursor,
        f"staged_line (order_n, position, {STAGED_LINE_COLUMNS})",
        ((n, position, *line) for n, order in enumerate(orders) for position, line in enumerate(order.lines, 1)),
    )
    stage_more(engine, [*(order.customer for order in orders), *(refund.customer for refund in all_refunds)])
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
                *_named(r.customer),
            )
            for n, r in enumerate(all_refunds)
        ),
    )
    _copy(
        cursor,
        f"staged_refund_line (refund_n, position, {STAGED_REFUND_LINE_COLUMNS})",
        ((n, position, *line) for n, refund in enumerate(all_refunds) for position, line in enumerate(refund.lines, 1)),
    )


def stage_more(engine: Engine, people: Sequence[CustomerIn]) -> None:
    """Copy all identifiers of those who are named by more than a number, an e-mail and a phone; and of everybody, how
    identifiers were written.
    """
    _stage_given(engine.cursor, people)
    named = {key_of(who.also): who.also for who in people if who.also}
    engine.names_more = bool(named)
    if not named:
        return
    _copy(
        engine.cursor,
        "staged_more (also, place, kind, source, value, strength, is_single, is_anonymous)",
        (
            (
                key,
                place,
                *each,
                strength_of(each.kind, each.source, own_source=engine.params["source"]),
                IDENTIFIER_KINDS[each.kind].has_source,
                IDENTIFIER_KINDS[each.kind].is_anonymous,
            )
            for key, identifiers in named.items()
            for place, each in enumerate(identifiers)
        ),
    )


def _stage_given(cursor: CursorWrapper, people: Iterable[CustomerIn]) -> None:
    """How identifiers were written, where that is not their normal form."""
    named: list[tuple[str, str | None]] = []
    for who in people:
        named += (("external", who.external_id), ("email", who.email), ("phone", who.phone))
        named += ((each.kind, each.value) for each in who.also)
    if written := written_of(named):
        _copy(cursor, "staged_given (kind, value, given)", ((*each, given) for each, given in written.items()))


def key_of(also: Sequence[IdentifierIn]) -> str:
    """What tells those apart who are named by more than a number, an e-mail and a phone; "" of all others."""
    return json.dumps(also, ensure_ascii=False) if also else ""


def _named(who: CustomerIn) -> tuple[str, ...]:
    return *who[:6], key_of(who.also)


def _copy(cursor: CursorWrapper, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
