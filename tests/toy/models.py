from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.jobs import Job, due_index
from crm.tenancy.scope import ShopModel
from customers.models import Customer


class Wish(ShopModel):
    """What a customer would like to have."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    what = MaskedCharField(max_length=100)
    wished_at = models.DateTimeField(db_default=Now())
    is_reminded = models.BooleanField(default=False)

    class Meta(ShopModel.Meta):
        default_related_name = "wishes"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "-wished_at"], name="wish_of")
        ]


class ReminderJob(Job):
    """Marks all wishes as reminded of."""

    class Meta(Job.Meta):
        default_related_name = "reminder_jobs"
        indexes: ClassVar[list[models.Index]] = [due_index("reminder_due")]


class Settings(ShopModel):
    """How many wishes a customer may have: one row a shop, made when first saved."""

    most = models.IntegerField(default=10)

    class Meta(ShopModel.Meta):
        default_related_name = "wish_settings"
        constraints: ClassVar = [models.UniqueConstraint(fields=["shop"], name="wish_settings_once")]
