"""What the page says on which a file is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Link
from customers.exports import KINDS, ExportKind, filters_of
from customers.filters import OrderFilters, ProductFilters, in_words
from customers.models import ExportJob, Order, Product
from customers.queries import Size, size_of

ASKED = {  # filters that the page itself asks for; the others come with the address of a list
    ExportJob.Kind.ORDERS: ("placed_from", "placed_to", "counted"),
    ExportJob.Kind.LINES: ("placed_from", "placed_to", "counted"),
    ExportJob.Kind.PRODUCTS: ("product",),
}
# Why there is nothing: the shop has none, or none that the filters find.
NOTHING = {
    ExportJob.Kind.CUSTOMERS: (_("This shop has no customers yet."), _("No customer matches these filters.")),
    ExportJob.Kind.ORDERS: (_("This shop has no orders yet."), _("No order matches these filters.")),
    ExportJob.Kind.LINES: (_("This shop has no orders yet."), _("No order matches these filters.")),
    ExportJob.Kind.PRODUCTS: (_("This shop has no products yet."), _("No product matches these filters.")),
}


def new_export_page(kind: ExportKind, query: QueryDict, shop: Shop) -> dict[str, Any]:
    """Raises BadFilters."""
    filters = filters_of(query)
    words = in_words(kind.key, filters, shop=shop)
    asked = ASKED.get(ExportJob.Kind(kind.key), ())
    if kind.key == ExportJob.Kind.PRODUCTS:
        form = ProductFilters(query, queryset=Product.objects.none(), shop=shop).form
    else:
        form = OrderFilters(query, queryset=Order.objects.none()).form
    sizes = [size_of(source.matching(filters, shop)) for source in kind.sources]
    is_nothing = not any(size.count or size.is_estimate for size in sizes)
    kept = [(name, value) for name, values in filters.items() if name not in asked for value in values]
    return {
        "kind": kind,
        "kinds": [Link(str(each.label), _address(query, each.key), active=each is kind) for each in KINDS.values()],
        "filters": [each for each in words if each.key not in asked],
        "asked": [form[name] for name in asked],
        "kept": [("what", kind.key), *kept],
        "count_text": _count_text(kind, sizes),
        "nothing": NOTHING[ExportJob.Kind(kind.key)][bool(words)] if is_nothing else "",
        "is_filtered": bool(words),
        "unfiltered_url": f"?what={kind.key}",
        "query": query.urlencode(),
    }


@dataclass(frozen=True)
class ColumnChoice:
    """One tick. id: of its box. is_needed: without it the file cannot be read again by itself."""

    id: str
    name: str
    label: str | Promise
    help: str | Promise
    is_ticked: bool
    is_needed: bool


@dataclass(frozen=True)
class ChoiceGroup:
    title: str | Promise
    help: str | Promise
    choices: Sequence[ColumnChoice]


def column_choices(kind: ExportKind, field: forms.BoundField) -> list[ChoiceGroup]:
    """The columns as they are ticked in `field`, those that belong together side by side."""
    ticked = set(field.value() or ())
    return [
        ChoiceGroup(
            group.title,
            group.help,
            [
                ColumnChoice(
                    f"{field.auto_id}_{each.name}",
                    each.name,
                    each.label,
                    each.help,
                    is_ticked=each.name in ticked,
                    is_needed=each.name in kind.needed,
                )
                for each in group.columns
            ],
        )
        for group in kind.groups()
    ]


def _address(query: QueryDict, what: str) -> str:
    changed = query.copy()
    changed["what"] = what
    return f"?{changed.urlencode()}"


def _count_text(kind: ExportKind, sizes: Sequence[Size]) -> str:
    size, *more = sizes
    shown = _shown(size)
    if kind.key == ExportJob.Kind.CUSTOMERS:
        return ngettext("%(count)s customer", "%(count)s customers", size.count) % shown
    if kind.key == ExportJob.Kind.PRODUCTS:
        return ngettext("%(count)s product", "%(count)s products", size.count) % shown
    if kind.key == ExportJob.Kind.ORDERS:
        return ngettext("%(count)s order", "%(count)s orders", size.count) % shown
    orders = ngettext("%(count)s order with its lines", "%(count)s orders with their lines", size.count) % shown
    (loose,) = more
    if not loose.count:
        return orders
    refunds = ngettext("%(count)s refund without an order", "%(count)s refunds without an order", loose.count)
    return gettext("%(orders)s and %(refunds)s") % {"orders": orders, "refunds": refunds % _shown(loose)}


def _shown(size: Size) -> dict[str, str]:
    number = formats.number(size.count)
    return {"count": f"≈ {number}" if size.is_estimate else number}
