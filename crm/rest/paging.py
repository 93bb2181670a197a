"""Cursor paging of the API: crm/lib/keyset.py, with cursors that work only for the list they came with."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, QueryDict

from crm.lib import keyset
from crm.rest.problems import Problem
from crm.tenancy.scope import current_shop_id

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
PAGE_PARAMETERS = ("limit", "cursor")
FOREIGN_CURSOR = (
    "A cursor works only with the list and the filters it came with: follow `next` as it is, or begin again without a"
    " cursor."
)

Rows = TypeVar("Rows")


class ApiPage(NamedTuple):
    """Ids of the rows in their order, and the addresses of the pages beside them. No total: counting reads all rows."""

    ids: list[int]
    next: str | None
    previous: str | None


def requested_page(request: HttpRequest, tier: keyset.Tier) -> ApiPage:
    """The page the address asks for.

    Problem: invalid_parameter (limit), invalid_cursor (not ours, of another list, of other filters, of another shop).
    """
    limit, given = _limit(request), request.GET.get("cursor")
    try:
        page = keyset.page_of([tier], _opened(request, given) if given else "", size=limit)
    except keyset.BadCursor:
        raise Problem("invalid_cursor", FOREIGN_CURSOR, field="cursor") from None
    return ApiPage(page.ids, _url(request, page.next), _url(request, page.previous))


def requested_walk(
    request: HttpRequest, walk: Callable[[str, int], tuple[Rows, str | None]]
) -> tuple[Rows, str | None]:
    """The rows the address asks for, and the address of those behind them, of a list that is only read forwards.

    walk: from a cursor of its own, "" for the first page, and the size of a page to the rows and the next cursor. It
    raises BadCursor. Problem: as in requested_page.
    """
    limit, given = _limit(request), request.GET.get("cursor")
    try:
        rows, cursor = walk(_opened(request, given) if given else "", limit)
    except keyset.BadCursor:
        raise Problem("invalid_cursor", FOREIGN_CURSOR, field="cursor") from None
    return rows, _url(request, cursor)


def _limit(request: HttpRequest) -> int:
    text = request.GET.get("limit") or str(DEFAULT_LIMIT)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
        raise Problem("invalid_parameter", f"limit is a whole number from 1 to {MAX_LIMIT}.", field="limit")
    return int(text)


def _salt() -> str:
    return f"crm.rest.paging:{current_shop_id()}"


def _digest(request: HttpRequest) -> str:
    """What the cursor is bound to besides the shop: the list and its filters."""
    asked = sorted((name, values) for name, values in request.GET.lists() if name not in PAGE_PARAMETERS)
    return hashlib.sha256(repr((request.path, asked)).encode()).hexdigest()[:16]


def _url(request: HttpRequest, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query: QueryDict = request.GET.copy()
    query["cursor"] = signing.dumps([_digest(request), cursor], salt=_salt())
    pairs = [(name, value) for name, values in query.lists() for value in values]
    return request.build_absolute_uri(f"{request.path}?{urlencode(pairs)}")


def _opened(request: HttpRequest, text: str) -> str:
    try:
        digest, cursor = signing.loads(text, salt=_salt())
    except (signing.BadSignature, ValueError) as error:
        raise keyset.BadCursor from error
    if digest != _digest(request):
        raise keyset.BadCursor
    return str(cursor)
