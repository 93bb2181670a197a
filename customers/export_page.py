"""What the page says on which a file is put together."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import ngettext

from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Link
from customers.exports import KINDS, NOT_FILTERS, ExportKind
from customers.filters import OrderFilters, ProductFilters, in_words
from customers.models import ExportJob, Order, Product
from customers.queries import Size, size_of

ASKED = {  # filters that the page itself asks for; the others come with the address of a list
    ExportJob.Kind.ORDERS: ("placed_from", "placed_to", "counted"),
    ExportJob.Kind.LINES: ("placed_from", "placed_to", "counted"),
    ExportJob.Kind.PRODUCTS: ("product",),
}


def new_export_page(kind: ExportKind, query: QueryDict, shop: Shop) -> dict[str, Any]:
    """Raises BadFilters."""
    filters = {name: values for name, values in query.lists() if name not in NOT_FILTERS and any(values)}
    words = in_words(kind.key, filters, shop=shop)
    asked = ASKED.get(ExportJob.Kind(kind.key), ())
    if kind.key == ExportJob.Kind.PRODUCTS:
        form = ProductFilters(query, queryset=Product.objects.none()).form
    else:
        form = OrderFilters(query, queryset=Order.objects.none()).form
    kept = [(name, value) for name, values in filters.items() if name not in asked for value in values]
    return {
        "kind": kind,
        "kinds": [Link(str(each.label), _address(query, each.key), active=each is kind) for each in KINDS.values()],
        "filters": [each for each in words if each.key not in asked],
        "asked": [form[name] for name in asked],
        "kept": [("what", kind.key), *kept],
        "count_text": _count_text(kind, size_of(kind.sources[0].matching(filters, shop))),
        "query": query.urlencode(),
    }


def _address(query: QueryDict, what: str) -> str:
    changed = query.copy()
    changed["what"] = what
    return f"?{changed.urlencode()}"


def _count_text(kind: ExportKind, size: Size) -> str:
    number = formats.number(size.count)
    shown = {"count": f"≈ {number}" if size.is_estimate else number}
    if kind.key == ExportJob.Kind.CUSTOMERS:
        return ngettext("%(count)s customer", "%(count)s customers", size.count) % shown
    if kind.key == ExportJob.Kind.PRODUCTS:
        return ngettext("%(count)s product", "%(count)s products", size.count) % shown
    if kind.key == ExportJob.Kind.ORDERS:
        return ngettext("%(count)s order", "%(count)s orders", size.count) % shown
    return ngettext("%(count)s order with its lines", "%(count)s orders with their lines", size.count) % shown
