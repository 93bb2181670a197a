"""Whether a shop has amounts and days on its books already: from then on its currency and time zone stay.

The apps that keep such rows say so here, in their `ready()`: crm.shops knows none of them.
"""

from collections.abc import Callable

_checks: list[Callable[[], bool]] = []


def register(check: Callable[[], bool]) -> None:
    """`check` tells, inside a shop's scope, whether the app holds such rows of it."""
    if check not in _checks:
        _checks.append(check)


def has_books() -> bool:
    """Whether the shop in scope has any."""
    return any(check() for check in _checks)
