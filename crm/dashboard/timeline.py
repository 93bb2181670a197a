"""One line of what happened to a customer, joined from the sources of all apps."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext

from crm.lib.keyset import BadCursor, Key, read_cursor_text, write_cursor
from crm.lib.registry import provided
from crm.shops.models import Shop
from customers.models import Customer
from customers.timeline import PAGE, Entry, Place, TimelineSource


@cache
def sources() -> list[TimelineSource]:
    """Those of each app's `timeline.SOURCES`, in their order. ValueError where two have one name."""
    return provided("timeline", "SOURCES", TimelineSource)


def known_kind(asked: str) -> str:
    """The name of a source, or "" for all of them."""
    return asked if any(source.name == asked for source in sources()) else ""


@dataclass(frozen=True)
class Timeline:
    """Some of what happened, latest first, and the address of what was before."""

    items: list[Entry]
    next_url: str | None


@dataclass(frozen=True)
class KindLink:
    """One choice of what the timeline shows; url: the timeline alone, page_url: the customer's page."""

    label: str
    url: str
    page_url: str
    active: bool


def kind_links(shop: Shop, customer: Customer, chosen: str) -> list[KindLink]:
    labels = {"": gettext("All"), **{source.name: str(source.label) for source in sources()}}
    base, page = (reverse(f"customers:{name}", args=[shop.slug, customer.pk]) for name in ("timeline", "detail"))
    return [
        KindLink(
            label=label,
            url=f"{base}?kind={kind}" if kind else base,
            page_url=f"{page}?kind={kind}" if kind else page,
            active=kind == chosen,
        )
        for kind, label in labels.items()
    ]


def timeline(customer: Customer, shop: Shop, *, kind: str, cursor: str, size: int = PAGE) -> Timeline:
    """Orders, refunds, notes, moves between stages, tags … in one line, latest first. Raises BadCursor."""
    page, more = entries_of(customer, shop, kinds={kind} if kind else None, cursor=cursor, size=size)
    if more is None:
        return Timeline(page, None)
    url = reverse("customers:timeline", args=[shop.slug, customer.pk])
    return Timeline(page, f"{url}?cursor={more}" + (f"&kind={kind}" if kind else ""))


def entries_of(
    customer: Customer, shop: Shop, *, kinds: Container[str] | None, cursor: str, size: int
) -> tuple[list[Entry], str | None]:
    """A page of entries of some kinds (None: of all), and the cursor of the next one. Raises BadCursor.

    Each source is asked for no more than a page of its own rows before the cursor, by its index.
    """
    before = _before(cursor)
    entries: list[Entry] = []
    for rank, source in enumerate(sources()):
        if kinds is None or source.name in kinds:
            entries += source.read(customer, shop, Place(rank, before, size))
    entries.sort(key=lambda entry: entry.key, reverse=True)
    if len(entries) <= size:
        return entries, None
    last = entries[size - 1]
    return entries[:size], write_cursor(False, Key(last.rank, last.at, last.pk))


def _before(cursor: str) -> Key | None:
    if not cursor:
        return None
    _, key = read_cursor_text(cursor)
    if not 0 <= key.tier < len(sources()) or type(key.value) is not datetime or key.value.tzinfo is None:
        raise BadCursor
    return key
