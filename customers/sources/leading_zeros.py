"""What only the format of a number shows: 17 in the format 00000 is 00017, as on the screen, and in "A-"0000 A-0017.

calamine says what a cell holds, not how it is shown. So where a workbook has such formats, and only there, its sheet is
read a second time for which cells use them, row by row beside the first.
"""

import datetime
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import unescape

from .archives import BLOCK
from .problems import SourceError
from .rows import column_number
from .shown_numbers import NumberFormat, ShownNumber, number_format

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta

# As calamine has them: fixed, in any case.
_STYLES, _WORKBOOK, _LINKS = "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_ZEROS = re.compile(r"0{2,255}\Z")
_CODE = re.compile(rb"formatCode\s*=\s*(?:\"([^\"<]{1,2000})\"|'([^'<]{1,2000})')")
_LONGEST_SEEN = 2_100
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_MOST = 65_536  # styles, sheets or links of a workbook: Excel itself makes no more
_WHOLE = 10**15  # a spreadsheet keeps 15 digits
_PLACE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,9})\Z")

Start = Callable[[str, dict[str, str]], None]
# How many digits are shown at least; or a format that shows more than digits.
Style = int | NumberFormat


class ShownDigits:
    """How the cells of a sheet show their numbers; rows are asked for one after the other."""

    def __init__(self, cells: Iterator[tuple[int, int, Style]]) -> None:
        self._cells = cells
        self._next = next(cells, None)

    def fill(self, row: int, first_column: int, values: list[Cell]) -> None:
        """Put the zeros before the numbers of the row. Rows and columns count from 0; values begin at first_column.

        A number that its format shows with more than zeros becomes a ShownNumber.
        """
        while self._next and self._next[0] <= row:
            (at, column, style), self._next = self._next, next(self._cells, None)
            place = column - first_column
            if at == row and 0 <= place < len(values):
                values[place] = _shown(values[place], style)


def _shown(value: Cell, style: Style) -> Cell:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if isinstance(style, NumberFormat):
        return ShownNumber(number_text(value), style.shown(value), is_padded=style.zeros > 1)
    if not float(value).is_integer() or abs(value) >= _WHOLE:
        return value
    return f"{'-' if value < 0 else ''}{abs(int(value)):0{style}}"


def number_text(value: float) -> str:
    """The number without exponent, to the 15 digits that a spreadsheet keeps.

    With an exponent where it had more: as a number of an order or product it is then refused, as in a CSV that a
    spreadsheet has saved. Up to 2**53 a program may have written all of its digits, and none of them is 0 by rounding.
    """
    value = float(value)
    if value.is_integer():
        is_whole = abs(value) < _WHOLE or (abs(value) < 2**53 and value % 10)
        return str(int(value)) if is_whole else f"{value:.14E}"
    return f"{Decimal(f'{value:.15g}'):f}"


class ZeroFormats:
    """The formats in a workbook that show more than the number: a plain archive, whose size has been bounded."""

    def __init__(self, workbook: Path) -> None:
        self._path = workbook
        with _damage(), zipfile.ZipFile(workbook) as archive:
            self._names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
        self._shown = self._styles() if self._has_any() else {}
        self._sheets = self._parts() if self._shown else []

    @property
    def has_formats(self) -> bool:
        """Whether any number may be shown otherwise than it is written, but for zeros in front."""
        return any(isinstance(style, NumberFormat) for style in self._shown.values())

    def of_sheet(self, at: int) -> ShownDigits | None:
        """What the sheet at this place of the workbook shows, from its first row on; None for a usual workbook."""
        part = self._sheets[at] if at < len(self._sheets) else ""
        return ShownDigits(self._cells(part)) if part else None

    def _has_any(self) -> bool:
        before = b""
        for block in self._blocks(_STYLES):
            for found in _CODE.finditer(before + block):
                if _style(unescape((found[1] or found[2]).decode("utf-8", "replace"), _QUOTES)) is not None:
                    return True
            before = block[-_LONGEST_SEEN:]
        return False

    def _styles(self) -> dict[str, Style]:
        """Number of a cell's style → what it shows."""
        formats, styles, within, count = dict[str, Style](), dict[str, Style](), "", 0

        def start(name: str, said: dict[str, str]) -> None:
            nonlocal within, count
            if name in ("numFmts", "cellXfs", "cellStyleXfs", "dxfs"):
                within = name
            elif name == "numFmt" and within == "numFmts" and (style := _style(said.get("formatCode", ""))) is not None:
                formats[said.get("numFmtId", "")] = style
            elif name == "xf" and within == "cellXfs":
                if (known := formats.get(said.get("numFmtId", ""))) is not None:
                    styles[str(count)] = known
                count += 1
            _refuse_more(len(formats), len(styles))

        self._parse(_STYLES, start)
        return styles

    def _parts(self) -> list[str]:
        """The part of each sheet, in the workbook's sequence."""
        links, sheets = dict[str, str](), list[str]()

        def link(name: str, said: dict[str, str]) -> None:
            if name == "Relationship":
                links[said.get("Id", "")] = said.get("Target", "")
                _refuse_more(len(links))

        def sheet(name: str, said: dict[str, str]) -> None:
            if name == "sheet":
                target = links.get(next((value for key, value in said.items() if key.endswith(":id")), ""), "")
                sheets.append(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else "")
                _refuse_more(len(sheets))

        self._parse(_LINKS, link)
        self._parse(_WORKBOOK, sheet)
        return sheets

    def _cells(self, part: str) -> Iterator[tuple[int, int, Style]]:
        """(row, column, what is shown) of each cell in such a format, as they stand in the sheet."""
        found, row, column = list[tuple[int, int, Style]](), -1, -1

        def start(name: str, said: dict[str, str]) -> None:
            nonlocal row, column
            if name == "row":
                row, column = (int(said["r"][:9]) - 1 if said.get("r", "").isdecimal() else row + 1), -1
            elif name == "c":
                if place := _PLACE.match(said.get("r", "")):
                    column, row = column_number(place[1].encode()) - 1, int(place[2]) - 1
                else:
                    column += 1
                if (style := self._shown.get(said.get("s", "0"))) is not None:
                    found.append((row, column, style))

        for _ in self._fed(part, start):
            yield from found
            found.clear()

    def _parse(self, part: str, start: Start) -> None:
        for _ in self._fed(part, start):
            pass

    def _fed(self, part: str, start: Start) -> Iterator[None]:
        """Parse a part; what is called with each element's name and attributes may be looked at after each block."""
        parser = expat.ParserCreate()
        # Office never writes a DTD, and without one there are no entities to grow or to fetch.
        parser.StartDoctypeDeclHandler = _refuse_dtd
        parser.StartElementHandler = partial(_without_prefix, start)
        with _damage():
            for block in self._blocks(part):
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
        yield

    def _blocks(self, part: str) -> Iterator[bytes]:
        if (name := self._names.get(part.lower())) is None:
            return
        with _damage(), zipfile.ZipFile(self._path) as archive, archive.open(name) as file:
            while block := file.read(BLOCK):
                yield block


def _style(code: str) -> Style | None:
    return len(code) if _ZEROS.match(code) else number_format(code)


def _without_prefix(start: Start, name: str, said: dict[str, str]) -> None:
    start(name.rpartition(":")[2], said)


def _refuse_dtd(*_: object) -> None:
    raise SourceError("workbook_damaged")


def _refuse_more(*counts: int) -> None:
    if max(counts) > _MOST:
        raise SourceError("workbook_too_large", limit=_MOST)


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (expat.ExpatError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise SourceError("workbook_damaged") from error
