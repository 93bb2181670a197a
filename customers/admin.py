"""Customers and what they bought in Django admin: to look at. Figures and search words hang on every edit."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.shops.admin_base import MOST_FOUND, LooksOnly, ShopInline, ShopModelAdmin
from crm.shops.admin_jobs import JobAdmin
from customers.models import Customer, ExportJob, Identifier, ImportJob, Order, OrderLine, Product, Refund


class IdentifierInline(ShopInline):
    model = Identifier


@admin.register(Customer)
class CustomerAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("__str__", "shop", "city", "country", "order_count", "net_minor", "last_order_at")
    inlines = (IdentifierInline,)
    search_help_text = _(
        "Id, or a whole e-mail address, phone number or customer number; a shop's short name in front."
    )

    def matches(self, word: str) -> Q:
        values = {word, word.lower()}
        known = Identifier.objects.filter(kind__in=Identifier.Kind.values, value__in=values)
        return Q(pk__in=list(known.values_list("customer_id", flat=True)[:MOST_FOUND])) | super().matches(word)


@admin.register(Identifier)
class IdentifierAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("value", "kind", "customer_id", "shop", "created_at")
    raw_id_fields = ("customer",)

    def matches(self, word: str) -> Q:
        known = Identifier.objects.filter(kind__in=Identifier.Kind.values, value__in={word, word.lower()})
        return Q(pk__in=list(known.values_list("pk", flat=True)[:MOST_FOUND])) | super().matches(word)


@admin.register(Product)
class ProductAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("external_id", "name", "shop", "updated_at")
    exact = ("external_id",)


class OrderLineInline(ShopInline):
    model = OrderLine
    fields = ("position", "product_id", "quantity", "unit_price_minor", "discount_minor", "total_minor", "is_revenue")
    readonly_fields = ("product_id",)


class RefundInline(ShopInline):
    model = Refund
    fields = ("external_id", "refunded_at", "currency", "amount_minor")


@admin.register(Order)
class OrderAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("external_id", "shop", "customer_id", "placed_at", "status", "currency", "total_minor")
    exact = ("external_id",)
    exclude = ("content_hash",)
    inlines = (OrderLineInline, RefundInline)


@admin.register(ImportJob)
class ImportJobAdmin(JobAdmin):
    pass


@admin.register(ExportJob)
class ExportJobAdmin(JobAdmin):
    pass
