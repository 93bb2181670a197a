"""Files of orders, customers and products as shops and platforms export them, read as lines of their kind.

    for batch in read(path, "online-retail", Context(currency="GBP", timezone="Europe/London", region="GB")):
        copy(batch.lines, columns=LINE_COLUMNS)

PRESETS names the known kinds; anything else is read by a Mapping, which sniff(path) suggests.
"""

from .archives import Limits
from .fields import CUSTOMERS, FIELDS, FILE_KINDS, KINDS, ORDERS, PRODUCTS, SUPPRESSIONS
from .lines import FACT_COLUMNS, LINE_COLUMNS, ORDER, REFUND, Batch, Context, Line
from .mapping import Mapping
from .own import REJECT_COLUMNS, reject_columns_at
from .presets import PRESETS, PUBLISHED
from .problems import Question, Reject, SourceError, Unsure, describe_error, describe_reject
from .reading import FileFacts, cells_of, kind_of_preset, read, sniff, suggested_mapping

__all__ = [
    "CUSTOMERS",
    "FACT_COLUMNS",
    "FIELDS",
    "FILE_KINDS",
    "KINDS",
    "LINE_COLUMNS",
    "ORDER",
    "ORDERS",
    "PRESETS",
    "PRODUCTS",
    "PUBLISHED",
    "REFUND",
    "REJECT_COLUMNS",
    "SUPPRESSIONS",
    "Batch",
    "Context",
    "FileFacts",
    "Limits",
    "Line",
    "Mapping",
    "Question",
    "Reject",
    "SourceError",
    "Unsure",
    "cells_of",
    "describe_error",
    "describe_reject",
    "kind_of_preset",
    "read",
    "reject_columns_at",
    "sniff",
    "suggested_mapping",
]
