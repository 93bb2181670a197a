"""Exports of customers to a file."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.jobs import Job, due_index


class ExportJob(Job):
    """One file of customers on its way out: the list's filters, and who asked."""

    filters = models.JSONField(_("filters"), default=dict)
    file = models.FileField(_("stored file"), upload_to="exports", max_length=300, blank=True)
    rows = models.IntegerField(_("rows"), default=0)

    class Meta(Job.Meta):
        default_related_name = "export_jobs"
        verbose_name, verbose_name_plural = _("export"), _("exports")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "-created_at"], name="export_created"),
            due_index("export_due"),
        ]
