"""Customers made one, and how to take that apart again."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedJSONField
from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer


class Merge(ShopModel):
    """Customer `source_id` became part of customer `target_id`, who may have become part of another since.

    `customer` is who has their things now, and where the old id leads to: a later merge moves this row along. Once it
    is undone the source is a customer again, and this row only says that it happened. `moved`: how many rows of each
    kind. No user merged where the program joined an anonymous customer to a known one.
    """

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="merges",
        db_index=False,
        db_constraint=False,
        verbose_name=_("customer"),
    )
    source_id = models.BigIntegerField(_("merged customer"))
    target_id = models.BigIntegerField(_("into customer"))
    moved = models.JSONField(_("moved"), default=dict)
    merged_at = models.DateTimeField(_("merged"))
    merged_by = models.ForeignKey(
        "shops.User",
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("merged by"),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta(ShopModel.Meta):
        default_related_name = "merges"
        verbose_name, verbose_name_plural = _("merge"), _("merges")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shop", "source_id"], name="merge_source_once", condition=models.Q(undone_at__isnull=True)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "customer"], name="merge_customer")]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"


class MergeChange(ShopModel):
    """What a merge did to one row, as long as it is not undone.

    `name` is that of the kind of personal data. MOVED: the foreign key `path` of the row led to the source, and does
    not any more. DROPPED: `before` is what was deleted: the whole row, or what PackedRows took out of it. FILLED:
    `before` says of each column of the target's own row what it was and what the merge made of it.

    Rows that come after the merge, by an identifier that is the source's, are listed as MOVED too
    (customers/ingest/arrivals.py): that is how an undo knows whose they are.
    """

    class Outcome(models.IntegerChoices):
        MOVED = 1, _("moved")
        DROPPED = 2, _("deleted")
        FILLED = 3, _("filled")

    merge = models.ForeignKey(
        Merge,
        on_delete=models.CASCADE,
        related_name="changes",
        db_index=False,
        db_constraint=False,
        verbose_name=_("merge"),
    )
    name = models.CharField(_("kind"), max_length=40)
    path = models.CharField(max_length=40, default="", db_default="")
    row_id = models.BigIntegerField(_("row"))
    outcome = models.SmallIntegerField(_("outcome"), choices=Outcome.choices)
    before = MaskedJSONField(_("before"), null=True)

    class Meta(ShopModel.Meta):
        default_related_name = "merge_changes"
        verbose_name, verbose_name_plural = _("row of a merge"), _("rows of merges")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "merge", "name", "path", "row_id"], name="merge_change_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "name", "row_id"], name="merge_change_row"),
        ]
