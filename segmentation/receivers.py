"""News from below: a new shop is scored every night from its first night on."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.scope import in_platform_scope, shop_scope
from segmentation.actions import schedule_nightly


@receiver(post_save, sender=Shop, dispatch_uid="segmentation.first_night")
def plan_first_night(instance: Shop, created: bool, using: str, **kwargs: Any) -> None:
    if not created or kwargs.get("raw"):
        return
    if in_platform_scope():
        schedule_nightly(instance, now=now())
    else:
        # A scope is a transaction of its own: it can only begin when the shop is there to stay.
        transaction.on_commit(lambda: _schedule(instance), using=using)


def _schedule(shop: Shop) -> None:
    with shop_scope(shop):
        schedule_nightly(shop, now=now())
