"""Orders and their lines."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer
from customers.models.product import EXTERNAL_ID_LENGTH, Product


class Order(ShopModel):
    """One order as the storefront knows it. Amounts ending in _minor are in the order's own currency.

    `total_minor` is what the storefront says the customer pays: lines, shipping, tax, and `adjustment_minor` for what
    those do not explain (a fee, a voucher, lines without prices). `revenue_minor` is the total in the shop's currency,
    null where no exchange rate is known. `is_purchase` says whether the models count it: at least one line is revenue
    or the adjustment is above 0, and it was neither cancelled nor left unpaid.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        PAID = "paid", _("Paid")
        FULFILLED = "fulfilled", _("Fulfilled")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")

    PURCHASE_STATUSES: ClassVar[tuple[str, ...]] = (Status.PAID, Status.FULFILLED, Status.REFUNDED)

    external_id = MaskedCharField(_("order number"), max_length=EXTERNAL_ID_LENGTH)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    placed_at = models.DateTimeField(_("placed"))
    placed_on = models.DateField(_("day placed"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PAID)
    currency = models.CharField(_("currency"), max_length=3)
    shipping_minor = models.BigIntegerField(_("shipping"), default=0, db_default=0)
    tax_minor = models.BigIntegerField(_("tax"), default=0, db_default=0)
    adjustment_minor = models.BigIntegerField(_("adjustment"), default=0, db_default=0)
    total_minor = models.BigIntegerField(_("total"))
    revenue_minor = models.BigIntegerField(_("in the shop's currency"), null=True)
    is_purchase = models.BooleanField(_("counts as a purchase"))
    content_hash = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "orders"
        verbose_name, verbose_name_plural = _("order"), _("orders")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="order_external_id"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "-placed_at", "-id"], name="order_customer"),
            models.Index(fields=["shop", "-placed_at", "-id"], name="order_placed"),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(ShopModel):
    """One line of an order, in its currency. `total_minor` is quantity × exact price − discount, rounded once."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.IntegerField(_("position"))
    product = models.ForeignKey(
        Product,
        on_delete=models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("product"),
    )
    quantity = models.IntegerField(_("quantity"))
    unit_price_minor = models.BigIntegerField(_("unit price"))
    discount_minor = models.BigIntegerField(_("discount"), default=0, db_default=0)
    total_minor = models.BigIntegerField(_("total"))
    is_revenue = models.BooleanField(_("counts as revenue"))

    class Meta(ShopModel.Meta):
        default_related_name = "order_lines"
        verbose_name, verbose_name_plural = _("order line"), _("order lines")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "order", "position"], name="order_line_position"),
        ]
        # Deleting a product asks whether a line names it.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["shop", "product"], name="order_line_product", condition=models.Q(product__isnull=False)
            ),
        ]
