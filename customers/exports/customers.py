"""The file of customers: one row each, with the columns that apps above add."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from crm.lib.money import from_minor
from crm.lib.registry import Registry
from crm.lib.spreadsheets import Value
from crm.shops.models import Shop
from crm.tenancy.hiding import are_contacts_hidden
from customers.exports.labels import ColumnGroup
from customers.exports.pages import Filters, Rows, Source
from customers.filters import list_filters
from customers.models import Customer
from customers.queries import Contacts, contacts_of, in_order, tags_of

BETWEEN = "; "  # several identifiers of a kind, several tags

Cells = Mapping[int, Sequence[Value]]


@dataclass(frozen=True)
class MoreColumns:
    """Columns another app adds to the file, in their sequence there, and for some customers their cells.

    shown: the columns; a callable where they differ from shop to shop. Then they are asked for in the shop's scope.
    """

    name: str
    shown: ColumnGroup | Callable[[], ColumnGroup]
    cells: Callable[[Sequence[int], Shop], Cells]

    @property
    def group(self) -> ColumnGroup:
        return self.shown if isinstance(self.shown, ColumnGroup) else self.shown()

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.group.columns)


# Apps above register theirs in `AppConfig.ready()`.
MORE_COLUMNS = Registry[MoreColumns]("group of columns")
OWN_COLUMNS = (
    "huitou_id",  # not "id": a file that comes in again would take that for the shop's own number
    "customer_id",
    "name",
    "email",
    "phone",
    "city",
    "country",
    "tags",
    "orders",
    "gross",
    "refunded",
    "net",
    "aov",
    "currency",
    "first_order_at",
    "last_order_at",
)


def columns() -> tuple[str, ...]:
    return (*OWN_COLUMNS, *(heading for more in MORE_COLUMNS for heading in more.headings))


def _matching(filters: Filters, shop: Shop) -> QuerySet[Customer]:
    return list_filters(filters, shop=shop).checked().matching()


def seen_contacts(ids: Sequence[int]) -> dict[int, Contacts]:
    """The contacts of these customers, as whoever asks may see them."""
    found = contacts_of(ids)
    return {pk: (found[pk].masked() if are_contacts_hidden() else found[pk]) for pk in ids}


def _rows(ids: Sequence[int], shop: Shop) -> Rows:
    contacts, tags = seen_contacts(ids), tags_of(ids)
    more = [(columns.cells(ids, shop), [None] * len(columns.headings)) for columns in MORE_COLUMNS]
    rows = []
    for customer in in_order(ids):
        own = contacts[customer.pk]
        row: list[Value] = [customer.pk, BETWEEN.join(own.external_ids), customer.name, BETWEEN.join(own.emails)]
        row += [BETWEEN.join(own.phones), customer.city, customer.country]
        row += [BETWEEN.join(_tag_text(tag.name) for tag in tags[customer.pk]), *_figures(customer, shop)]
        for cells, none in more:
            row += cells.get(customer.pk, none)
        rows.append(row)
    return rows


def _tag_text(name: str) -> str:
    """Marked where it could be taken for several tags when it comes in again."""
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',;|"，；、') else name


def _figures(customer: Customer, shop: Shop) -> list[Value]:
    aov = customer.average_order_minor
    sums = (customer.gross_minor, customer.refunded_minor, customer.net_minor)
    moments = (customer.first_order_at, customer.last_order_at)
    return [
        customer.order_count,
        *(from_minor(minor, shop.currency) for minor in sums),
        None if aov is None else from_minor(aov, shop.currency),
        shop.currency,
        *(moment.astimezone(shop.zone) if moment else None for moment in moments),
    ]


SOURCE = Source(_matching, _rows)
