"""Pairs of customers who may be one person, for staff to judge."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer


class DuplicatePair(ShopModel):
    """Two customers who may be one person; `first` is the one with the lower id, so that a pair stands here once.

    `evidence` says which record named both, as a list of {"kind": …}: the kind of identifier; [] where none did.
    `reasons` is what a search found (customers/domain/likeness.py), as a list of {"kind": …, "weight": …}, and `score`
    their sum, 0 to 100; until a search has looked at the pair, what the evidence alone weighs. Skipped pairs
    stay, so that nobody is asked twice. A pair goes with either of its customers; whoever is merged is so in Merge.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be judged")
        SKIPPED = "skipped", _("two people")

    first = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("first customer"),
    )
    second = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("second customer"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    evidence = models.JSONField(_("evidence"), default=list)
    score = models.SmallIntegerField(_("score"), default=0, db_default=0)
    reasons = models.JSONField(_("reasons"), default=list, db_default=models.Value([], models.JSONField()))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    decided_at = models.DateTimeField(_("judged"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "shops.User",
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("judged by"),
    )

    class Meta(ShopModel.Meta):
        default_related_name = "duplicate_pairs"
        verbose_name, verbose_name_plural = _("possible duplicate"), _("possible duplicates")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "first", "second"], name="duplicate_pair_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "second"], name="duplicate_pair_second"),
            models.Index(
                fields=["shop", "-score", "id"], name="duplicate_pair_score", condition=models.Q(state="open")
            ),
        ]
