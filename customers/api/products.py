"""/api/v1/products"""

from typing import ClassVar

import django_filters
import msgspec
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from msgspec import UNSET, UnsetType
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.lib.money import from_minor
from crm.rest.bodies import decoded
from crm.rest.openapi import documented
from crm.rest.resources import BatchOut, CheckedBatch, MomentFilter, Resource, json_response
from crm.shops.models import Shop
from customers.api import parsing, schemas
from customers.models import BELOW, Product, ProductCategory
from customers.upserts import ProductIn, upsert_products


class MinorFilter(django_filters.CharFilter):  # type: ignore[misc]  # django-filter has no types
    """Decimal text in the shop's currency, compared with a column of minor units."""

    def filter(self, rows: QuerySet[Product], value: str) -> QuerySet[Product]:
        if not value:
            return rows
        shop: Shop = self.parent.request._request.shop
        minor = parsing.amount_given(value, shop.currency, self.extra_name)
        found: QuerySet[Product] = super().filter(rows, minor)
        return found

    @property
    def extra_name(self) -> str:
        return "price_from" if self.lookup_expr == "gte" else "price_to"


class ProductFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    updated_from = MomentFilter(field_name="updated_at", lookup_expr="gte", help_text="At or after; with its zone.")

    brand = django_filters.CharFilter(field_name="brand", help_text="Exactly as it is written.")
    category = django_filters.CharFilter(method="by_category", help_text="A category, with all below it.")
    price_from = MinorFilter(field_name="price_minor", lookup_expr="gte", help_text="In the shop's currency.")
    price_to = MinorFilter(field_name="price_minor", lookup_expr="lte", help_text="In the shop's currency.")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = []

    def by_category(self, rows: QuerySet[Product], name: str, text: str) -> QuerySet[Product]:
        (path,) = parsing.category_paths([text], "category")
        # Paths compare byte by byte, and "0" comes next after "/".
        below = Q(path__gt=path + BELOW, path__lt=path + chr(ord(BELOW) + 1))
        return rows.filter(pk__in=ProductCategory.objects.filter(Q(path=path) | below).values("product_id"))


class ProductResource(Resource):
    scopes: ClassVar = {"read": "products:read", "write": "products:write"}
    filterset_class = ProductFilters

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.prefetch_related(Prefetch("categories", ProductCategory.objects.order_by("path")))

    @documented("List products", answers=schemas.ProductPage, paged=True)
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(self._shown)

    @documented("Read one product", answers=schemas.ProductOut, problems=("not_found",))
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        return json_response(self._shown(self.one(pk=pk)))

    @documented("Read one product by the storefront's number", answers=schemas.ProductOut, problems=("not_found",))
    @action(detail=False, url_path="by-external-id/<path:external_id>", filterset_class=None)
    def by_external_id(self, request: Request, external_id: str) -> HttpResponse:
        return json_response(self._shown(self.one(external_id=parsing.known_id(external_id))))

    @documented(
        "Create or change a product",
        takes=schemas.ProductBody,
        example=schemas.PRODUCT_EXAMPLE,
        answers=schemas.ProductOut,
        created=True,
        problems=schemas.PRODUCT_PROBLEMS,
        idempotent=True,
    )
    def create(self, request: Request) -> HttpResponse:
        product = self._checked(self.body(schemas.PRODUCT_DECODER))
        (outcome,) = upsert_products([product], by=self.api_key, now=timezone.now())
        return json_response(self._shown(self.one(pk=outcome.id)), status=201 if outcome.status == "created" else 200)

    @documented(
        "Create or change up to 1,000 products",
        takes=schemas.ProductBatch,
        example={"products": [schemas.PRODUCT_EXAMPLE]},
        answers=BatchOut,
        problems=("too_many_items",),
        idempotent=True,
    )
    @action(detail=False, methods=["post"], filterset_class=None)
    def bulk(self, request: Request) -> HttpResponse:
        def check(raw: msgspec.Raw) -> tuple[str, ProductIn]:
            product = self._checked(decoded(raw, schemas.PRODUCT_DECODER))
            return product.external_id, product

        items = CheckedBatch(self.batch("products"), check)
        accepted = list(items.accepted.values())
        return items.answer(upsert_products(accepted, by=self.api_key, now=timezone.now()) if accepted else ())

    def _checked(self, body: schemas.ProductBody) -> ProductIn:
        currency = self.shop.currency
        return ProductIn(
            parsing.external_id(body.external_id, "external_id"),
            None if body.name is UNSET else parsing.clean_text(str(body.name), "name"),
            parsing.given(body.brand, parsing.clean_text, "brand"),
            parsing.amount_given(body.price, currency, "price"),
            parsing.amount_given(body.cost, currency, "cost"),
            None if isinstance(body.categories, UnsetType) else parsing.category_paths(body.categories, "categories"),
        )

    def _shown(self, product: Product) -> schemas.ProductOut:
        def amount(minor: int | None) -> str | None:
            return None if minor is None else str(from_minor(minor, self.shop.currency))

        return schemas.ProductOut(
            product.pk,
            product.external_id,
            product.name,
            product.brand,
            [category.path for category in product.categories.all()],
            amount(product.price_minor),
            amount(product.cost_minor),
            self.shop.currency,
            product.created_at,
            product.updated_at,
        )
