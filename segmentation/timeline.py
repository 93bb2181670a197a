"""A customer's moves between stages, for the timeline."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.models import Shop
from crm.shops.roles import ApiScope
from customers.models import Customer
from customers.timeline import Entry, Place, TimelineSource
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
    for move in rows[: place.most]:
        yield _move(move, shop, place.rank)


def _move(move: StageTransition, shop: Shop, rank: int) -> Entry:
    title = gettext("%(before)s → %(after)s") % {
        "before": Stage(move.from_stage).label,
        "after": Stage(move.to_stage).label,
    }
    is_bad = move.to_stage in (Stage.AT_RISK, Stage.DORMANT, Stage.LOST)
    kind, icon = ("bad", "arrow-down-right") if is_bad else ("good", "arrow-up-right")
    facts = {"before": move.from_stage, "after": move.to_stage, "reason": move.reason}
    at, text = _end_of(move.on, shop), transition_reason(move.reason)
    return Entry(at, rank, move.pk, title, icon, text, kind, facts=facts)


def _end_of(day: date, shop: Shop) -> datetime:
    return (datetime.combine(day + timedelta(days=1), time(), tzinfo=shop.zone) - timedelta(microseconds=1)).astimezone(
        UTC
    )


SOURCES = [TimelineSource("stages", _("Stages"), 40, _stages, ApiScope.READ_SCORES)]
