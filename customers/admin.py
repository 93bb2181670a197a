"""Customers, what they bought and what they said in Django admin: to look at. Figures, search words, journals and
what counts of consents hang on every edit."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.shops.admin.base import MAX_ID, MOST_FOUND, LooksOnly, ShopInline, ShopModelAdmin
from crm.shops.admin.columns import amount, amount_of_line, link
from customers.domain.identity import mailbox, match_value
from customers.models import (
    Address,
    AttributeChoice,
    AttributeDefinition,
    AttributeValue,
    Consent,
    ConsentEvent,
    ConsentSettings,
    ConsentText,
    ContactPreference,
    Customer,
    CustomerKind,
    DuplicatePair,
    Identifier,
    Merge,
    MergeChange,
    Note,
    Order,
    OrderLine,
    Product,
    ProductCategory,
    Refund,
    Signup,
    SignupForm,
    Suppression,
    Tag,
    Topic,
)
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


class ProductCategoryInline(ShopInline):
    model = ProductCategory


@admin.register(Product)
class ProductAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("external_id", "name", "brand", "shop", "updated_at")
    exact = ("external_id",)
    inlines = (ProductCategoryInline,)


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


@admin.register(Address)
class AddressAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("__str__", "type", link(Address, "customer"), "shop", "updated_at")
    exclude = ("digest",)


class AttributeChoiceInline(ShopInline):
    model = AttributeChoice


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("key", "label", "type", "shop", "archived_at")
    exact = ("key",)
    inlines = (AttributeChoiceInline,)


@admin.register(AttributeValue)
class AttributeValueAdmin(LooksOnly, ShopModelAdmin):
    list_display = (
        "id",
        link(AttributeValue, "customer"),
        link(AttributeValue, "definition"),
        "shop",
        "text_value",
        "number_value",
        "date_value",
        "boolean_value",
        "updated_at",
    )
    exclude = ("item",)


@admin.register(CustomerKind)
class CustomerKindAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("key", "label", "shop", "is_scored", "archived_at")
    exact = ("key",)


@admin.register(Tag)
class TagAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("name", "shop", "created_at")
    exact = ("name",)


@admin.register(Note)
class NoteAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("id", link(Note, "customer"), link(Note, "author"), "via", "shop", "created_at")


@admin.register(ConsentEvent)
class ConsentEventAdmin(LooksOnly, ShopModelAdmin):
    """The database lets nobody change one."""

    list_display = ("__str__", link(ConsentEvent, "customer"), "shop", "source", "at", "recorded_at")


@admin.register(Consent)
class ConsentAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("__str__", link(Consent, "customer"), link(Consent, "event"), "shop", "at")


@admin.register(ConsentText)
class ConsentTextAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("version", "language", "shop", "created_at")


@admin.register(Topic)
class TopicAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("code", "name", "shop", "is_open")
    exact = ("code",)


@admin.register(Suppression)
class SuppressionAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("id", "kind", "reason", "shop", "created_at")


@admin.register(ConsentSettings)
class ConsentSettingsAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("id", "shop", "double_opt_in", "colour")


@admin.register(ContactPreference)
class ContactPreferenceAdmin(LooksOnly, ShopModelAdmin):
    list_display = (
        "id",
        link(ContactPreference, "customer"),
        "shop",
        "less_often_since",
        "not_personalised_since",
    )


@admin.register(SignupForm)
class SignupFormAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("code", "name", "language", link(SignupForm, "text"), "shop", "is_open")
    exact = ("code",)


@admin.register(Signup)
class SignupAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("email", link(Signup, "form"), "state", "note", "shop", "sent_at", "confirmed_at")

    def matches(self, word: str) -> Q:
        known = Signup.objects.filter(mailbox=mailbox(word.lower())).values_list("pk", flat=True)
        return Q(pk__in=list(known[:MOST_FOUND])) | super().matches(word)


class MergeChangeInline(ShopInline):
    model = MergeChange
    exclude = ("shop", "path")


@admin.register(Merge)
class MergeAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("__str__", link(Merge, "customer"), link(Merge, "merged_by"), "shop", "merged_at", "undone_at")
    inlines = (MergeChangeInline,)

    def matches(self, word: str) -> Q:
        """Also by the id of the customer that was merged."""
        return Q(source_id=int(word)) | super().matches(word) if _is_id(word) else super().matches(word)


@admin.register(DuplicatePair)
class DuplicatePairAdmin(LooksOnly, ShopModelAdmin):
    list_display = (
        "id",
        link(DuplicatePair, "first"),
        link(DuplicatePair, "second"),
        "state",
        "score",
        "shop",
        "created_at",
        "decided_at",
    )


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdigit() and int(word) <= MAX_ID
