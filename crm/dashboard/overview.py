"""The overview: the cards that apps give to it, in their order and rows."""

from collections.abc import Iterable
from functools import cache

from crm.lib.registry import provided
from crm.shops.joined_pages import Card, Reading, Shown, shown

Row = list[Shown]


@cache
def _cards() -> list[Card]:
    """Those of each app's `cards.CARDS`. ValueError where two have one name."""
    return provided("cards", "CARDS", Card)


def overview_rows(reading: Reading) -> list[Row]:
    """What there is to show, one or two cards a row. Constant in the number of queries, whatever the shop's size."""
    return rows_of((card, part) for card in _cards() if (part := shown(card, reading)) is not None)


def rows_of(cards: Iterable[tuple[Card, Shown]]) -> list[Row]:
    """A wide card and the narrow one next to it make a row; every other card has one of its own."""
    rows: list[Row] = []
    before = ""
    for card, part in cards:
        if card.width == "narrow" and before == "wide":
            rows[-1].append(part)
            before = ""
        else:
            rows.append([part])
            before = card.width
    return rows
