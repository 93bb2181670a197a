"""What a shop wants to know of its customers beside what every shop knows: attributes of its own, and their values."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel
from customers.domain import attributes
from customers.domain.kinds import KEY_LENGTH
from customers.models.customer import Customer


class AttributeDefinition(ShopModel):
    """One attribute of a shop's own: what it is called and what its values are. Archived ones keep their values."""

    class Type(models.TextChoices):
        TEXT = attributes.TEXT, _("Text")
        NUMBER = attributes.NUMBER, _("Number")
        DATE = attributes.DATE, _("Date")
        YEARLY = attributes.YEARLY, _("Date of every year")
        BOOLEAN = attributes.BOOLEAN, _("Yes or no")
        CHOICE = attributes.CHOICE, _("One of a list")
        CHOICES = attributes.CHOICES, _("Several of a list")

    key = models.CharField(_("key"), max_length=attributes.KEY_LENGTH)
    label = MaskedCharField(_("label"), max_length=attributes.LABEL_LENGTH)
    type = models.CharField(_("type"), max_length=12, choices=Type.choices)
    kind = models.CharField(
        _("only for"), max_length=KEY_LENGTH, blank=True, default="", db_default=""
    )  # the key of a CustomerKind, "customer" too; "" for all
    group = MaskedCharField(_("group"), max_length=attributes.LABEL_LENGTH, blank=True, default="", db_default="")
    position = models.IntegerField(_("position"), default=0, db_default=0)
    in_list = models.BooleanField(_("column of the list"), default=False, db_default=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "attribute_definitions"
        verbose_name, verbose_name_plural = _("attribute"), _("attributes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "key"], name="attribute_key"),
        ]

    def __str__(self) -> str:
        return self.label


class AttributeChoice(ShopModel):
    """One thing that can be chosen. An archived one stays where it is chosen, and is not offered any more."""

    definition = models.ForeignKey(
        AttributeDefinition,
        on_delete=models.CASCADE,
        related_name="choices",
        db_index=False,
        db_constraint=False,
        verbose_name=_("attribute"),
    )
    label = MaskedCharField(_("label"), max_length=attributes.LABEL_LENGTH)
    position = models.IntegerField(_("position"), default=0, db_default=0)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    class Meta(ShopModel.Meta):
        default_related_name = "attribute_choices"
        verbose_name, verbose_name_plural = _("choice"), _("choices")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "definition", "label"], name="attribute_choice_label"),
        ]

    def __str__(self) -> str:
        return self.label


class AttributeValue(ShopModel):
    """What one customer's attribute is: one row, of a list one row for each choice. One of the five values is set.

    item: 0, or of a list the id of the choice, so that one key serves both: where two customers become one, the
    survivor's value of an attribute stands, and lists are united. A yearly date is that day of the year 2000. Its
    foreign key to the shop is that of its customer. The indexes are read under row-level security, which is why
    numbers are double precision: comparing `numeric` is not leakproof.
    """

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="attribute_values",
        db_index=False,
        db_constraint=False,
        verbose_name=_("customer"),
    )
    definition = models.ForeignKey(
        AttributeDefinition,
        on_delete=models.CASCADE,
        related_name="values",
        db_index=False,
        db_constraint=False,
        verbose_name=_("attribute"),
    )
    item = models.BigIntegerField(default=0, db_default=0)
    text_value = MaskedCharField(  # type: ignore[misc]  # the guard's column reads NULL as it is
        _("text"), max_length=attributes.TEXT_LENGTH, null=True
    )  # null: another type
    number_value = models.FloatField(_("number"), null=True)
    date_value = models.DateField(_("date"), null=True)
    boolean_value = models.BooleanField(_("yes or no"), null=True)
    choice = models.ForeignKey(
        AttributeChoice,
        on_delete=models.CASCADE,
        related_name="values",
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("choice"),
    )
    # Of the last word of staff on a page: no storefront changes an attribute of which any value is held.
    is_held = models.BooleanField(_("held by staff"), default=False, db_default=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "attribute_values"
        verbose_name, verbose_name_plural = _("value of an attribute"), _("values of attributes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "customer", "definition", "item"], name="attribute_value_once"),
            models.CheckConstraint(
                condition=models.expressions.RawSQL(
                    "num_nonnulls(text_value, number_value, date_value, boolean_value, choice_id) = 1",
                    (),
                    models.BooleanField(),
                ),
                name="attribute_value_one",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["shop", "definition", column],
                include=["customer"],
                name=f"attribute_value_{kind}",
                condition=models.Q(**{f"{column}__isnull": False}),
            )
            for column, kind in (
                ("text_value", "text"),
                ("number_value", "number"),
                ("date_value", "date"),
                ("boolean_value", "boolean"),
                ("choice", "choice"),
            )
        ]
