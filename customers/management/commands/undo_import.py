import argparse
import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from tqdm import tqdm

from crm.shops.models import Shop
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.imports.actions import ImportNotReady, JournalOver, NothingToUndo, request_undo, run_job
from customers.imports.journals import UNDO_DAYS
from customers.models import ImportJob


class Command(BaseCommand):
    help = "Take an import back; the last line printed says what was removed, restored and kept, as one JSON object."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("import_id", type=int, metavar="ID")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        with Lease() as lease:
            job = self._taken(shop, options["import_id"], lease)
            with tqdm(total=100, unit="%", bar_format="{desc:<12}{bar:30} {n:3.0f} %", file=self.stderr) as bar:

                def tell(share: float, step: str) -> None:
                    bar.set_description(step)
                    bar.update(100 * share - bar.n)

                run_job(job, shop, now=now(), tell=tell)
        with shop_scope(shop):
            job.refresh_from_db()
        self.stdout.write(json.dumps(job.undone | {"seconds": round(time.monotonic() - started, 3)}))

    def _taken(self, shop: Shop, import_id: int, lease: Lease) -> ImportJob:
        with shop_scope(shop):
            job = ImportJob.objects.filter(pk=import_id).first()
            if job is None:
                raise CommandError(f"{shop.slug} has no import {import_id}.")
            try:
                request_undo(job, by=None, now=now())
            except JournalOver as error:
                text = f"Import {import_id} ended more than {UNDO_DAYS} days ago and cannot be undone any more."
                raise CommandError(text) from error
            except NothingToUndo as error:
                raise CommandError(f"Import {import_id} has written nothing that could be undone.") from error
            except ImportNotReady as error:
                raise CommandError(f"Import {import_id} {_why_not(job)}.") from error
            job.take(lease)
        return job


def _why_not(job: ImportJob) -> str:
    if job.undone_at:
        return "was undone before"
    if job.is_open:
        return "is being undone" if job.work == ImportJob.Work.UNDO else "has not ended yet"
    return "was never run"
