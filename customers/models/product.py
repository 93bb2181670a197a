"""What the shop sells."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField
from crm.tenancy.scope import ShopModel

EXTERNAL_ID_LENGTH = 200
BRAND_LENGTH, CATEGORY_LENGTH = 120, 200
BELOW = "/"  # between a category and one below it


class Product(ShopModel):
    """Something the shop sells, known by the storefront's own id. Price and cost are in the shop's currency."""

    external_id = MaskedCharField(_("product number"), max_length=EXTERNAL_ID_LENGTH)
    name = MaskedCharField(_("name"), max_length=400, blank=True, default="", db_default="")
    brand = MaskedCharField(_("brand"), max_length=BRAND_LENGTH, blank=True, default="", db_default="")
    price_minor = models.BigIntegerField(_("price"), null=True, blank=True)
    cost_minor = models.BigIntegerField(_("cost"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "products"
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="product_external_id"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "brand"], name="product_brand")]

    def __str__(self) -> str:
        return self.name or self.external_id


class ProductCategory(ShopModel):
    """One category that a product is in: a path such as “Tea/Green tea”, of which a product can have many.

    Paths compare byte by byte, so that all below one are a range of the index; LIKE is not leakproof. Its foreign key
    to the shop is that of its product.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="categories", db_index=False, db_constraint=False
    )
    path = MaskedCharField(_("category"), max_length=CATEGORY_LENGTH, db_collation="C")

    class Meta(ShopModel.Meta):
        default_related_name = "product_categories"
        verbose_name, verbose_name_plural = _("category"), _("categories")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "product", "path"], name="product_category_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "path", "product"], name="product_category_path")
        ]

    def __str__(self) -> str:
        return self.path
