"""What the demo shops want to know of their customers: attributes of every type, with values of who bought last."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.shops.models import TEA_DEMO
from crm.tenancy.scope import shop_scope
from customers.attributes import Change, create_definition, definitions_for_writing, read_json, write_values
from customers.models import AttributeDefinition, Customer

PEOPLE = 600
TEAS = ["Assam", "Darjeeling", "Earl Grey", "龙井", "普洱"]
GENRES = ["Jazz", "Classical", "Rock", "Soundtracks"]
INTERESTS = ["Tastings", "Gift wrapping", "Wholesale prices", "New arrivals"]


def _attributes(shop_slug: str) -> list[dict[str, Any]]:
    favourite = (
        {"key": "favourite_tea", "label": "Favourite tea", "choices": TEAS}
        if shop_slug == TEA_DEMO
        else {"key": "favourite_genre", "label": "Favourite genre", "choices": GENRES}
    )
    return [
        {"type_": "choice", "group": "Taste", **favourite},
        {"key": "interests", "label": "Interests", "type_": "choices", "group": "Taste", "choices": INTERESTS},
        {"key": "nameday", "label": "Name day", "type_": "yearly", "group": "Personal"},
        {"key": "member_since", "label": "Member since", "type_": "date", "group": "Club"},
        {"key": "club_points", "label": "Club points", "type_": "number", "group": "Club", "in_list": True},
        {"key": "met_in_shop", "label": "Met in the shop", "type_": "boolean", "group": "Club"},
        {"key": "packing_note", "label": "Packing note", "type_": "text", "group": "Club"},
    ]


def _values(source: random.Random, last_day: date) -> dict[str, Any]:
    """What somebody's attributes are; most lack some."""
    joined = last_day - timedelta(days=source.randrange(30, 2_000))
    said: dict[str, tuple[float, Callable[[], Any]]] = {
        "favourite_tea": (0.8, lambda: source.choice(TEAS)),
        "favourite_genre": (0.8, lambda: source.choice(GENRES)),
        "interests": (0.6, lambda: source.sample(INTERESTS, source.randint(1, 3))),
        "nameday": (0.4, lambda: (date(2000, 1, 1) + timedelta(days=source.randrange(366))).strftime("%m-%d")),
        "member_since": (0.7, joined.isoformat),
        "club_points": (0.7, lambda: source.randrange(0, 2_000, 5)),
        "met_in_shop": (0.5, lambda: source.random() < 0.3),
        "packing_note": (0.1, lambda: source.choice(["No plastic, please.", "Ring twice.", "请用礼盒包装。"])),
    }
    return {key: make() for key, (share, make) in said.items() if source.random() < share}


@transaction.atomic
def _define(demo: DemoShop) -> None:
    for attribute in _attributes(demo.shop.slug):
        create_definition(**attribute, by=None, now=demo.now)


def _fill(demo: DemoShop, tell: Tell) -> None:
    source = random.Random("huitou-attributes")  # noqa: S311  # invented values, not secrets
    with shop_scope(demo.shop):
        _define(demo)
        known = definitions_for_writing()
        people = Customer.objects.filter(last_order_at__isnull=False).order_by("-last_order_at", "pk")
        changes = []
        for customer_id in people.values_list("pk", flat=True)[:PEOPLE]:
            said = {key: value for key, value in _values(source, demo.last_day).items() if key in known.by_key}
            changes += [Change(customer_id, *pair) for pair in read_json(said, known).items()]
        write_values(changes, by=None, now=demo.now)
    tell(1)


STEP = DemoStep("attributes", 40, "Inventing attributes", _fill, AttributeDefinition.objects.exists)
