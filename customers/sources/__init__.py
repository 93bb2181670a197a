"""Files of orders as shops and platforms export them, read as one kind of line.

    for batch in read(path, "online-retail", Context(currency="GBP", timezone="Europe/London", region="GB")):
        copy(batch.lines, columns=LINE_COLUMNS)

PRESETS names the known kinds; anything else is read by a Mapping, which sniff(path) suggests.
"""

from .archives import Limits
from .lines import FACT_COLUMNS, LINE_COLUMNS, ORDER, REFUND, Batch, Context, Line
from .mapping import FIELDS, Mapping
from .presets import PRESETS, PUBLISHED
from .problems import Question, Reject, SourceError, Unsure, describe_error, describe_reject
from .reading import FileFacts, cells_of, read, sniff, suggested_mapping

__all__ = [
    "FACT_COLUMNS",
    "FIELDS",
    "LINE_COLUMNS",
    "ORDER",
    "PRESETS",
    "PUBLISHED",
    "REFUND",
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
    "read",
    "sniff",
    "suggested_mapping",
]
