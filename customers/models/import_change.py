"""What an import did to each row, so that it can be undone."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedJSONField
from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer
from customers.models.import_job import ImportJob


class ImportChange(ShopModel):
    """What one import did to one row: the journal that links a row with its import, and by which it is undone.

    `row_id` is the key of the row in the table that `kind` means. `before` is the whole former row as PostgreSQL's
    to_jsonb() says it, of an order or refund with its `lines`, and without its customer, who stands in `customer`: so
    whoever is erased or moved is so here too. It is null where nothing was there or nothing was changed. `written_at`
    is the row's `updated_at` as the import has left it: a row with another one was touched since.

    Written by customers/ingest/journal.py alone, taken back by customers/imports/undo.py. Its foreign key to the shop
    is that of its import.
    """

    class Kind(models.IntegerChoices):
        ORDER = 1, _("order")
        REFUND = 2, _("refund")
        CUSTOMER = 3, _("customer")
        IDENTIFIER = 4, _("identifier")
        PRODUCT = 5, _("product")
        TAG = 6, _("tag")
        CUSTOMER_TAG = 7, _("tag of a customer")
        ATTRIBUTE = 8, _("attribute of a customer")
        SUPPRESSION = 9, _("suppressed address")
        CONSENT = 10, _("consent of a customer")
        ADDRESS = 11, _("postal address of a customer")

    class Outcome(models.IntegerChoices):
        CREATED = 1, _("created")
        CHANGED = 2, _("changed")
        UNCHANGED = 3, _("unchanged")
        DROPPED = 4, _("deleted")

    class Kept(models.TextChoices):
        """Why an undo left the row as it was."""

        CHANGED = "changed", _("changed since")
        LATER_IMPORT = "later_import", _("also in a later import")
        REFUNDED = "refunded", _("refunded since")
        IN_USE = "in_use", _("other rows need it")
        ERASED = "erased", _("its customer was erased")
        TAKEN = "taken", _("its place is taken")
        MERGED = "merged", _("merged with another since")

    job = models.ForeignKey(
        ImportJob, on_delete=models.CASCADE, related_name="changes", db_index=False, db_constraint=False
    )
    kind = models.SmallIntegerField(_("kind"), choices=Kind.choices)
    row_id = models.BigIntegerField(_("row"))
    outcome = models.SmallIntegerField(_("outcome"), choices=Outcome.choices)
    before = MaskedJSONField(_("before"), null=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    written_at = models.DateTimeField(_("written"))
    kept = models.CharField(_("why it was kept"), max_length=16, choices=Kept.choices, default="", db_default="")

    class Meta(ShopModel.Meta):
        default_related_name = "import_changes"
        verbose_name, verbose_name_plural = _("row of an import"), _("rows of imports")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "job", "kind", "row_id"], name="import_change_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["shop", "customer"],
                name="import_change_customer",
                condition=models.Q(customer__isnull=False),
            ),
        ]
