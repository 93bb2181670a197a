"""Imports of files and the rows they left out."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedCharField, MaskedJSONField, MaskedTextField
from crm.tenancy.jobs import Job, due_index
from crm.tenancy.leases import LEASE
from crm.tenancy.scope import ShopModel
from customers.models.identifier_kinds import SOURCE_LENGTH

LARGE_FILE = 4_000_000  # bytes: some 40,000 rows, which take a few seconds


class ImportJob(Job):
    """One file of orders on its way in. `work` in the queue: a dry run that writes nothing, the run, or its undo."""

    class Work(models.TextChoices):
        CHECK = "check", _("Dry run")
        RUN = "run", _("Import")
        UNDO = "undo", _("Undo")

    class Kind(models.TextChoices):
        """What the file is a list of; the same words as in customers/sources/fields.py."""

        ORDERS = "orders", _("orders")
        CUSTOMERS = "customers", _("customers")
        PRODUCTS = "products", _("products")
        SUPPRESSIONS = "suppressions", _("addresses not to be written to")

    kind = models.CharField(
        _("list of"), max_length=12, choices=Kind.choices, default=Kind.ORDERS, db_default=Kind.ORDERS
    )
    work = models.CharField(_("work"), max_length=8, choices=Work.choices, default=Work.CHECK)
    file = models.FileField(_("stored file"), upload_to="imports", max_length=300)
    filename = MaskedCharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    preset = models.CharField(_("kind of file"), max_length=32, blank=True)
    mapping = MaskedJSONField(_("columns"), default=dict, blank=True)
    facts = MaskedJSONField(_("what was recognised"), default=dict, blank=True)
    forecast = models.JSONField(_("result of the dry run"), default=dict, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    cursor = models.BigIntegerField(_("written up to"), default=0)
    undone = models.JSONField(_("result of the undo"), default=dict, blank=True, db_default={})
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    source = models.CharField(_("storefront"), max_length=SOURCE_LENGTH, blank=True, default="", db_default="")
    replaces_orders = models.BooleanField(_("replaces orders whole"), default=False, db_default=False)

    class Meta(Job.Meta):
        default_related_name = "import_jobs"
        verbose_name, verbose_name_plural = _("import"), _("imports")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "-created_at"], name="import_created"),
            due_index("import_due"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def created_count(self) -> int:
        """How many orders, customers, products or suppressed addresses it has made, whichever it is a list of."""
        return int(self.counts.get(f"{self.kind}_created", 0))

    @property
    def is_large(self) -> bool:
        """Whether it may take minutes. What a compressed file holds is not known before it is read."""
        return bool(self.facts.get("compression")) or self.facts.get("size", LARGE_FILE + 1) > LARGE_FILE

    def advance(self, cursor: int, counts: dict[str, Any], progress: float) -> None:
        """Note, in a slice's own transaction, that everything up to `cursor` is written. Raises LeaseLost."""
        self.cursor, self.counts = cursor, counts
        self._fenced(cursor=cursor, counts=counts, progress=progress, lease_until=Now() + LEASE)

    def note_undone(self, counts: dict[str, int], progress: float) -> None:
        """Note, in a slice's own transaction, what was taken back up to now. Raises LeaseLost."""
        self.undone, self.progress = counts, progress
        self._fenced(undone=counts, progress=progress, lease_until=Now() + LEASE)


class RejectedRow(ShopModel):
    """One row of an imported file that could not be used, and why; `is_kept`: only one value of it was left out."""

    job = models.ForeignKey(
        ImportJob, on_delete=models.CASCADE, related_name="rejected_rows", db_index=False, db_constraint=False
    )
    row_no = models.BigIntegerField()
    column = MaskedCharField(max_length=120, blank=True)
    code = models.CharField(max_length=64)
    params = MaskedJSONField(default=dict)
    raw = MaskedTextField(blank=True)
    is_kept = models.BooleanField(default=False, db_default=False)

    class Meta(ShopModel.Meta):
        default_related_name = "rejected_rows"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "job", "row_no"], name="rejected_row")]
