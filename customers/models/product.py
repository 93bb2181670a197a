"""What the shop sells."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel

EXTERNAL_ID_LENGTH = 200


class Product(ShopModel):
    """Something the shop sells, known by the storefront's own id."""

    external_id = MaskedCharField(_("product number"), max_length=EXTERNAL_ID_LENGTH)
    name = MaskedCharField(_("name"), max_length=400, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "products"
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="product_external_id"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id
