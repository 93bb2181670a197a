"""Pages of products: which there are, and what was sold of one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from crm.lib.keyset import BadCursor, Tier, page_of
from crm.lib.money import format_money
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from crm.ui import formats
from crm.ui.parts import Stat
from customers.filters import ProductFilters
from customers.models import Product, ProductCategory
from customers.queries import Sold, brands, categories, sold_of

PAGE = 50
OFFERED = 500  # brands and categories that the filters suggest


@dataclass(frozen=True)
class ProductRow:
    """A product as the list shows it. paths: its categories."""

    product: Product
    paths: list[str]


@require_safe
@requires(Right.SEE_CUSTOMERS)
def products(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The products of the shop, the newest first, those without a name last; a filter that cannot be read is left out,
    and says why.
    """
    filters = ProductFilters(request.GET, queryset=Product.objects.all(), shop=request.shop)
    filters.is_valid()  # fills cleaned_data, without what cannot be read
    named, nameless = filters.qs.exclude(name=""), filters.qs.filter(name="")
    tiers = [Tier(named, ids_descending=True), Tier(nameless, ids_descending=True)]
    try:
        page = page_of(tiers, request.GET.get("cursor", ""), size=PAGE)
    except BadCursor:
        return redirect("customers:products", shop_slug)
    found = Product.objects.prefetch_related(_in_order()).in_bulk(page.ids)
    context = {
        "rows": [_row(found[pk]) for pk in page.ids if pk in found],
        "page": page,
        "form": filters.form,
        "is_filtered": any(value not in (None, "") for value in filters.form.cleaned_data.values()),
        "brands": brands(OFFERED),
        "categories": categories(OFFERED),
    }
    return render(request, "customers/products.html", context)


@require_safe
@requires(Right.SEE_CUSTOMERS)
def product(request: ShopRequest, shop_slug: str, product_id: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.prefetch_related(_in_order()), pk=product_id)
    sold = sold_of(product)
    context = {
        "row": _row(product),
        "facts": _facts(request, product),
        "stats": _stats(sold),
        "sold": sold,
    }
    return render(request, "customers/product.html", context)


def _in_order() -> "Prefetch[Any, Any, Any]":
    return Prefetch("categories", ProductCategory.objects.order_by("path"))


def _row(product: Product) -> ProductRow:
    return ProductRow(product, [category.path for category in product.categories.all()])


def _facts(request: ShopRequest, product: Product) -> list[tuple[str, str]]:
    """(label, value in words, "" for none). What it costs the shop is for those who see its numbers."""
    amounts = {gettext("Price"): product.price_minor}
    if request.membership.may(Right.SEE_INSIGHTS):
        amounts[gettext("Cost")] = product.cost_minor
    return [
        (gettext("Product number"), product.external_id),
        (gettext("Brand"), product.brand),
        *(
            (label, "" if minor is None else format_money(minor, request.shop.currency, formats.language()))
            for label, minor in amounts.items()
        ),
    ]


def _stats(sold: Sold) -> list[Stat]:
    days = [formats.day(day) for day in (sold.first_on, sold.last_on) if day]
    return [
        Stat(gettext("Orders"), formats.number(sold.order_count)),
        Stat(
            gettext("Pieces"),
            formats.number(sold.pieces),
            gettext("given back: %(count)s") % {"count": formats.number(sold.given_back)} if sold.given_back else "",
        ),
        Stat(gettext("Customers"), formats.number(sold.customer_count)),
        Stat(
            gettext("Last sold"),
            days[-1] if days else "–",
            gettext("first on %(day)s") % {"day": days[0]} if days else "",
        ),
    ]
