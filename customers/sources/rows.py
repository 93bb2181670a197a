"""What a file is once it is opened: rows of cells, numbered as a spreadsheet shows them, whatever it is written in."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

# csv.field_size_limit() as Python sets it. Left as it is: it is one setting for the whole process.
MAX_CELL = 131_072

Numbered = tuple[int, list[str]]
BETWEEN_CELLS, _KEPT = "\x1f", 4_000


class Shape(NamedTuple):
    """How the rows are written down.

    `bom`: bytes to skip, a byte-order mark and Excel's line "sep=;". Of a workbook, encoding and delimiter are "",
    `decimal` is "." since numbers come exact and with a point, and `sheet` is the one sheet that is read.
    """

    encoding: str
    delimiter: str
    bom: int
    decimal: str = ""
    sheet: str = ""


class Rows(Protocol):
    """The file's rows from the first one on, as (row number, cells). Blank rows are counted, but not handed out."""

    shape: Shape
    row_no: int
    has_nul: bool  # a NUL was seen in what was read so far
    has_shown: bool  # cells may be ShownNumber

    @property
    def position(self) -> int:
        """How much of the file on disk has been read, in bytes."""

    @property
    def unpacked(self) -> int:
        """How many bytes or characters of content have been read."""

    @property
    def compression(self) -> str:
        """ "", "gz", "zip" or "xlsx"."""

    def __iter__(self) -> Iterator[Numbered]: ...

    def again(self) -> "AbstractContextManager[Rows]":
        """The same rows once more from the first one, in the same shape."""


def is_blank(cells: Sequence[str]) -> bool:
    """Whether the row is empty, or holds separators and spaces only."""
    return not cells or not (cells[0].strip() or any(map(str.strip, cells)))


def as_one_text(cells: Sequence[str]) -> str:
    """The cells with BETWEEN_CELLS between them, cut where they are long: to show a row that is told of later."""
    return BETWEEN_CELLS.join(cells)[:_KEPT]


def column_number(letters: bytes) -> int:
    """ "A" is 1, "AA" is 27; of a name longer than there are columns, many."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number
