"""Whether a shop has amounts and days on its books already: from then on its currency and time zone stay."""

from collections.abc import Callable
from dataclasses import dataclass

from crm.lib.registry import Registry


@dataclass(frozen=True)
class Books:
    """Rows of an app with amounts or days. has_rows tells, inside a shop's scope, whether the shop has any."""

    name: str
    has_rows: Callable[[], bool]


BOOKS: Registry[Books] = Registry("kind of books")


def has_books() -> bool:
    """Whether the shop in scope has any."""
    return any(books.has_rows() for books in BOOKS)
