"""Searches for duplicates."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.jobs import Job, due_index


class DuplicateSearch(Job):
    """One look at all customers of a shop for those who may be one person. pairs: how many were worth asking about."""

    pairs = models.IntegerField(_("pairs"), default=0)

    class Meta(Job.Meta):
        default_related_name = "duplicate_searches"
        verbose_name, verbose_name_plural = _("search for duplicates"), _("searches for duplicates")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "-created_at"], name="duplicate_search_created"),
            due_index("duplicate_search_due"),
        ]
