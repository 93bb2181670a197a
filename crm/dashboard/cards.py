"""Cards of the overview that are themselves joined from what apps give: single figures, and where numbers come from."""

from functools import cache

from crm.lib.registry import provided
from crm.shops.joined_pages import Card, Figures, Origin, Reading, Values, shown


@cache
def _figures() -> list[Figures]:
    return provided("cards", "FIGURES", Figures)


@cache
def _origins() -> list[Origin]:
    return provided("cards", "ORIGINS", Origin)


def _single_figures(reading: Reading) -> Values | None:
    """Nothing where they are fewer than two: one alone would stand lost in its row."""
    stats = [stat for figures in _figures() for stat in figures.read(reading)]
    return {"stats": stats} if len(stats) > 1 else None


def _where_from(reading: Reading) -> Values | None:
    origins = [(origin.label, shown(origin, reading)) for origin in _origins()]
    return {"origins": origins} if any(last for _label, last in origins) else None


CARDS = [
    Card("figures", 20, "dashboard/_figures_card.html", _single_figures),
    Card("origins", 90, "dashboard/_origins_card.html", _where_from),
]
