import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils.timezone import now
from tqdm import tqdm

from crm.demo.seed import is_seeded, seed
from crm.lib import environment
from crm.lib.embedded import StartError, check_space

BYTES_NEEDED = 500 * 1024**2


class Command(BaseCommand):
    help = "Build the demo shops from real orders, unless they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        if is_seeded():
            return
        try:
            _check_space()
            self._seed()
        except StartError as error:
            self.stderr.write(str(error))
            sys.exit(1)

    def _seed(self) -> None:
        try:
            with tqdm(total=100, bar_format="  {desc:<32}{bar:30} {n:3.0f} %", file=self.stderr) as bar:

                def tell(step: str, share: float) -> None:
                    if step != bar.desc.strip(": "):
                        bar.set_description_str(step, refresh=False)
                        bar.n = 0
                    bar.n = 100 * share
                    bar.refresh()

                seed(now=now(), tell=tell)
        except (OperationalError, OSError):
            _check_space()  # A server whose disk is full only goes away; the disk says why.
            raise


def _check_space() -> None:
    if environment.uses_embedded_postgres():
        check_space(BYTES_NEEDED, needed_by="the demo")
