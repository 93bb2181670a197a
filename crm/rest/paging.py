"""Cursor paging by key: a page begins where the last one ended, so page 10,000 costs what page 1 does."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db import models
from django.http import HttpRequest, QueryDict

from crm.rest.problems import Problem
from crm.tenancy.scope import current_shop_id

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
PAGE_PARAMETERS = ("limit", "cursor")
Row = TypeVar("Row", bound=models.Model)


class Page(Generic[Row]):
    """Some rows of a list, and the addresses of the pages beside it. `total` is not known: counting reads them all."""

    def __init__(self, rows: list[Row], next_url: str | None, previous_url: str | None) -> None:
        self.rows, self.next, self.previous = rows, next_url, previous_url


def page_of(request: HttpRequest, rows: models.QuerySet[Row], *, order: Sequence[str]) -> Page[Row]:
    """The page the address asks for. `order` names columns that are never null, the last unique, all in one direction.

    Problem: invalid_parameter (limit), invalid_cursor (not ours, of another list, of other filters, of another shop).
    """
    limit, given = _limit(request), request.GET.get("cursor")
    backwards, values = _read(request, given) if given else (False, None)
    names = [name.lstrip("-") for name in order]
    descending = order[0].startswith("-") != backwards
    ordered = rows.order_by(*(f"-{name}" if descending else name for name in names))
    if values is not None:
        ordered = ordered.filter(_beyond(names, values, "lt" if descending else "gt"))
    found = list(ordered[: limit + 1])
    has_more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next = bool(found) and (has_more or backwards)
    has_previous = bool(found) and (has_more if backwards else values is not None)
    return Page(
        found,
        _url(request, False, _values(found[-1], names)) if has_next else None,
        _url(request, True, _values(found[0], names)) if has_previous else None,
    )


def _limit(request: HttpRequest) -> int:
    text = request.GET.get("limit") or str(DEFAULT_LIMIT)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
        raise Problem("invalid_parameter", f"limit is a whole number from 1 to {MAX_LIMIT}.", field="limit")
    return int(text)


def _beyond(names: Sequence[str], values: Sequence[Any], direction: str) -> models.Q:
    """(a, b) > (x, y) as an index can read it: a >= x and (a > x or (a = x and b > y))."""
    condition = models.Q(**{f"{names[-1]}__{direction}": values[-1]})
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        condition = models.Q(**{f"{name}__{direction}e": value}) & (
            models.Q(**{f"{name}__{direction}": value}) | condition
        )
    return condition


def _values(row: models.Model, names: Sequence[str]) -> list[Any]:
    values = [getattr(row, name) for name in names]
    return [[value.isoformat()] if isinstance(value, datetime) else value for value in values]


def _salt() -> str:
    return f"crm.rest.paging:{current_shop_id()}"


def _digest(request: HttpRequest) -> str:
    """What the cursor is bound to besides the shop: the list and its filters."""
    asked = sorted((name, values) for name, values in request.GET.lists() if name not in PAGE_PARAMETERS)
    return hashlib.sha256(repr((request.path, asked)).encode()).hexdigest()[:16]


def _url(request: HttpRequest, backwards: bool, values: list[Any]) -> str:
    cursor = signing.dumps([_digest(request), int(backwards), values], salt=_salt())
    query: QueryDict = request.GET.copy()
    query["cursor"] = cursor
    pairs = [(name, value) for name, values in query.lists() for value in values]
    return request.build_absolute_uri(f"{request.path}?{urlencode(pairs)}")


def _read(request: HttpRequest, cursor: str) -> tuple[bool, list[Any]]:
    try:
        digest, backwards, values = signing.loads(cursor, salt=_salt())
    except (signing.BadSignature, ValueError):
        digest, backwards, values = None, 0, []
    if digest != _digest(request):
        raise Problem(
            "invalid_cursor",
            "A cursor works only with the list and the filters it came with: follow `next` as it is, or begin anew"
            " without a cursor.",
            field="cursor",
        )
    return bool(backwards), [datetime.fromisoformat(v[0]) if isinstance(v, list) else v for v in values]
