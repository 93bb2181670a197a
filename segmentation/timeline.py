"""A customer's moves between stages, for the timeline."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.models import Shop
from customers.models import Customer
from customers.timeline import PAGE, Entry, Place, TimelineSource
from segmentation.models import Stage, StageTransition
from segmentation.presenters import transition_reason
from segmentation.queries import stage_history


def _stages(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    """A move happens at the end of its day: the scoring looked at the whole of it."""
    rows = stage_history(customer.pk)
    if place.before is not None:
        local = place.before.value.astimezone(shop.zone)
        condition = Q(on__lt=local.date())
        if place.rank < place.before.tier and local == _end_of(local.date(), shop):
            condition |= Q(on=local.date())
        elif place.rank == place.before.tier:
            condition |= Q(on=local.date(), pk__lt=place.before.id)
        rows = rows.filter(condition)
    for move in rows[: PAGE + 1]:
        yield _move(move, shop, place.rank)


def _move(move: StageTransition, shop: Shop, rank: int) -> Entry:
    title = gettext("%(before)s → %(after)s") % {
        "before": Stage(move.from_stage).label,
        "after": Stage(move.to_stage).label,
    }
    is_bad = move.to_stage in (Stage.AT_RISK, Stage.DORMANT, Stage.LOST)
    kind, icon = ("bad", "arrow-down-right") if is_bad else ("good", "arrow-up-right")
    return Entry(_end_of(move.on, shop), rank, move.pk, title, icon, transition_reason(move.reason), kind)


def _end_of(day: date, shop: Shop) -> datetime:
    return (datetime.combine(day + timedelta(days=1), time(), tzinfo=shop.zone) - timedelta(microseconds=1)).astimezone(
        UTC
    )


SOURCES = [TimelineSource("stages", _("Stages"), 40, _stages)]
