"""Customers and how to recognise and find them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.lib.money import average_order
from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel

NAME_LENGTH = 200


class Customer(ShopModel):
    """One person (or company) who buys from the shop. The figures about orders are kept up by customers/ingest."""

    name = MaskedCharField(_("name"), max_length=NAME_LENGTH, blank=True, default="", db_default="")
    city = MaskedCharField(_("city"), max_length=120, blank=True, default="", db_default="")
    country = MaskedCharField(_("country"), max_length=80, blank=True, default="", db_default="")
    order_count = models.IntegerField(_("orders"), default=0, db_default=0)
    gross_minor = models.BigIntegerField(_("spent before refunds"), default=0, db_default=0)
    refunded_minor = models.BigIntegerField(_("given back"), default=0, db_default=0)
    net_minor = models.BigIntegerField(_("spent"), default=0, db_default=0)
    first_order_at = models.DateTimeField(_("first order"), null=True, blank=True)
    first_order_on = models.DateField(_("day of the first order"), null=True, blank=True)
    last_order_at = models.DateTimeField(_("last order"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())
    stand_in = ""  # What a page calls somebody without a name: customers.queries.name_the_nameless.

    class Meta(ShopModel.Meta):
        default_related_name = "customers"
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        indexes: ClassVar[list[models.Index]] = [
            models.Index("shop", models.F("last_order_at").desc(nulls_last=True), "id", name="customer_last_order"),
            models.Index(fields=["shop", "-net_minor", "id"], name="customer_net"),
            models.Index(
                "shop", "country", models.F("last_order_at").desc(nulls_last=True), "id", name="customer_country"
            ),
        ]

    @property
    def average_order_minor(self) -> int | None:
        return average_order(self.gross_minor, self.order_count)

    def __str__(self) -> str:
        return self.name or self.stand_in or f"#{self.pk}"


class Identifier(ShopModel):
    """One way to recognise a customer: an e-mail address, a phone number, or the storefront's own id."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("Shop's customer number")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    value = MaskedCharField(_("value"), max_length=254)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "identifiers"
        verbose_name, verbose_name_plural = _("identifier"), _("identifiers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "kind", "value"], name="identifier_value"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "customer"], name="identifier_customer")]

    def __str__(self) -> str:
        return self.value


class SearchDocument(ShopModel):
    """The n-grams of one customer, each prefixed by the shop's id, so that one GIN index serves all shops apart."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="search_document", db_constraint=False
    )
    terms = ArrayField(models.TextField())

    class Meta(ShopModel.Meta):
        indexes: ClassVar[list[models.Index]] = [GinIndex(fields=["terms"], name="search_terms")]
