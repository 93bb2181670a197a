"""The file of products: one row each, with what was sold of it."""

from collections.abc import Sequence

from django.db.models import Count, QuerySet, Sum

from crm.lib.postgres.expressions import AnyOf
from crm.shops.models import Shop
from customers.exports.pages import Filters, Rows, Source
from customers.filters import product_filters
from customers.models import OrderLine, Product

COLUMNS = ("product_id", "product_name", "orders", "pieces")


def columns() -> tuple[str, ...]:
    return COLUMNS


def _matching(filters: Filters, shop: Shop) -> QuerySet[Product]:
    return product_filters(filters).matching()


def _rows(ids: Sequence[int], shop: Shop) -> Rows:
    lines = OrderLine.objects.filter(AnyOf("product_id", ids), is_revenue=True, order__is_purchase=True)
    sold = {
        pk: (orders, pieces)
        for pk, orders, pieces in lines.values_list("product_id").annotate(
            orders=Count("order_id", distinct=True), pieces=Sum("quantity")
        )
    }
    named = Product.objects.filter(AnyOf("pk", ids)).order_by("pk").values_list("pk", "external_id", "name")
    return [[number, name, *sold.get(pk, (0, 0))] for pk, number, name in named]


SOURCE = Source(_matching, _rows)
