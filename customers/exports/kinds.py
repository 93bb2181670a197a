"""The kinds of files there are, in the sequence in which people are offered them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.exports import customers, orders, products
from customers.exports.labels import ColumnGroup, groups_of
from customers.exports.pages import Source
from customers.models import ExportJob
from customers.sources.own import NEEDED_OF_LINES, NEEDED_OF_ORDERS

NOT_FILTERS = ("cursor", "sort", "csrfmiddlewaretoken", "what", "format", "columns")


@dataclass(frozen=True)
class ExportKind:
    """One kind of file. needed: the columns without which it cannot be read again by itself. note: what to know."""

    key: str
    label: str | Promise
    note: str | Promise
    columns: Callable[[], tuple[str, ...]]
    sources: tuple[Source, ...]
    needed: tuple[str, ...] = ()

    def groups(self) -> tuple[ColumnGroup, ...]:
        """All its columns as the page shows them, in the shop's scope."""
        more = [each.group for each in customers.MORE_COLUMNS] if self.key == ExportJob.Kind.CUSTOMERS else ()
        return groups_of(self.key, tuple(group for group in more if group.columns))


KINDS: dict[str, ExportKind] = {
    kind.key: kind
    for kind in (
        ExportKind(ExportJob.Kind.CUSTOMERS, _("Customers"), "", customers.columns, (customers.SOURCE,)),
        ExportKind(
            ExportJob.Kind.ORDERS,
            _("Orders"),
            _("One row an order, without products and single refunds. To import it all again, export order lines."),
            orders.order_columns,
            (orders.ORDERS,),
            NEEDED_OF_ORDERS,
        ),
        ExportKind(
            ExportJob.Kind.LINES,
            _("Order lines"),
            _("One row a line, with the refunds below. This file can be imported again and loses nothing."),
            orders.line_columns,
            (orders.LINES, orders.LOOSE_REFUNDS),
            NEEDED_OF_LINES,
        ),
        ExportKind(ExportJob.Kind.PRODUCTS, _("Products"), "", products.columns, (products.SOURCE,)),
    )
}


def kind_of(key: str) -> ExportKind:
    """The kind of this name; customers for any other."""
    return KINDS.get(key, KINDS[ExportJob.Kind.CUSTOMERS])
