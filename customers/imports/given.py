"""How a file wrote the identifiers of its customers, where that is not their normal form: kept with each new one."""

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from customers.domain.identity import written_of
from customers.imports.files import copy_rows

FILE_TABLES = ("file_given",)


def open_file(cursor: CursorWrapper) -> None:
    """Make the empty table of one file."""
    cursor.execute(statement("customers", "given_file"))


def take(cursor: CursorWrapper, identifiers: Iterable[tuple[str, str | None]]) -> None:
    """Copy what a batch of the file's rows wrote: (kind, normal form) of each, None where a row has none of a kind."""
    written = written_of(identifiers).items()
    copy_rows(cursor, "file_given", ("kind", "value", "given"), [(*each, given) for each, given in written])


def complete_file(cursor: CursorWrapper) -> None:
    """Once all of it is read: be ready to be asked slice by slice."""
    cursor.execute("CREATE INDEX ON file_given (kind, value); ANALYZE file_given")


def stage_slice(cursor: CursorWrapper) -> None:
    """Leave in `staged_given` how the identifiers that the slice adds were written."""
    cursor.execute(statement("customers", "given_slice"))
