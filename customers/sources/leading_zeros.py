"""The zeros that only the format of a number shows in front: 17 in the format 00000 is 00017, as on the screen.

calamine says what a cell holds, not how it is shown. So where a workbook has such formats, and only there, its sheet is
read a second time for which cells use them, row by row beside the first.
"""

import datetime
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from xml.parsers import expat

from .archives import BLOCK
from .problems import SourceError
from .rows import column_number

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta

# As calamine has them: fixed, in any case.
_STYLES, _WORKBOOK, _LINKS = "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_ZEROS = re.compile(r"0{2,255}\Z")
_SEEN = re.compile(rb"formatCode\s*=\s*[\"']0{2,255}[\"']")
_LONGEST_SEEN = 400
_MOST = 65_536  # styles, sheets or links of a workbook: Excel itself makes no more
_WHOLE = 10**15  # a spreadsheet keeps 15 digits
_PLACE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,9})\Z")

Start = Callable[[str, dict[str, str]], None]


class ShownDigits:
    """How many digits the cells of a sheet show at least; rows are asked for one after the other."""

    def __init__(self, cells: Iterator[tuple[int, int, int]]) -> None:
        self._cells = cells
        self._next = next(cells, None)

    def fill(self, row: int, first_column: int, values: list[Cell]) -> None:
        """Put the zeros before the numbers of the row. Rows and columns count from 0; values begin at first_column."""
        while self._next and self._next[0] <= row:
            (at, column, digits), self._next = self._next, next(self._cells, None)
            place = column - first_column
            if at == row and 0 <= place < len(values):
                values[place] = _shown(values[place], digits)


def _shown(value: Cell, digits: int) -> Cell:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if not float(value).is_integer() or abs(value) >= _WHOLE:
        return value
    return f"{'-' if value < 0 else ''}{abs(int(value)):0{digits}}"


class ZeroFormats:
    """The formats of zeros only in a workbook: a plain archive, whose size has been bounded."""

    def __init__(self, workbook: Path) -> None:
        self._path = workbook
        with _damage(), zipfile.ZipFile(workbook) as archive:
            self._names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
        self._digits = self._styles() if self._has_any() else {}
        self._sheets = self._parts() if self._digits else []

    def of_sheet(self, at: int) -> ShownDigits | None:
        """What the sheet at this place of the workbook shows, from its first row on; None for a usual workbook."""
        part = self._sheets[at] if at < len(self._sheets) else ""
        return ShownDigits(self._cells(part)) if part else None

    def _has_any(self) -> bool:
        before = b""
        for block in self._blocks(_STYLES):
            if _SEEN.search(before + block):
                return True
            before = block[-_LONGEST_SEEN:]
        return False

    def _styles(self) -> dict[str, int]:
        """Number of a cell's style → how many digits it shows."""
        formats, styles, within, count = dict[str, int](), dict[str, int](), "", 0

        def start(name: str, said: dict[str, str]) -> None:
            nonlocal within, count
            if name in ("numFmts", "cellXfs", "cellStyleXfs", "dxfs"):
                within = name
            elif name == "numFmt" and within == "numFmts" and _ZEROS.match(code := said.get("formatCode", "")):
                formats[said.get("numFmtId", "")] = len(code)
            elif name == "xf" and within == "cellXfs":
                if (digits := formats.get(said.get("numFmtId", ""))) is not None:
                    styles[str(count)] = digits
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

    def _cells(self, part: str) -> Iterator[tuple[int, int, int]]:
        """(row, column, digits) of each cell in such a format, as they stand in the sheet."""
        found, row, column = list[tuple[int, int, int]](), -1, -1

        def start(name: str, said: dict[str, str]) -> None:
            nonlocal row, column
            if name == "row":
                row, column = (int(said["r"][:9]) - 1 if said.get("r", "").isdecimal() else row + 1), -1
            elif name == "c":
                if place := _PLACE.match(said.get("r", "")):
                    column, row = column_number(place[1].encode()) - 1, int(place[2]) - 1
                else:
                    column += 1
                if digits := self._digits.get(said.get("s", "0")):
                    found.append((row, column, digits))

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
