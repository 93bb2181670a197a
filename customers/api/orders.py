"""/api/v1/orders"""

from collections.abc import Iterable
from typing import ClassVar

import django_filters
import msgspec
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from msgspec import UNSET
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.lib.keyset import WholeTier
from crm.lib.money import from_minor
from crm.rest.bodies import decoded
from crm.rest.openapi import documented
from crm.rest.problems import Problem, as_problem
from crm.rest.resources import BatchOut, CheckedBatch, MomentFilter, Resource, json_response
from customers.api import schemas
from customers.api.parsing import TOO_MANY_IDENTIFIERS, Context, checked_order, known_id
from customers.ingest import CROWDED, REFUSED, OrderIn, ingest_orders
from customers.merging import merge_recognised
from customers.models import Order, OrderLine, Refund

REFUNDED_BEFORE = (
    "With those sent before, the refunds add up to more than the order's total, or are in another currency."
)
EXPANDABLE = frozenset({"lines", "refunds"})


class OrderFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    customer_id = django_filters.NumberFilter(
        field_name="customer_id", min_value=0, max_value=2**63 - 1, decimal_places=0, help_text="Our id."
    )
    status = django_filters.ChoiceFilter(choices=Order.Status.choices)
    placed_from = MomentFilter(field_name="placed_at", lookup_expr="gte", help_text="At or after; with its zone.")
    placed_before = MomentFilter(field_name="placed_at", lookup_expr="lt", help_text="Before; with its zone.")

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = []


class OrderResource(Resource):
    scopes: ClassVar = {"read": "orders:read", "write": "orders:write"}
    expandable = EXPANDABLE
    never_empty = frozenset({"customer_id"})
    filterset_class = OrderFilters

    def _known_parameters(self) -> Iterable[str]:
        # A single order comes whole, so there is nothing to ask for.
        return (name for name in super()._known_parameters() if name != "expand" or self.action == "list")

    def get_queryset(self) -> QuerySet[Order]:
        parts = self.expanded() if self.action == "list" else EXPANDABLE
        wanted = {
            "lines": OrderLine.objects.select_related("product").order_by("position"),
            "refunds": Refund.objects.order_by("refunded_at", "pk"),
        }
        return Order.objects.prefetch_related(*(Prefetch(part, wanted[part]) for part in sorted(parts)))

    def sorted_rows(self, rows: QuerySet[Order]) -> WholeTier:
        return WholeTier(rows, column="placed_at", ids_descending=True)

    @documented("List orders, newest first", answers=schemas.OrderPage, expand=EXPANDABLE, paged=True)
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(self.shown, parts=self.expanded())

    @documented("Read one order", answers=schemas.OrderOut, problems=("not_found",))
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        return json_response(self.shown(self.one(pk=pk)))

    @documented("Read one order by the storefront's number", answers=schemas.OrderOut, problems=("not_found",))
    @action(detail=False, url_path="by-external-id/<path:external_id>", filterset_class=None)
    def by_external_id(self, request: Request, external_id: str) -> HttpResponse:
        return json_response(self.shown(self.one(external_id=known_id(external_id))))

    @documented(
        "Create an order, or replace what was sent before",
        takes=schemas.OrderBody,
        example=schemas.ORDER_EXAMPLE,
        answers=schemas.OrderOut,
        created=True,
        problems=schemas.ORDER_PROBLEMS,
        idempotent=True,
    )
    def create(self, request: Request) -> HttpResponse:
        now = timezone.now()
        order = checked_order(self.body(schemas.ORDER_DECODER), Context(self.shop, now, self.api_key.source))
        (outcome,), _ = ingest_orders([order], by=self.api_key, now=now, source=self.api_key.source)
        merge_recognised(by=self.api_key, now=now)
        if outcome.status == CROWDED:
            raise Problem("too_many_identifiers", TOO_MANY_IDENTIFIERS, field="customer")
        if outcome.status == REFUSED:
            raise Problem("refund_too_large", REFUNDED_BEFORE, field="refunds")
        answer = self.shown(self.one(pk=outcome.id))
        return json_response(answer, status=201 if outcome.status == "created" else 200)

    @documented(
        "Create or replace up to 1,000 orders",
        description="One bad order spoils no other. Of several with one `external_id` the last good one counts.",
        takes=schemas.OrderBatch,
        example={"orders": [schemas.ORDER_EXAMPLE]},
        answers=BatchOut,
        problems=("too_many_items",),
        idempotent=True,
    )
    @action(detail=False, methods=["post"], filterset_class=None)
    def bulk(self, request: Request) -> HttpResponse:
        now = timezone.now()
        source = self.api_key.source
        context = Context(self.shop, now, source)

        def check(raw: msgspec.Raw) -> tuple[str, OrderIn]:
            order = checked_order(decoded(raw, schemas.ORDER_DECODER), context)
            return order.external_id, order

        items = CheckedBatch(self.batch("orders"), check)
        accepted = list(items.accepted.values())
        if not accepted:
            return items.answer(())
        outcomes, _ = ingest_orders(accepted, by=self.api_key, now=now, source=source)
        merge_recognised(by=self.api_key, now=now)
        problems = {
            REFUSED: as_problem("refund_too_large", REFUNDED_BEFORE, field="refunds"),
            CROWDED: as_problem("too_many_identifiers", TOO_MANY_IDENTIFIERS, field="customer"),
        }
        return items.answer(outcomes, problems)

    def shown(self, order: Order, parts: frozenset[str] = EXPANDABLE) -> schemas.OrderOut:
        def text(minor: int) -> str:
            return str(from_minor(minor, order.currency))

        return schemas.OrderOut(
            id=order.pk,
            external_id=order.external_id,
            customer_id=order.customer_id,
            placed_at=order.placed_at,
            status=order.status,
            currency=order.currency,
            shipping=text(order.shipping_minor),
            tax=text(order.tax_minor),
            adjustment=text(order.adjustment_minor),
            total=text(order.total_minor),
            revenue=_revenue(order, self.shop.currency),
            revenue_currency=self.shop.currency,
            created_at=order.created_at,
            updated_at=order.updated_at,
            lines=[_line(line, order.currency) for line in order.lines.all()] if "lines" in parts else UNSET,
            refunds=[_refund(refund) for refund in order.refunds.all()] if "refunds" in parts else UNSET,
        )


def _revenue(order: Order, currency: str) -> str | None:
    return None if order.revenue_minor is None else str(from_minor(order.revenue_minor, currency))


def _line(line: OrderLine, currency: str) -> schemas.LineOut:
    return schemas.LineOut(
        line.product_id,
        line.product.external_id if line.product else None,
        line.product.name if line.product else "",
        line.quantity,
        str(from_minor(line.unit_price_minor, currency)),
        str(from_minor(line.discount_minor, currency)),
        str(from_minor(line.total_minor, currency)),
        line.is_revenue,
    )


def _refund(refund: Refund) -> schemas.RefundOut:
    amount = str(from_minor(refund.amount_minor, refund.currency))
    return schemas.RefundOut(refund.pk, refund.external_id, amount, refund.refunded_at, refund.is_assumed)
