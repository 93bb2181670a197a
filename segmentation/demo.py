"""The demo shops are scored."""

from django.utils import timezone

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from segmentation.actions import run_scoring, start_run
from segmentation.models import ScoreRun


def _score(demo: DemoShop, tell: Tell) -> None:
    with Lease() as lease:
        with shop_scope(demo.shop):
            # By the clock, not the seeding's own moment: a run that began before the import ended knows not all orders.
            run = start_run(demo.shop, as_of=demo.last_day, now=timezone.now(), lease=lease)
        run_scoring(run, now=demo.now, tell=lambda share, step: tell(share))


def _is_scored() -> bool:
    return ScoreRun.objects.filter(state=ScoreRun.State.DONE).exists()


DEMO = [DemoStep("scores", 50, "Scoring customers", _score, _is_scored)]
