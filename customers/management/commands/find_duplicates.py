import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from django.utils.translation import override

from crm.lib.spreadsheets import SafeWriter
from crm.shops.models import Shop
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.merging.finder import FoundPair
from customers.merging.searches import give_up, run_search, start_search
from customers.merging.words import in_words

COLUMNS = ("external_id_a", "external_id_b", "score", "reason")


class Command(BaseCommand):
    help = "Look for customers who may be one person; the last line printed is the report as one JSON object."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--out", type=Path, metavar="FILE.csv", help="write every pair to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        path: Path | None = options["out"]

        def write(pairs: Iterable[FoundPair]) -> None:
            if path is not None:
                _write(path, pairs)

        with Lease() as lease:
            with shop_scope(shop):
                search = start_search(shop, now=now(), lease=lease)
            try:
                run_search(search, now=now(), listen=write)
            except (Exception, KeyboardInterrupt) as error:  # Else a worker would go on with what was stopped by hand.
                with shop_scope(shop):
                    give_up(search)
                if isinstance(error, OSError):  # Also a disk that is full in the middle.
                    raise CommandError(f"{path}: {error.strerror}.") from error
                raise
        self.stdout.write(json.dumps({"pairs": search.pairs, "seconds": round(time.monotonic() - started, 3)}))


def _write(path: Path, pairs: Iterable[FoundPair]) -> None:
    # No byte-order mark: this file is for programs, and its first column is to be called external_id_a.
    with path.open("w", encoding="utf-8", newline="") as file, override("en"):
        writer = SafeWriter(file, bom=False)
        writer.writerow(COLUMNS)
        for pair in pairs:
            reason = "; ".join(words.text for words in in_words(pair.evidence))
            writer.writerow([pair.first_number, pair.second_number, pair.score, reason])
