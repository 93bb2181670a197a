"""What can happen to a shop's scores."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from crm.shops.audit.chain import Actor, record
from crm.shops.models import ApiKey, Shop
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.models import Order
from segmentation.domain.rfm import checked_bounds
from segmentation.models import ScoreRun, Settings
from segmentation.scoring.calendar import last_full_day, next_night
from segmentation.scoring.gather import gather
from segmentation.scoring.predict import predict
from segmentation.scoring.store import store

_OPEN = (ScoreRun.State.QUEUED, ScoreRun.State.RUNNING)

Tell = Callable[[float, str], None]


@transaction.atomic
def request_run(
    shop: Shop,
    *,
    by: Actor,
    trigger: str = ScoreRun.Trigger.BUTTON,
    as_of: date | None = None,
    now: datetime,
) -> ScoreRun:
    """Queue a run of the shop in scope for now, or return the one asked for before that is still open.

    as_of: last day included; None leaves it to `_cut` when the run begins.
    """
    _lock(shop)  # Two people press the button at the same time.
    asked = ScoreRun.objects.filter(trigger=trigger, state__in=_OPEN).order_by("pk").first()
    if asked is not None:
        return asked
    run = ScoreRun.objects.create(
        shop=shop,
        trigger=trigger,
        as_of=as_of,
        state=ScoreRun.State.QUEUED,
        due_at=now,
        created_at=now,
        requested_by_id=None if by is None or isinstance(by, ApiKey) else by.pk,
    )
    record("scoring.requested", run, by=by, details={"as_of": as_of.isoformat() if as_of else None}, at=now)
    return run


def schedule_nightly(shop: Shop, *, now: datetime) -> None:
    """See to it that a nightly run of the shop in scope is on its way: where none is open, queue the next 03:00's."""
    if ScoreRun.all_shops.filter(shop=shop, trigger=ScoreRun.Trigger.NIGHTLY, state__in=_OPEN).exists():
        return
    run = ScoreRun(
        shop=shop,
        trigger=ScoreRun.Trigger.NIGHTLY,
        state=ScoreRun.State.QUEUED,
        due_at=next_night(shop, now),
        created_at=now,
    )
    # Two workers may both have found none; the database keeps one.
    ScoreRun.all_shops.bulk_create([run], ignore_conflicts=True)


def start_run(shop: Shop, *, as_of: date | None, now: datetime, lease: Lease | None = None) -> ScoreRun:
    """A run that the caller does itself: for the command line. If the caller dies, a worker takes it over.

    It takes the place of one that waits since the first import: that would only score the same orders again.
    """
    waiting = ScoreRun.objects.filter(trigger=ScoreRun.Trigger.IMPORT, state=ScoreRun.State.QUEUED)
    waiting.update(state=ScoreRun.State.CANCELLED, finished_at=now)
    run = ScoreRun.objects.create(
        shop=shop,
        trigger=ScoreRun.Trigger.COMMAND,
        as_of=as_of,
        state=ScoreRun.State.QUEUED,
        due_at=now,
        created_at=now,
    )
    run.take(lease)
    return run


def run_scoring(run: ScoreRun, *, now: datetime, tell: Tell = lambda share, step: None) -> None:
    """Score all customers of the run's shop. Outside any scope: it opens its own, the last one writes everything.

    Raises LeaseLost where another worker has taken the run over; the scores are then as if this had never begun.
    """
    started = time.monotonic()

    def report(share: float, step: str) -> None:
        with shop_scope(run.shop_id):
            run.report(share, step)
        tell(share, step)

    report(0.05, "gathering")
    gathered = gather(run.shop, run.as_of or _cut(run.shop, now))
    report(0.4, "predicting")
    predicted = predict(gathered)
    report(0.6, "storing")
    store(run, gathered, predicted, seconds=lambda: round(time.monotonic() - started, 3))
    tell(1.0, "done")


def _cut(shop: Shop, now: datetime) -> date:
    """The last day a run takes in, where nobody said one: yesterday in the shop.

    A demo shop's orders end one day; scored as of today, everybody in it would be lost after a while.
    """
    cut = last_full_day(shop, now)
    if not shop.is_demo:
        return cut
    with shop_scope(shop):
        last = Order.objects.filter(is_purchase=True).aggregate(last=Max("placed_on"))["last"]
    return min(cut, last or cut)


def give_up(run: ScoreRun, *, code: str) -> None:
    """Fail a claimed run for good; the scores stay what they were. Raises LeaseLost."""
    run.finish(ScoreRun.State.FAILED, error={"code": code})


@transaction.atomic
def change_bounds(shop: Shop, changes: Mapping[str, Sequence[float]], *, by: Actor) -> bool:
    """Set the shop's own bounds of some measures, where empty means its fifths; return whether any are different now.

    The other measures stay: somebody else may be setting them at the same time. ValueError for bounds that fall.
    """
    for four in filter(None, changes.values()):
        checked_bounds(four)
    _lock(shop)  # There may be no row yet that could be locked.
    before = Settings.current().rfm_bounds
    bounds = {measure: list(four) for measure, four in {**before, **changes}.items() if four}
    if bounds == before:
        return False
    settings, _made = Settings.objects.update_or_create(shop=shop, defaults={"rfm_bounds": bounds})
    record("scoring.settings_changed", settings, by=by, details={"fields": ["rfm_bounds"]})
    return True


def _lock(shop: Shop) -> None:
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
