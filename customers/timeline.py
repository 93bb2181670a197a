"""What happened to a customer: what an entry is and where entries come from, and the sources of this app.

An app gives its own by a module `timeline` with a list `SOURCES` (crm/dashboard/timeline.py joins them).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.lib.keyset import Key
from crm.lib.masking import masked_text
from crm.lib.money import format_money, from_minor
from crm.shops.models import Shop
from crm.shops.roles import ApiScope
from crm.ui import formats
from customers.consent.channels import purposes_asked
from customers.consent.presenters import said_title, source_text
from customers.models import (
    Address,
    ConsentEvent,
    ConsentState,
    Customer,
    CustomerTag,
    Identifier,
    Merge,
    Note,
    Order,
    ProfileChange,
    Refund,
)
from customers.provenance import ADDRESS, IDENTIFIER, changes_at

PAGE = 20
AT_FIRST = timedelta(seconds=1)  # a customer and their identifiers may be made one after the other


@dataclass(frozen=True)
class Entry:
    """One thing that happened, as components/timeline_items.html shows it; `rank` is that of its source.

    facts: the same for programs, as the API gives it: words of the API, ids, amounts as decimal text.
    """

    at: datetime
    rank: int
    pk: int
    title: str
    icon: str
    text: str = ""
    kind: str = ""
    url: str = ""
    facts: Mapping[str, str | int | bool | None] = field(default_factory=dict)

    @property
    def when(self) -> str:
        return formats.day(self.at)

    @property
    def key(self) -> tuple[datetime, int, int]:
        return self.at, self.rank, self.pk


@dataclass(frozen=True)
class Place:
    """Where a source goes on: its rank among all sources, and the key of the last entry shown, of whatever source.

    size: how many entries a page of the timeline holds.
    """

    rank: int
    before: Key | None
    size: int = PAGE

    @property
    def most(self) -> int:
        """How many a source has to read: a page, and one to know that there are more."""
        return self.size + 1

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
        """The first `most` of them."""
        return rows.order_by(f"-{column}", "-pk")[: self.most]


@dataclass(frozen=True)
class TimelineSource:
    """One kind of entries. name: unique, as in the address. order: its place among the filters, and its rank.

    read: the entries of a customer from a place on, latest first, no more than `place.most`, by an index.
    scope: what an API key needs to be told of them.
    """

    name: str
    label: Promise
    order: int
    read: Callable[[Customer, Shop, Place], Iterator[Entry]]
    scope: ApiScope = ApiScope.READ_CUSTOMERS


def _orders(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Order.objects.filter(place.earlier("placed_at"), customer=customer)
    for order in place.latest(rows, "placed_at"):
        total = format_money(order.total_minor, order.currency, formats.language())
        url = reverse("customers:order", args=[shop.slug, order.pk])
        title = gettext("Order %(number)s · %(total)s") % {"number": order.external_id, "total": total}
        text = "" if order.status in (Order.Status.PAID, Order.Status.FULFILLED) else order.get_status_display()
        facts = {
            "number": order.external_id,
            "status": order.status,
            "total": str(from_minor(order.total_minor, order.currency)),
            "currency": order.currency,
        }
        mark = "" if text else "good"
        yield Entry(order.placed_at, place.rank, order.pk, title, "shopping-bag", text, mark, url, facts)


def _refunds(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Refund.objects.filter(place.earlier("refunded_at"), customer=customer)
    for refund in place.latest(rows, "refunded_at"):
        amount = format_money(refund.amount_minor, refund.currency, formats.language())
        url = reverse("customers:order", args=[shop.slug, refund.order_id]) if refund.order_id else ""
        title = gettext("Refund %(number)s · %(amount)s") % {"number": refund.external_id, "amount": amount}
        if refund.is_assumed:
            title = gettext("Refunded whole, as the order's status says · %(amount)s") % {"amount": amount}
        facts = {
            "number": refund.external_id,
            "order": refund.order_id,
            "amount": str(from_minor(refund.amount_minor, refund.currency)),
            "currency": refund.currency,
            "assumed": refund.is_assumed,
        }
        yield Entry(refund.refunded_at, place.rank, refund.pk, title, "receipt-refund", "", "bad", url, facts)


def _notes(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Note.objects.filter(place.earlier("created_at"), customer=customer).select_related("author")
    for note in place.latest(rows, "created_at"):
        title = gettext("Note by %(author)s") % {"author": note.written_by} if note.written_by else gettext("Note")
        facts = {"author": note.written_by, "body": note.body}
        yield Entry(note.created_at, place.rank, note.pk, title, "note", note.body, facts=facts)


def _tags(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = CustomerTag.objects.filter(place.earlier("created_at"), customer=customer).select_related("tag")
    for worn in place.latest(rows, "created_at"):
        title = gettext("Tagged “%(tag)s”") % {"tag": worn.tag.name}
        yield Entry(worn.created_at, place.rank, worn.pk, title, "tag", facts={"tag": worn.tag.name})


def _consents(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = ConsentEvent.objects.filter(place.earlier("at"), customer=customer)
    marks = {ConsentState.GRANTED.value: "good", ConsentState.WITHDRAWN.value: "bad"}
    purposes = purposes_asked()
    for event in place.latest(rows, "at"):
        facts = {
            "channel": event.channel,
            "purpose": event.purpose,
            "state": event.state,
            "source": event.source,
        }
        title, text, mark = said_title(event, purposes), source_text(event.source), marks.get(event.state, "")
        yield Entry(event.at, place.rank, event.pk, title, "send", text, mark, facts=facts)


def _identifiers(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    """Those that came later than the customer: what somebody was known by from the first is no news.

    In words they are masked for everybody, as above on the page, where looking at a contact leaves its entry.
    """
    later = Identifier.objects.filter(customer=customer, created_at__gt=customer.created_at + AT_FIRST)
    for identifier in place.latest(later.filter(place.earlier("created_at")), "created_at"):
        title = gettext("%(kind)s added") % {"kind": identifier.kind_label}
        facts = {"kind": identifier.kind, "source": identifier.source, "value": identifier.value}
        yield Entry(
            identifier.created_at, place.rank, identifier.pk, title, "id", masked_text(identifier.value), facts=facts
        )


def _changes(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    """Of values, without them. Identifiers that were added are told with their value, and postal addresses as they are
    now, masked for whoever may not see contacts, and without the phone."""
    rows = ProfileChange.objects.filter(place.earlier("at"), customer=customer)
    rows = rows.exclude(field__startswith=IDENTIFIER, is_removal=False)
    latest = list(place.latest(rows, "at"))
    ids = [row.row_id for row in latest if row.field.startswith(ADDRESS) and not row.is_removal]
    addresses = {each.pk: str(each) for each in Address.objects.filter(customer=customer, pk__in=ids)} if ids else {}
    for row, title, source, origin in changes_at(customer, latest):
        facts = {
            "field": row.field,
            "added": row.is_addition,
            "removed": row.is_removal,
            "through": row.through,
            "import": row.import_id,
            "order": origin.order.pk if origin.order else None,
        }
        where = addresses.get(row.row_id or 0, "") if row.field.startswith(ADDRESS) else ""
        text = " · ".join(filter(None, (where, source)))
        yield Entry(row.at, place.rank, row.pk, title, "history", text, facts=facts)


def _merges(customer: Customer, shop: Shop, place: Place) -> Iterator[Entry]:
    rows = Merge.objects.filter(place.earlier("merged_at"), customer=customer, undone_at=None)
    for merge in place.latest(rows.select_related("merged_by"), "merged_at"):
        title = gettext("Customer no. %(number)s was merged into this one") % {"number": merge.source_id}
        text = str(merge.merged_by) if merge.merged_by else ""
        facts = {"customer": merge.source_id, "into": merge.target_id}
        yield Entry(merge.merged_at, place.rank, merge.pk, title, "arrows-join", text, facts=facts)


SOURCES = [
    TimelineSource("orders", _("Orders"), 10, _orders, ApiScope.READ_ORDERS),
    TimelineSource("refunds", _("Refunds"), 20, _refunds, ApiScope.READ_ORDERS),
    TimelineSource("notes", _("Notes"), 30, _notes),
    TimelineSource("tags", _("Tags"), 50, _tags),
    TimelineSource("consents", _("Consents"), 70, _consents, ApiScope.READ_CONSENTS),
    TimelineSource("identifiers", _("Identifiers"), 80, _identifiers),
    TimelineSource("changes", pgettext_lazy("of values", "Changes"), 85, _changes),
    TimelineSource("merges", _("Merges"), 90, _merges),
]
