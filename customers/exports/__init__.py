"""Files on their way out: customers, orders, order lines or products, as CSV or Excel.

`jobs` asks for one, writes it in a worker and deletes it after a week; `kinds` says what each kind of file holds.
"""

from customers.exports.customers import MORE_COLUMNS, MoreColumns
from customers.exports.files import offered_columns
from customers.exports.jobs import (
    KEPT_FOR,
    BadColumns,
    delete_expired,
    filters_of,
    finds_nothing,
    is_downloadable,
    request_export,
    run_export,
)
from customers.exports.kinds import KINDS, NOT_FILTERS, ExportKind, kind_of
from customers.exports.labels import ColumnGroup, ColumnLabel

__all__ = [
    "KEPT_FOR",
    "KINDS",
    "MORE_COLUMNS",
    "NOT_FILTERS",
    "BadColumns",
    "ColumnGroup",
    "ColumnLabel",
    "ExportKind",
    "MoreColumns",
    "delete_expired",
    "filters_of",
    "finds_nothing",
    "is_downloadable",
    "kind_of",
    "offered_columns",
    "request_export",
    "run_export",
]
