"""The orders behind a number of the overview or of a cohort: those of some days, all or of one kind of customer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.dashboard.uncounted import Uncounted, uncounted
from crm.lib.keyset import Page, Tier, page_of
from customers.models import Order
from customers.queries import name_the_nameless

PAGE = 50
MOST_ADDED_UP = 50_000  # more would keep the page waiting; a week or a month of a large shop has fewer
ORDER_KINDS = [("returning", _("Returning")), ("new", _("New")), ("unknown", _("Guests, no account"))]
COUNTED = [("no", _("Not counted"))]
# A moment in UTC is within this of its shop's date; the index is by moment.
ZONE_MARGIN = timedelta(days=2)


class OrderFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The shop's days; kind as SalesDay counts; first_…: days of the customer's first order."""

    placed_from = django_filters.DateFilter(method="by_from")
    placed_to = django_filters.DateFilter(method="by_to")
    first_from = django_filters.DateFilter(field_name="customer__first_order_on", lookup_expr="gte")
    first_to = django_filters.DateFilter(field_name="customer__first_order_on", lookup_expr="lte")
    kind = django_filters.ChoiceFilter(choices=ORDER_KINDS, method="by_kind")
    counted = django_filters.ChoiceFilter(choices=COUNTED, method="by_counted")

    def by_counted(self, rows: QuerySet[Order], name: str, counted: str) -> QuerySet[Order]:
        """Left to `order_list`, which adds up both."""
        return rows

    def by_from(self, rows: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return rows.filter(placed_on__gte=day, placed_at__gte=_midnight(day) - ZONE_MARGIN)

    def by_to(self, rows: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return rows.filter(placed_on__lte=day, placed_at__lte=_midnight(day) + ZONE_MARGIN)

    def by_kind(self, rows: QuerySet[Order], name: str, kind: str) -> QuerySet[Order]:
        if kind == "unknown":
            return rows.filter(customer__isnull=True)
        if kind == "new":
            # None is earlier than the first. The planner takes "=" for rare, and would sort all orders to find it.
            return rows.filter(placed_on__lte=F("customer__first_order_on"))
        return rows.filter(placed_on__gt=F("customer__first_order_on"))


def _midnight(day: date) -> datetime:
    # The ends of the calendar leave no room for the margin.
    return datetime.combine(min(max(day, date(1900, 1, 1)), date(9000, 1, 1)), time(), tzinfo=UTC)


@dataclass(frozen=True)
class OrderList:
    """One page of orders, latest first, each with its customer; used: the filters that could be read.

    sums: of all pages, and of the orders left out; None where both together are more than MOST_ADDED_UP.
    """

    orders: list[Order]
    page: Page
    used: dict[str, Any]
    sums: Uncounted | None


def order_list(query: QueryDict, cursor: str) -> OrderList:
    """Raises BadCursor."""
    filters = OrderFilters(query, queryset=Order.objects.all())
    filters.is_valid()  # fills cleaned_data, without what cannot be read
    shown = filters.qs.filter(is_purchase=filters.form.cleaned_data.get("counted") != "no")
    page = page_of([Tier(shown, column="placed_at", ids_descending=True)], cursor, size=PAGE)
    orders = Order.objects.select_related("customer").in_bulk(page.ids)
    name_the_nameless(order.customer for order in orders.values())
    used = {name: value for name, value in filters.form.cleaned_data.items() if value}
    return OrderList([orders[pk] for pk in page.ids if pk in orders], page, used, _sums(filters.qs))


def _sums(orders: QuerySet[Order]) -> Uncounted | None:
    sums = uncounted(orders.order_by()[: MOST_ADDED_UP + 1])
    return None if sums.orders + sums.total > MOST_ADDED_UP else sums
