"""The quick search of the top bar: pages by their name, and what each app finds."""

from dataclasses import dataclass
from functools import cache

from crm.lib.registry import provided
from crm.shops.joined_pages import Finder, Hits, Reading

LONGEST = 200


@dataclass(frozen=True)
class Group:
    """What one finder found, with its head."""

    label: str
    found: Hits


@cache
def _finders() -> list[Finder]:
    """Those of each app's `finders.FINDERS`, in their order. ValueError where two have one name."""
    return provided("finders", "FINDERS", Finder)


def quick_search(text: str, reading: Reading, *, most: int) -> list[Group]:
    """The finders that found something and that this person may ask, each with `most` hits at most."""
    # PostgreSQL keeps no NUL, so nothing that is found has one.
    text = text.replace("\0", "").strip()[:LONGEST]
    if not text:
        return []
    allowed = [finder for finder in _finders() if finder.right is None or reading.membership.may(finder.right)]
    groups = [Group(str(finder.label), finder.find(reading, text, most)) for finder in allowed]
    return [group for group in groups if group.found.hits]
