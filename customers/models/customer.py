"""Customers and how to recognise and find them."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.lib.money import average_order
from crm.tenancy.hiding import MaskedCharField, MaskedGeneratedField, are_contacts_hidden
from crm.tenancy.scope import ShopModel
from customers.domain.identity import GIVEN_LENGTH
from customers.domain.kinds import KEY_LENGTH, shown_key
from customers.domain.profile import (
    BIRTHDAY_LENGTH,
    COMPANY_LENGTH,
    LANGUAGE_LENGTH,
    TIME_ZONE_LENGTH,
    without_year,
)
from customers.models.identifier_kinds import IDENTIFIER_KINDS, SOURCE_LENGTH

NAME_LENGTH = 200
# What is said of the person in columns of their own row: texts, "" for nothing, and flags.
PROFILE = ("name", "city", "country", "birthday", "language", "time_zone", "company", "kind")
PROFILE_FLAGS = ("is_minor", "do_not_profile")


class Through(models.TextChoices):
    """Through which door a value of a profile came."""

    PAGE = "page", _("Page")
    API = "api", _("API")
    ORDER = "order", _("Order")
    FILE = "file", _("File")
    FORM = "form", _("Sign-up form")
    MERGE = "merge", _("Merge")
    PROGRAM = "program", _("Huitou")


class BirthdayField(MaskedCharField):
    """A birthday as customers/domain/profile.py keeps it; where contacts are hidden it has no year."""

    def from_db_value(self, value: str, expression: Any, connection: Any) -> str:
        return without_year(value) if are_contacts_hidden() else value


HAS_BIRTHDAY = models.Q(birth_month__isnull=False)
HAS_LANGUAGE = ~models.Q(language="")
# Who is not of the plain kind, or may not be profiled: all of whom a score may not be made.
IS_TOLD_APART = ~models.Q(kind="") | models.Q(is_minor=True) | models.Q(do_not_profile=True)
# The month of a birthday with or without a year.
BIRTH_MONTH = "nullif(substr(%(expressions)s, length(%(expressions)s) - 4, 2), '')::smallint"


class Customer(ShopModel):
    """One person (or company) who buys from the shop. The figures about orders are kept up by customers/ingest.

    What is said of the person is "" where nothing is. kind: the key of a CustomerKind, "" for a plain customer.

    held: the columns of which staff have the last word (customers_unheld in customers/sql). made_by_kind, made_by_id,
    made_through, made_in_import: who brought the customer, with all that they came with, as a ProfileChange says it of
    what came later; "" where that was before it was noted.
    """

    name = MaskedCharField(_("name"), max_length=NAME_LENGTH, blank=True, default="", db_default="")
    city = MaskedCharField(_("city"), max_length=120, blank=True, default="", db_default="")
    country = MaskedCharField(_("country"), max_length=80, blank=True, default="", db_default="")
    birthday = BirthdayField(_("birthday"), max_length=BIRTHDAY_LENGTH, blank=True, default="", db_default="")
    birth_month = models.GeneratedField(
        expression=models.Func(models.F("birthday"), template=BIRTH_MONTH, arity=1),
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
        verbose_name=_("month of the birthday"),
    )
    language = models.CharField(_("language"), max_length=LANGUAGE_LENGTH, blank=True, default="", db_default="")
    time_zone = models.CharField(_("time zone"), max_length=TIME_ZONE_LENGTH, blank=True, default="", db_default="")
    company = MaskedCharField(_("company"), max_length=COMPANY_LENGTH, blank=True, default="", db_default="")
    kind = models.CharField(_("relation"), max_length=KEY_LENGTH, blank=True, default="", db_default="")
    is_minor = models.BooleanField(_("minor"), default=False, db_default=False)
    do_not_profile = models.BooleanField(_("not to be profiled"), default=False, db_default=False)
    held = ArrayField(models.TextField(), verbose_name=_("held by staff"), blank=True, default=list, db_default=[])
    made_by_kind = models.CharField(_("made by"), max_length=8, blank=True, default="", db_default="")
    made_by_id = models.BigIntegerField(_("ID of who made it"), null=True, blank=True)
    made_through = models.CharField(
        _("made through"), max_length=12, choices=Through.choices, blank=True, default="", db_default=""
    )
    made_in_import = models.BigIntegerField(_("import that made it"), null=True, blank=True)
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
            # Few: of them somebody is told apart, and the rest are not looked at.
            models.Index(fields=["shop", "birth_month", "id"], name="customer_birth_month", condition=HAS_BIRTHDAY),
            models.Index(fields=["shop", "language", "id"], name="customer_language", condition=HAS_LANGUAGE),
            models.Index(fields=["shop", "kind", "id"], name="customer_kind", condition=IS_TOLD_APART),
        ]

    @property
    def kind_key(self) -> str:
        """The key of the relation as people and programs read it."""
        return shown_key(self.kind)

    @property
    def average_order_minor(self) -> int | None:
        return average_order(self.gross_minor, self.order_count)

    def __str__(self) -> str:
        return self.name or self.stand_in or f"#{self.pk}"


# customers.domain.identity.match_value as PostgreSQL computes it. The staging tables of a batch say the same.
MATCH_VALUE = """CASE WHEN kind = 'email' AND NOT is_literal
    AND split_part(value, '@', 2) IN ('gmail.com', 'googlemail.com')
    AND replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') <> ''
    THEN replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE value END"""


class Identifier(ShopModel):
    """One way to recognise a customer: an e-mail address, a phone number, the storefront's own id …

    `kind` is one of IDENTIFIER_KINDS. `source`: whose numbers they are, where the kind has sources; "" is the shop's
    own storefront. `value` is shown and written to; `match_value` is what it is recognised by. `given` is how `value`
    was written when it first came, "" where that is the same. `is_literal`: the
    address stood beside one that differs by dots alone, of somebody else, before those were ignored.
    """

    class Kind(models.TextChoices):
        """Those that orders and files of customers bring."""

        EXTERNAL = "external", _("Shop's customer number")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=24)
    source = models.CharField(_("source"), max_length=SOURCE_LENGTH, blank=True, default="", db_default="")
    value = MaskedCharField(_("value"), max_length=254)
    given = MaskedCharField(_("as given"), max_length=GIVEN_LENGTH, blank=True, default="", db_default="")
    is_literal = models.BooleanField(_("matched as written"), default=False, db_default=False)
    match_value = MaskedGeneratedField(
        expression=models.Func(
            models.F("kind"), models.F("is_literal"), models.F("value"), template=MATCH_VALUE, arity=3
        ),
        output_field=models.CharField(max_length=254),
        db_persist=True,
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "identifiers"
        verbose_name, verbose_name_plural = _("identifier"), _("identifiers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "kind", "source", "match_value"], name="identifier_match"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "customer"], name="identifier_customer")]

    @property
    def kind_label(self) -> str:
        kind = IDENTIFIER_KINDS.get(self.kind)
        return str(kind.label) if kind else self.kind

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
