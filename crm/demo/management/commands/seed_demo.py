from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now
from tqdm import tqdm

from crm.demo.seed import is_seeded, seed


class Command(BaseCommand):
    help = "Build the demo shops from real orders, unless they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        if is_seeded():
            return
        with tqdm(total=100, bar_format="  {desc:<32}{bar:30} {n:3.0f} %", file=self.stderr) as bar:

            def tell(step: str, share: float) -> None:
                if step != bar.desc.strip(": "):
                    bar.set_description_str(step, refresh=False)
                    bar.n = 0
                bar.n = 100 * share
                bar.refresh()

            seed(now=now(), tell=tell)
