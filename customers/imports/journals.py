"""How long the journal of an import is kept, by which it can be undone."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from customers.models import ImportChange, ImportJob

# Nobody takes back in spring what came in winter: by then most of it has been touched and would stay. The journal holds
# former names and places, which should not be kept for longer than they serve.
UNDO_DAYS = 90
ENDED = (ImportJob.State.DONE, ImportJob.State.FAILED, ImportJob.State.CANCELLED)


def is_over(job: ImportJob, *, now: datetime) -> bool:
    """Whether the import, or an undo of it that failed, ended too long ago for what it did to be known still."""
    return job.state in ENDED and job.finished_at is not None and job.finished_at < _oldest(now)


@transaction.atomic(using="platform")
def forget_old_journals(*, now: datetime, most: int = 10_000) -> int:
    """Delete entries of journals that are over, at most `most` of one import; return how many, 0 once none are left.

    As the platform. No lock of a shop: nobody reads or writes a journal that is over, and an undo that was asked for
    before is not, as its import has not ended then. That import is locked for as long as it takes, so that none begins.
    """
    own = ImportChange.objects.filter(shop_id=OuterRef("shop_id"), job_id=OuterRef("pk"))
    over = ImportJob.objects.filter(Exists(own), state__in=ENDED, finished_at__lt=_oldest(now))
    job = over.select_for_update().order_by("pk").first()
    if job is None:
        return 0
    old = ImportChange.objects.filter(shop_id=job.shop_id, job_id=job.pk).values("pk")[:most]
    deleted, _ = ImportChange.objects.filter(shop_id=job.shop_id, pk__in=old).delete()
    return deleted


def _oldest(now: datetime) -> datetime:
    return now - timedelta(days=UNDO_DAYS)
