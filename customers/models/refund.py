"""Refunds and their lines."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer
from customers.models.order import Order
from customers.models.product import EXTERNAL_ID_LENGTH, Product


class Refund(ShopModel):
    """Money given back; `order` is null where the storefront does not say which order it belongs to.

    `is_assumed`: the storefront says of the order that it was refunded, but not how much and when. It is taken as the
    whole order, on its day, has no number, and goes when another refund of the order becomes known.
    """

    external_id = MaskedCharField(_("refund number"), max_length=EXTERNAL_ID_LENGTH)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, null=True, related_name="refunds", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, related_name="refunds", db_index=False, db_constraint=False
    )
    refunded_at = models.DateTimeField(_("refunded at"))
    refunded_on = models.DateField()
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    revenue_minor = models.BigIntegerField(null=True)
    is_assumed = models.BooleanField(_("assumed from the order's status"), default=False, db_default=False)
    content_hash = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "refunds"
        verbose_name, verbose_name_plural = _("refund"), _("refunds")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shop", "order", "external_id"], name="refund_external_id", nulls_distinct=False
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "refunded_at"], name="refund_customer"),
            models.Index(fields=["shop", "refunded_on"], name="refund_day"),
        ]

    def __str__(self) -> str:
        return self.external_id


class RefundLine(ShopModel):
    """One line of a refund: what came back, as positive quantity and total; negative where it was charged again."""

    refund = models.ForeignKey(
        Refund, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.IntegerField()
    product = models.ForeignKey(
        Product, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    quantity = models.IntegerField(_("quantity"))
    total_minor = models.BigIntegerField(_("total"))

    class Meta(ShopModel.Meta):
        default_related_name = "refund_lines"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "refund", "position"], name="refund_line_position"),
        ]
        # Deleting a product asks whether a line names it.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["shop", "product"], name="refund_line_product", condition=models.Q(product__isnull=False)
            ),
        ]
