"""What the columns of the files are called, which belong together, and what to know of them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.imports.labels import LABELS
from customers.models import ExportJob
from customers.sources.own import STAMPS


@dataclass(frozen=True)
class ColumnLabel:
    """One column. name: its heading in the file, the same in every language. help: where the label leaves a doubt."""

    name: str
    label: str | Promise
    help: str | Promise = ""


@dataclass(frozen=True)
class ColumnGroup:
    """Columns that belong together on the page; in the file they may stand apart. help: what is true of all."""

    title: str | Promise
    columns: tuple[ColumnLabel, ...]
    help: str | Promise = ""


def _known(*names: str) -> tuple[ColumnLabel, ...]:
    """Columns that are called as an import calls them."""
    return tuple(ColumnLabel(name, LABELS[name]) for name in names)


_BUYER = ColumnGroup(
    _("The customer"),
    _known("customer_id", "email", "phone", "name", "city", "country"),
    _("Of several numbers, e-mails or phones the first; empty for an order of nobody known."),
)
_ORDERED_AT = ColumnLabel("ordered_at", LABELS["ordered_at"], _("with the time, on the shop's clock"))
_TOTALS = (
    *_known("shipping", "tax"),
    ColumnLabel("adjustment", _("Not explained by lines"), _("what the total has beyond lines, shipping and tax")),
    ColumnLabel("order_total", LABELS["order_total"], _("what was charged, before refunds")),
)
_STAMPED = ColumnGroup(
    _("This export"),
    tuple(ColumnLabel(name, label) for name, label in zip(STAMPS, (_("Exported by"), _("Exported on")), strict=True)),
    _("On every row, so that cutting and joining files loses nothing."),
)
_GROUPS: dict[str, tuple[ColumnGroup, ...]] = {
    ExportJob.Kind.CUSTOMERS: (
        ColumnGroup(
            _("The customer"),
            (
                *_known("name", "email", "phone"),
                ColumnLabel("customer_id", LABELS["customer_id"], _("the shop's own")),
                ColumnLabel("huitou_id", _("Number in Huitou"), _("ours; an import does not read it")),
                *_known("city", "country", "tags"),
            ),
            _("Several numbers, e-mails, phones or tags stand in one cell, with semicolons between them."),
        ),
        ColumnGroup(
            _("What they bought"),
            (
                ColumnLabel("orders", _("Orders"), _("those that count")),
                ColumnLabel("gross", _("Spent before refunds")),
                ColumnLabel("refunded", LABELS["refunded"]),
                ColumnLabel("net", _("Spent"), _("after refunds")),
                ColumnLabel("aov", _("Average order"), _("spent before refunds, for each order")),
                ColumnLabel("currency", LABELS["currency"], _("the shop's, of all amounts of the row")),
                ColumnLabel("first_order_at", _("First order"), _("with the time, on the shop's clock")),
                ColumnLabel("last_order_at", _("Last order"), _("with the time, on the shop's clock")),
            ),
        ),
    ),
    ExportJob.Kind.ORDERS: (
        ColumnGroup(
            _("The order"),
            (
                ColumnLabel("record", _("What the row is"), _("here always “order”; an import goes by it")),
                *_known("order_id"),
                _ORDERED_AT,
                *_known("status", "currency"),
                ColumnLabel("pieces", _("Pieces"), _("of lines that count as revenue")),
            ),
        ),
        _BUYER,
        ColumnGroup(
            _("The order's money"),
            (
                *_TOTALS,
                ColumnLabel("refunded", LABELS["refunded"], _("of all refunds together")),
                ColumnLabel("refunded_at", LABELS["refunded_at"], _("of the last one")),
            ),
            _("In the order's own currency."),
        ),
    ),
    ExportJob.Kind.LINES: (
        ColumnGroup(
            _("The order"),
            (
                ColumnLabel("record", _("What the row is"), _("line, order or refund; an import goes by it")),
                *_known("order_id"),
                _ORDERED_AT,
                *_known("status", "currency"),
            ),
        ),
        _BUYER,
        ColumnGroup(
            _("The line"),
            (
                *_known("product_id", "product_name"),
                ColumnLabel("quantity", LABELS["quantity"], _("below zero for a refund")),
                *_known("unit_price", "discount"),
                ColumnLabel("line_total", LABELS["line_total"], _("after its discount; below zero for a refund")),
                ColumnLabel("is_revenue", _("Counts as revenue"), _("yes or no: gifts and fees do not")),
            ),
            _("Amounts are in the order's own currency."),
        ),
        ColumnGroup(
            _("The order's money"),
            _TOTALS,
            _("On the first row of each order alone, so that a column adds up."),
        ),
        ColumnGroup(
            _("The refund"),
            (ColumnLabel("refund_id", _("Number of the refund")), *_known("refunded_at")),
            _("Only on rows of refunds."),
        ),
    ),
    ExportJob.Kind.PRODUCTS: (
        ColumnGroup(
            _("The product"),
            (
                *_known("product_id", "product_name", "brand"),
                ColumnLabel("price", LABELS["price"], _("in the shop's currency")),
                ColumnLabel("cost", LABELS["cost"], _("in the shop's currency")),
                *_known("currency"),
                ColumnLabel(
                    "categories",
                    LABELS["categories"],
                    _("several with semicolons between them, levels with slashes: Tea/Green"),
                ),
            ),
        ),
        ColumnGroup(
            _("What was sold"),
            (
                ColumnLabel("orders", _("Orders"), _("those that count")),
                ColumnLabel("pieces", _("Pieces"), _("in orders that count")),
            ),
        ),
    ),
}


def groups_of(kind: str, more: tuple[ColumnGroup, ...] = ()) -> tuple[ColumnGroup, ...]:
    """The groups of a kind of file, `more` behind its own, and at the end who has made the file and when."""
    return (*_GROUPS[kind], *more, _STAMPED)
