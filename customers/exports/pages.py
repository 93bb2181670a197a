"""What a kind of file is made of: sources, each read page by page in the sequence of ids."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crm.lib.spreadsheets import Value
from crm.shops.models import Shop

PAGE = 2_000

Filters = Mapping[str, list[str]]
Rows = list[list[Value]]


@dataclass(frozen=True)
class Source:
    """Rows of one table, each of which becomes one row of the file or several.

    matching: what the filters find; raises BadFilters. rows: of these ids, which are at most PAGE and rising.
    """

    matching: Callable[[Filters, Shop], QuerySet[Any]]
    rows: Callable[[Sequence[int], Shop], Rows]


def ids_after(last: int, matching: QuerySet[Any]) -> list[int]:
    """The next page of ids."""
    return list(matching.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PAGE])
