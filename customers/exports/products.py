"""The file of products: one row each, with what was sold of it."""

from collections.abc import Sequence

from django.db.models import Count, QuerySet, Sum

from crm.lib.money import from_minor
from crm.lib.postgres.expressions import AnyOf
from crm.shops.models import Shop
from customers.exports.customers import BETWEEN
from customers.exports.pages import Filters, Rows, Source
from customers.filters import product_filters
from customers.models import OrderLine, Product, ProductCategory

COLUMNS = ("product_id", "product_name", "brand", "price", "cost", "currency", "categories", "orders", "pieces")


def columns() -> tuple[str, ...]:
    return COLUMNS


def _matching(filters: Filters, shop: Shop) -> QuerySet[Product]:
    return product_filters(filters, shop=shop).matching()


def _rows(ids: Sequence[int], shop: Shop) -> Rows:
    lines = OrderLine.objects.filter(AnyOf("product_id", ids), is_revenue=True, order__is_purchase=True)
    sold = {
        pk: (orders, pieces)
        for pk, orders, pieces in lines.values_list("product_id").annotate(
            orders=Count("order_id", distinct=True), pieces=Sum("quantity")
        )
    }
    paths: dict[int, list[str]] = {}
    sorted_in = ProductCategory.objects.filter(AnyOf("product_id", ids)).order_by("path")
    for pk, path in sorted_in.values_list("product_id", "path"):
        paths.setdefault(pk, []).append(_path_text(path))
    return [
        [
            product.external_id,
            product.name,
            product.brand,
            *(
                None if minor is None else from_minor(minor, shop.currency)
                for minor in (product.price_minor, product.cost_minor)
            ),
            shop.currency,
            BETWEEN.join(paths.get(product.pk, ())),
            *sold.get(product.pk, (0, 0)),
        ]
        for product in Product.objects.filter(AnyOf("pk", ids)).order_by("pk")
    ]


def _path_text(path: str) -> str:
    """Marked where it could be taken for several categories when it comes in again."""
    return '"' + path.replace('"', '""') + '"' if any(sign in path for sign in ';|"；') else path


SOURCE = Source(_matching, _rows)
