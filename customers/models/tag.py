"""Tags and who wears them."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer

TAG_LENGTH = 60


class Tag(ShopModel):
    """A word that staff, or the storefront, put on customers. Case does not matter: see customers/tagging.py."""

    name = MaskedCharField(_("name"), max_length=TAG_LENGTH)
    created_at = models.DateTimeField(db_default=Now(), verbose_name=_("created"))

    class Meta(ShopModel.Meta):
        default_related_name = "tags"
        verbose_name, verbose_name_plural = _("tag"), _("tags")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "name"], name="tag_name"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerTag(ShopModel):
    """One tag on one customer."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="customer_tags", db_index=False, db_constraint=False
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, related_name="customer_tags", db_index=False, db_constraint=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "customer_tags"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "tag", "customer"], name="customer_tag_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer"], name="customer_tag_customer")
        ]
