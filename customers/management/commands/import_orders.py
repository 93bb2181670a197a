import argparse
import json
import time
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from tqdm import tqdm

from crm.shops.models import Shop
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.imports.actions import (
    choose_mapping,
    error_from_json,
    request_check,
    request_run,
    run_job,
    upload_import,
)
from customers.models import ImportJob
from customers.sources import PRESETS, Mapping, SourceError, describe_error

REPORTED = (
    "rows",
    "lines",
    "orders_created",
    "orders_changed",
    "orders_unchanged",
    "refunds_created",
    "customers_created",
    "products_created",
    "rejected",
    "not_revenue",
)


class Command(BaseCommand):
    help = "Import a file of orders into a shop; the last line printed is the report as one JSON object."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--preset", choices=sorted(PRESETS), default="")
        parser.add_argument("--mapping", type=Path, help="JSON file that says which column is what")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        try:
            with Lease() as lease:
                job = self._prepared(shop, options, lease)
                self._run(job, shop)
        except SourceError as error:
            raise CommandError(describe_error(error)) from error
        with shop_scope(shop):
            job.refresh_from_db()
        if job.state == ImportJob.State.FAILED:
            raise CommandError(describe_error(error_from_json(job.error or {"code": "unreadable"})))
        counts = job.forecast if options["dry_run"] else job.counts
        report: dict[str, Any] = {name: counts.get(name, 0) for name in REPORTED}
        self.stdout.write(json.dumps(report | {"seconds": round(time.monotonic() - started, 3)}))

    def _prepared(self, shop: Shop, options: dict[str, Any], lease: Lease) -> ImportJob:
        try:
            mapping = Mapping.from_json(options["mapping"].read_bytes()) if options["mapping"] else None
            file = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        with file, shop_scope(shop):
            job = upload_import(shop, File(file, name=options["file"].name), by=None, now=now(), mapping=mapping)
            if mapping is not None:
                choose_mapping(job, mapping=mapping)
            elif options["preset"]:
                choose_mapping(job, preset=options["preset"])
            (request_check if options["dry_run"] else request_run)(job, by=None, now=now())
            job.take(lease)
        return job

    def _run(self, job: ImportJob, shop: Shop) -> None:
        with tqdm(total=100, unit="%", bar_format="{desc:<12}{bar:30} {n:3.0f} %", file=self.stderr) as bar:

            def tell(share: float, step: str) -> None:
                bar.set_description(step)
                bar.update(100 * share - bar.n)

            run_job(job, shop, now=now(), tell=tell)
