"""Notes that staff write on customers."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField, MaskedTextField
from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer

BODY_LENGTH, VIA_LENGTH = 5000, 80


class Note(ShopModel):
    """What a member of staff wrote about a customer, or a program: then `via` is what its API key was called."""

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="notes",
        db_index=False,
        db_constraint=False,
        verbose_name=_("customer"),
    )
    author = models.ForeignKey(
        "shops.User",
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("author"),
    )
    body = MaskedTextField(_("note"), max_length=BODY_LENGTH)
    via = MaskedCharField(_("written by the key"), max_length=VIA_LENGTH, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), verbose_name=_("created"))

    class Meta(ShopModel.Meta):
        default_related_name = "notes"
        verbose_name, verbose_name_plural = _("note"), _("notes")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "-created_at"], name="note_customer")
        ]

    @property
    def written_by(self) -> str:
        """Whoever wrote it, in words; "" where that is not known any more."""
        return str(self.author) if self.author else self.via
