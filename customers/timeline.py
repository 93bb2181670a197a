"""What happened to a customer: what an entry is and where entries come from, and the sources of this app.

An app gives its own by a module `timeline` with a list `SOURCES` (crm/dashboard/timeline.py joins them).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.lib.keyset import Key
from crm.lib.money import format_money
from crm.shops.models import Shop
from crm.ui import formats
from customers.models import Customer, CustomerTag, Note, Order, Refund

PAGE = 20


@dataclass(frozen=True)
class Entry:
    """One thing that happened, as components/timeline_items.html shows it; `rank` is that of its source."""

    at: datetime
    rank: int
    pk: int
    title: str
    icon: str
    text: str = ""
    kind: str = ""
    url: str = ""

    @property
    def when(self) -> str:
        return formats.day(self.at)

    @property
    def key(self) -> tuple[datetime, int, int]:
        return self.at, self.rank, self.pk


@dataclass(frozen=True)
class Place:
    """Where a source goes on: its rank among all sources, and the key of the last entry shown, of whatever source."""

    rank: int
    before: Key | None

    def earlier(self, column: str) -> Q:
        """Rows of the source that stand behind the key in the whole timeline; `column` says when they happened."""
        if self.before is None:
            return Q()
        if self.rank < self.before.tier:
            return Q(**{f"{column}__lte": self.before.value})
        condition = Q(**{f"{column}__lt": self.before.value})
        if self.rank == self.before.tier:
            condition |= Q(**{column: self.before.value, "pk__lt": self.before.id})
        return condition

    def latest(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """No more than a page of them, and one to know that there are more."""
        return rows.order_by(f"-{column}", "-pk")[: PAGE + 1]


@dataclass(frozen=True)
class TimelineSource:
    """One kind of entries. name: unique, as in the address. order: its place among the filters, and its rank.

    read: the entries of a customer from a place on, latest first, no more than PAGE + 1, by an index.
    """

    name: str
    label: Promise
    order: int
    read: Callable[[Customer, Shop, Place], Iterator[Entry]]


def _orders(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Order.objects.filter(place.earlier("placed_at"), customer=customer)
    for order in place.latest(rows, "placed_at"):
        total = format_money(order.total_minor, order.currency, formats.language())
        url = reverse("customers:order", args=[shop.slug, order.pk])
        title = gettext("Order %(number)s · %(total)s") % {"number": order.external_id, "total": total}
        text = "" if order.status in (Order.Status.PAID, Order.Status.FULFILLED) else order.get_status_display()
        yield Entry(order.placed_at, place.rank, order.pk, title, "shopping-bag", text, "good" if not text else "", url)


def _refunds(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Refund.objects.filter(place.earlier("refunded_at"), customer=customer)
    for refund in place.latest(rows, "refunded_at"):
        amount = format_money(refund.amount_minor, refund.currency, formats.language())
        url = reverse("customers:order", args=[shop.slug, refund.order_id]) if refund.order_id else ""
        title = gettext("Refund %(number)s · %(amount)s") % {"number": refund.external_id, "amount": amount}
        if refund.is_assumed:
            title = gettext("Refunded whole, as the order's status says · %(amount)s") % {"amount": amount}
        yield Entry(refund.refunded_at, place.rank, refund.pk, title, "receipt-refund", "", "bad", url)


def _notes(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Note.objects.filter(place.earlier("created_at"), customer=customer).select_related("author")
    for note in place.latest(rows, "created_at"):
        title = gettext("Note by %(author)s") % {"author": note.author} if note.author else gettext("Note")
        yield Entry(note.created_at, place.rank, note.pk, title, "note", note.body)


def _tags(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = CustomerTag.objects.filter(place.earlier("created_at"), customer=customer).select_related("tag")
    for worn in place.latest(rows, "created_at"):
        title = gettext("Tagged “%(tag)s”") % {"tag": worn.tag.name}
        yield Entry(worn.created_at, place.rank, worn.pk, title, "tag")


SOURCES = [
    TimelineSource("orders", _("Orders"), 10, _orders),
    TimelineSource("refunds", _("Refunds"), 20, _refunds),
    TimelineSource("notes", _("Notes"), 30, _notes),
    TimelineSource("tags", _("Tags"), 50, _tags),
]
