"""What relations people have to a shop: customer, wholesale, press …"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel
from customers.domain.kinds import KEY_LENGTH, LABEL_LENGTH


class CustomerKind(ShopModel):
    """What a shop says of one kind of relation.

    Of the six that every shop has (customers/domain/kinds.py) there is a row only once a shop has changed them; their
    label is "" as long as it is ours. Customers point at a kind by its key, which never changes; rows are never
    deleted, so that the key of an archived one still says what it was.
    """

    key = models.CharField(_("key"), max_length=KEY_LENGTH)
    label = MaskedCharField(_("label"), max_length=LABEL_LENGTH, blank=True, default="", db_default="")
    position = models.IntegerField(_("position"), default=0, db_default=0)
    is_scored = models.BooleanField(_("scored"), default=True, db_default=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "customer_kinds"
        verbose_name, verbose_name_plural = _("kind of relation"), _("kinds of relations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "key"], name="customer_kind_key"),
        ]

    def __str__(self) -> str:
        return self.label or self.key
