"""What the demo shops show of an app: a list `DEMO` in its module `demo`, which crm/demo/seed.py fills in order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from crm.shops.models import Shop

Tell = Callable[[float], None]


@dataclass(frozen=True)
class DemoShop:
    """A demo shop with orders of customers with names. last_day: the last day of its orders. now: of the seeding."""

    shop: Shop
    last_day: date
    now: datetime


@dataclass(frozen=True)
class DemoStep:
    """Content that an app gives to each demo shop.

    label: for the bar of the set-up, as "Scoring customers". fill: opens scopes itself, and tells its share, 0 to 1.
    is_done: whether the shop in scope has it; a seeding that was broken off goes on with what is missing.
    """

    name: str
    order: int
    label: str
    fill: Callable[[DemoShop, Tell], None]
    is_done: Callable[[], bool]
