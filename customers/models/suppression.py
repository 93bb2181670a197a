"""Addresses that are not written to, whatever their owner has agreed to."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.scope import ShopModel
from customers.domain.consent import BLOCK_LIST, COMPLAINT, ERASED, HARD_BOUNCE


class Suppression(ShopModel):
    """One reason not to write to one address.

    The address itself is not kept: address_hash is a keyed hash of its normal form (customers/consent/hashing.py), so
    that it outlives erasing its owner, and is known again when a file brings it back.
    """

    class Reason(models.TextChoices):
        HARD_BOUNCE = HARD_BOUNCE, _("Messages come back")
        COMPLAINT = COMPLAINT, _("Complained")
        ERASED = ERASED, _("Erased on request")
        BLOCK_LIST = BLOCK_LIST, pgettext_lazy("suppression", "On the block list")

    kind = models.CharField(_("kind"), max_length=20)  # of an identifier: "email", "phone"
    address_hash = models.BinaryField(max_length=32)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    # When it was last said, but by an import that found it here: undoing one takes back only what nobody else has said.
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "suppressions"
        verbose_name, verbose_name_plural = _("suppression"), _("suppressions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "kind", "address_hash", "reason"], name="suppression_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reason}"
