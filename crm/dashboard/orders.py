"""The orders behind a number of the overview or of a cohort: those of some days, all or of one kind of customer."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from crm.dashboard.uncounted import Uncounted, uncounted
from crm.lib.keyset import Page, Tier, page_of
from customers.filters import OrderFilters
from customers.models import Order
from customers.queries import name_the_nameless

PAGE = 50
MOST_ADDED_UP = 50_000  # more would keep the page waiting; a week or a month of a large shop has fewer


@dataclass(frozen=True)
class OrderList:
    """One page of orders, latest first, each with its customer; used: the filters that could be read.

    is_of_no_import: there are none since those of an import are asked for, by what is no number of one.
    sums: of all pages, and of the orders left out; None where both together are more than MOST_ADDED_UP.
    """

    orders: list[Order]
    page: Page
    used: dict[str, Any]
    sums: Uncounted | None
    is_of_no_import: bool = False


def order_list(query: QueryDict, cursor: str) -> OrderList:
    """Raises BadCursor."""
    filters = OrderFilters(query, queryset=Order.objects.all())
    filters.is_valid()  # fills cleaned_data, without what cannot be read
    shown = filters.qs
    if not filters.form.cleaned_data.get("import") or is_left_out(filters):
        shown = shown.filter(is_purchase=not is_left_out(filters))  # an import brought both, and its report counts both
    page = page_of([Tier(shown, column="placed_at", ids_descending=True)], cursor, size=PAGE)
    orders = Order.objects.select_related("customer").in_bulk(page.ids)
    name_the_nameless(order.customer for order in orders.values())
    # What an address of the list may say as well: "counted=yes" is what it shows anyway.
    used = {name: value for name, value in filters.form.cleaned_data.items() if value and value != "yes"}
    found = [orders[pk] for pk in page.ids if pk in orders]
    return OrderList(found, page, used, _sums(filters.qs), filters.is_of_no_import)


def is_left_out(filters: OrderFilters) -> bool:
    """Whether the orders are asked for that numbers leave out."""
    return bool(filters.form.cleaned_data.get("counted") == "no")


def _sums(orders: QuerySet[Order]) -> Uncounted | None:
    sums = uncounted(orders.order_by()[: MOST_ADDED_UP + 1])
    return None if sums.orders + sums.total > MOST_ADDED_UP else sums
