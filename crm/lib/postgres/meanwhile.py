"""What a request is about can go while it waits for its turn: merged into another row, or deleted."""

from django.db import IntegrityError
from psycopg.errors import ForeignKeyViolation


class GoneMeanwhile(LookupError):
    """A row that was there when the request was read is not any more."""


def is_gone_meanwhile(error: BaseException) -> bool:
    """Whether this was raised because what was there before is gone: foreign keys notice where no action looks."""
    return isinstance(error, GoneMeanwhile) or (
        isinstance(error, IntegrityError) and isinstance(error.__cause__, ForeignKeyViolation)
    )
