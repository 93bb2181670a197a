import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.lib.spreadsheets import SafeWriter
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from segmentation.queries import EXPORT_COLUMNS, export_rows


class Command(BaseCommand):
    help = "Write the current scores of a shop to a CSV file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        try:
            _write(shop, options["file"])
        except OSError as error:  # Also a disk that is full in the middle.
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        self.stderr.write(f"{options['file']} is written.")


def _write(shop: Shop, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file, shop_scope(shop):
        # No byte-order mark: this file is for programs, and its first column is to be called external_id.
        writer = SafeWriter(file, bom=False)
        writer.writerow(EXPORT_COLUMNS)
        writer.writerows(export_rows(shop))
