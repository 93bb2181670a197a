"""Exports to a file."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.jobs import Job, due_index


class ExportJob(Job):
    """One file on its way out: what it holds, the filters of the list it was asked for on, and who asked.

    columns: their headings, [] where it has all there are.
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers")
        ORDERS = "orders", _("Orders")
        LINES = "lines", _("Order lines")
        PRODUCTS = "products", _("Products")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel")

    kind = models.CharField(
        _("content"), max_length=12, choices=Kind.choices, default=Kind.CUSTOMERS, db_default=Kind.CUSTOMERS
    )
    format = models.CharField(
        _("format"), max_length=4, choices=Format.choices, default=Format.CSV, db_default=Format.CSV
    )
    columns = models.JSONField(_("columns"), default=list, db_default=models.Value([], models.JSONField()), blank=True)
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
