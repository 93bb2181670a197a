"""Pairs of customers who may be one person, for staff to judge."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer


class DuplicatePair(ShopModel):
    """Two customers who may be one person; `first` is the one with the lower id, so that a pair stands here once.

    `evidence` says why, as a list of {"kind": …}: the kind of identifier that both were named by. Skipped pairs stay,
    so that nobody is asked twice. A pair goes with either of its customers; whoever is merged is so in Merge.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be judged")
        SKIPPED = "skipped", _("two people")

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    second = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    evidence = models.JSONField(_("evidence"), default=list)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    decided_at = models.DateTimeField(_("judged"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "shops.User", on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta(ShopModel.Meta):
        default_related_name = "duplicate_pairs"
        verbose_name, verbose_name_plural = _("possible duplicate"), _("possible duplicates")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "first", "second"], name="duplicate_pair_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "second"], name="duplicate_pair_second"),
            models.Index(fields=["shop", "id"], name="duplicate_pair_open", condition=models.Q(state="open")),
        ]
