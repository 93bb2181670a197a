"""Postal addresses of customers."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.lib.masking import HIDDEN
from crm.tenancy.hiding import MaskedCharField, are_contacts_hidden
from crm.tenancy.scope import ShopModel
from customers.domain.addresses import DIGEST_LENGTH, LENGTHS, PARTS, TYPE_LENGTH, AddressIn
from customers.models.customer import Customer

# customers.domain.addresses.AddressIn.digest as PostgreSQL computes it.
DIGEST = "md5({})".format(" || chr(31) || ".join(("type", *PARTS)))


class HiddenCharField(MaskedCharField):
    """A part of an address that leads to somebody's door. Where contacts are hidden, so is all of it."""

    def from_db_value(self, value: str, expression: Any, connection: Any) -> str:
        return HIDDEN if value and are_contacts_hidden() else value


class Address(ShopModel):
    """One address of a customer, "" where a part is not known. No customer has two that are equal in type and parts.

    The first of its type, where letters and parcels go, is that of the latest `preferred_at`, else the oldest: so each
    type has one at any time, and a merge or its undo has nothing to settle.
    """

    class Type(models.TextChoices):
        """The type of an address, as programs write it."""

        BILLING = "billing", pgettext_lazy("type of address", "Billing")
        SHIPPING = "shipping", pgettext_lazy("type of address", "Shipping")
        HOME = "home", pgettext_lazy("type of address", "Home")
        WORK = "work", pgettext_lazy("type of address", "Work")
        OTHER = "other", pgettext_lazy("type of address", "Other")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    type = models.CharField(_("type"), max_length=TYPE_LENGTH, choices=Type.choices)
    recipient = MaskedCharField(_("recipient"), max_length=LENGTHS["recipient"], blank=True, default="", db_default="")
    company = MaskedCharField(_("company"), max_length=LENGTHS["company"], blank=True, default="", db_default="")
    line1 = HiddenCharField(_("first line"), max_length=LENGTHS["line1"], blank=True, default="", db_default="")
    line2 = HiddenCharField(_("second line"), max_length=LENGTHS["line2"], blank=True, default="", db_default="")
    city = MaskedCharField(_("city"), max_length=LENGTHS["city"], blank=True, default="", db_default="")
    region = MaskedCharField(_("region"), max_length=LENGTHS["region"], blank=True, default="", db_default="")
    postcode = HiddenCharField(_("postcode"), max_length=LENGTHS["postcode"], blank=True, default="", db_default="")
    country = MaskedCharField(_("country"), max_length=LENGTHS["country"], blank=True, default="", db_default="")
    phone = MaskedCharField(_("phone"), max_length=LENGTHS["phone"], blank=True, default="", db_default="")
    digest = models.GeneratedField(
        expression=models.Func(*map(models.F, ("type", *PARTS)), template=DIGEST, arity=len(PARTS) + 1),
        output_field=models.CharField(max_length=DIGEST_LENGTH),
        db_persist=True,
    )
    preferred_at = models.DateTimeField(_("put first"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "addresses"
        verbose_name, verbose_name_plural = _("address"), _("addresses")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "customer", "digest"], name="address_once"),
        ]

    @property
    def parts(self) -> AddressIn:
        return AddressIn(self.type, *(getattr(self, name) for name in PARTS))

    def __str__(self) -> str:
        return ", ".join(filter(None, (getattr(self, name) for name in PARTS if name != "phone")))


def first_of_types(addresses: Iterable[Address]) -> dict[str, int]:
    """By type the id of the address that comes first, among all those of one customer."""
    found: dict[str, Address] = {}
    for each in sorted(addresses, key=lambda address: address.pk):
        best = found.get(each.type)
        if best is None or (each.preferred_at and (not best.preferred_at or each.preferred_at > best.preferred_at)):
            found[each.type] = each
    return {name: each.pk for name, each in found.items()}
