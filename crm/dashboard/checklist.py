"""The first steps of a new shop, which tick themselves."""

from datetime import datetime, timedelta
from functools import cache

from django.urls import reverse

from crm.lib.registry import provided
from crm.shops.joined_pages import Step
from crm.shops.models import Membership, Shop
from crm.ui import parts

YOUNG = timedelta(days=14)


@cache
def _steps() -> list[Step]:
    """Those of each app's `checklist.STEPS`. ValueError where two have one name."""
    return provided("checklist", "STEPS", Step)


def first_steps(membership: Membership) -> list[parts.Step] | None:
    """One question for each step to the shop in scope; None once all are done."""
    steps = [_shown(step, membership) for step in _steps()]
    return None if all(step.done for step in steps) else steps


def is_young(shop: Shop, now: datetime) -> bool:
    """Whether its first steps matter more than its figures: later, a step nobody takes must not stand over them."""
    return now - shop.created_at < YOUNG


def _shown(step: Step, membership: Membership) -> parts.Step:
    """Without an address where the person may not do it."""
    url = reverse(step.url_name, args=[membership.shop.slug]) if membership.may(step.right) else ""
    return parts.Step(str(step.title), str(step.text), step.is_done(), url, str(step.link))
