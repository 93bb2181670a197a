"""Customers and what they bought in Django admin: to look at. Figures and search words hang on every edit."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.shops.admin.base import MOST_FOUND, LooksOnly, ShopInline, ShopModelAdmin
from crm.shops.admin.columns import amount, amount_of_line, link
from customers.domain.identity import match_value
from customers.models import Customer, Identifier, Order, OrderLine, Product, Refund
from customers.models.identifier_kinds import IDENTIFIER_KINDS


def _kinds() -> list[str]:
    return [kind.name for kind in IDENTIFIER_KINDS]


def _forms(word: str) -> set[str]:
    return {word, word.lower(), match_value("email", word.lower())}


class IdentifierInline(ShopInline):
    model = Identifier


@admin.register(Customer)
class CustomerAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("__str__", "shop", "city", "country", "order_count", amount(Customer, "net_minor"), "last_order_at")
    inlines = (IdentifierInline,)
    search_help_text = _(
        "Id, or a whole e-mail address, phone number or customer number; a shop's short name in front."
    )

    def matches(self, word: str) -> Q:
        values = _forms(word)
        known = Identifier.objects.filter(kind__in=_kinds(), match_value__in=values)
        return Q(pk__in=list(known.values_list("customer_id", flat=True)[:MOST_FOUND])) | super().matches(word)


@admin.register(Identifier)
class IdentifierAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("value", "kind", link(Identifier, "customer"), "shop", "created_at")
    raw_id_fields = ("customer",)

    def matches(self, word: str) -> Q:
        known = Identifier.objects.filter(kind__in=_kinds(), match_value__in=_forms(word))
        return Q(pk__in=list(known.values_list("pk", flat=True)[:MOST_FOUND])) | super().matches(word)


@admin.register(Product)
class ProductAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("external_id", "name", "shop", "updated_at")
    exact = ("external_id",)


class OrderLineInline(ShopInline):
    model = OrderLine
    readonly_fields: ClassVar[Any] = (
        "position",
        link(OrderLine, "product"),
        "quantity",
        amount_of_line(OrderLine, "unit_price_minor", "order"),
        amount_of_line(OrderLine, "discount_minor", "order"),
        amount_of_line(OrderLine, "total_minor", "order"),
        "is_revenue",
    )
    fields: ClassVar[Any] = readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("order")


class RefundInline(ShopInline):
    model = Refund
    readonly_fields: ClassVar[Any] = ("external_id", "refunded_at", amount(Refund, "amount_minor"))
    fields: ClassVar[Any] = readonly_fields


@admin.register(Order)
class OrderAdmin(LooksOnly, ShopModelAdmin):
    list_display = (
        "external_id",
        "shop",
        link(Order, "customer"),
        "placed_at",
        "status",
        amount(Order, "total_minor"),
        amount(Order, "revenue_minor"),
    )
    exact = ("external_id",)
    exclude = ("content_hash",)
    inlines = (OrderLineInline, RefundInline)
