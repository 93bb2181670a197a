import argparse
import json
import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from tqdm import tqdm

from crm.shops.models import Shop
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.sources.dates import FIRST_YEAR, LAST_YEAR
from segmentation.actions import give_up, run_scoring, start_run
from segmentation.models import ScoreRun

BG_NBD = ("r", "alpha", "a", "b", "log_likelihood", "dropout_identified")
GAMMA_GAMMA = ("p", "q", "gamma", "log_likelihood")


class Command(BaseCommand):
    help = "Score all customers of a shop; the last line printed is the report as one JSON object."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="last day included")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        as_of = _day(options["as_of"])
        with Lease() as lease:
            with shop_scope(shop):
                run = start_run(shop, as_of=as_of, now=now(), lease=lease)
            try:
                self._score(run)
            except Exception:
                with shop_scope(shop):
                    give_up(run, code="crashed")
                raise
        self.stdout.write(json.dumps(self._report(run) | {"seconds": round(time.monotonic() - started, 3)}))

    def _score(self, run: ScoreRun) -> None:
        with tqdm(total=100, unit="%", bar_format="{desc:<12}{bar:30} {n:3.0f} %", file=self.stderr) as bar:

            def tell(share: float, step: str) -> None:
                bar.set_description(step)
                bar.update(100 * share - bar.n)

            run_scoring(run, now=now(), tell=tell)

    def _report(self, run: ScoreRun) -> dict[str, Any]:
        fitted = run.models_fitted
        return {
            "customers": run.customers,
            "repeat_customers": run.repeat_customers,
            "bg_nbd": {name: fitted["bg_nbd"][name] for name in BG_NBD},
            "gamma_gamma": {name: fitted["gamma_gamma"][name] for name in GAMMA_GAMMA},
            "backtest": run.backtest,
        }


def _day(text: str | None) -> date | None:
    try:
        day = None if text is None else date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a day; write it like 2026-11-30.") from None
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CommandError(f"“{text}” is out of range: orders are of the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day
