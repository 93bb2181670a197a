"""/api/v1/products"""

from typing import ClassVar

import django_filters
import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from msgspec import UNSET
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.rest.bodies import decoded
from crm.rest.openapi import documented
from crm.rest.resources import BatchOut, CheckedBatch, MomentFilter, Resource, json_response
from customers.api import parsing, schemas
from customers.models import Product
from customers.upserts import ProductIn, upsert_products


class ProductFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    updated_from = MomentFilter(field_name="updated_at", lookup_expr="gte", help_text="At or after; with its zone.")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = []


class ProductResource(Resource):
    scopes: ClassVar = {"read": "products:read", "write": "products:write"}
    filterset_class = ProductFilters

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.all()

    @documented("List products", answers=schemas.ProductPage, paged=True)
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(_shown)

    @documented("Read one product", answers=schemas.ProductOut, problems=("not_found",))
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        return json_response(_shown(self.one(pk=pk)))

    @documented("Read one product by the storefront's number", answers=schemas.ProductOut, problems=("not_found",))
    @action(detail=False, url_path="by-external-id/<path:external_id>", filterset_class=None)
    def by_external_id(self, request: Request, external_id: str) -> HttpResponse:
        return json_response(_shown(self.one(external_id=parsing.known_id(external_id))))

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
        product = _checked(self.body(schemas.PRODUCT_DECODER))
        (outcome,) = upsert_products([product], by=self.api_key, now=timezone.now())
        return json_response(_shown(self.one(pk=outcome.id)), status=201 if outcome.status == "created" else 200)

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
            product = _checked(decoded(raw, schemas.PRODUCT_DECODER))
            return product.external_id, product

        items = CheckedBatch(self.batch("products"), check)
        accepted = list(items.accepted.values())
        return items.answer(upsert_products(accepted, by=self.api_key, now=timezone.now()) if accepted else ())


def _checked(body: schemas.ProductBody) -> ProductIn:
    name = None if body.name is UNSET else parsing.clean_text(str(body.name), "name")
    return ProductIn(parsing.external_id(body.external_id, "external_id"), name)


def _shown(product: Product) -> schemas.ProductOut:
    return schemas.ProductOut(product.pk, product.external_id, product.name, product.created_at, product.updated_at)
