"""What was sold on a day, counted ahead."""

from typing import ClassVar

from django.db import models

from crm.tenancy.scope import ShopModel


class SalesDay(ShopModel):
    """One shop-local day of sales, in the shop's currency: counted ahead so that the overview need not count orders.

    An order is "new" on its customer's first purchase day, "returning" after it, "unknown" without a customer.
    """

    day = models.DateField()
    new_orders = models.IntegerField(default=0, db_default=0)
    new_minor = models.BigIntegerField(default=0, db_default=0)
    returning_orders = models.IntegerField(default=0, db_default=0)
    returning_minor = models.BigIntegerField(default=0, db_default=0)
    unknown_orders = models.IntegerField(default=0, db_default=0)
    unknown_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0, db_default=0)
    is_stale = models.BooleanField(default=False, db_default=False)

    class Meta(ShopModel.Meta):
        default_related_name = "sales_days"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "day"], name="sales_day_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "day"], name="sales_day_stale", condition=models.Q(is_stale=True)),
        ]
