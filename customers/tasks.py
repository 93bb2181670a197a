"""The background work of customers: imports, exports, and the days of sales that have changed."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.shops.roles import Right
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import WORK, Chore, JobKind
from customers.exports import run_export
from customers.imports.actions import run_job
from customers.imports.presenters import STEPS
from customers.ingest import refresh_sales_days
from customers.merging.searches import run_search
from customers.models import DuplicateSearch, ExportJob, ImportJob
from customers.signups.mails import WORK_NAME
from customers.signups.mails import do_next as send_next


def _import_label(job: ImportJob) -> str:
    labels = {
        ImportJob.Work.CHECK: _("Checking %(file)s"),
        ImportJob.Work.RUN: _("Importing %(file)s"),
        ImportJob.Work.UNDO: _("Undoing the import of %(file)s"),
    }
    return labels[ImportJob.Work(job.work)] % {"file": job.filename}


def _add_up_sales_days(shop_id: int) -> None:
    with shop_scope(shop_id):
        refresh_sales_days()


IMPORTS = WORK.register(
    JobKind(
        "customers.import",
        ImportJob,
        do=lambda job, now: run_job(job, job.shop, now=now),
        right=Right.IMPORT,
        label=_import_label,
        url=lambda job, slug: reverse("imports:job", args=[slug, job.pk]),
        steps=STEPS,
        shown=lambda: ImportJob.objects.defer("facts", "forecast", "mapping"),
        is_long=lambda job: job.is_large,
    )
)
EXPORTS = WORK.register(
    JobKind(
        "customers.export",
        ExportJob,
        do=lambda job, now: run_export(job, job.shop, now=now),
        right=Right.EXPORT,
        label=lambda job: _("Exporting: %(content)s") % {"content": job.get_kind_display()},
        url=lambda job, slug: reverse("customers:exports", args=[slug]),
        steps={"writing": gettext_lazy("Writing the file")},
        is_private=True,
    )
)
DUPLICATES = WORK.register(
    JobKind(
        "customers.duplicates",
        DuplicateSearch,
        do=lambda job, now: run_search(job, now=now),
        right=Right.MERGE_CUSTOMERS,
        label=lambda job: _("Looking for duplicates"),
        url=lambda job, slug: reverse("customers:duplicates", args=[slug]),
        steps={"comparing": gettext_lazy("Comparing customers")},
        is_long=lambda job: True,
        columns=("pairs",),
    )
)
SIGNUPS = WORK.register(Chore(WORK_NAME, send_next))
SALES_DAYS = WORK.register(Chore("customers.sales_days", _add_up_sales_days))
